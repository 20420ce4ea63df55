/** The port to a command that runs on another machine: it goes on there while the link is gone, and while this process is. */
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import type { GroupEndingOptions } from "../../process/groupEnding.js";
import type {
  CommandEnding,
  Keeper,
  KeptEnd,
  KeptProcess,
  LinkNews,
  SpoolPiece,
  SpoolPlace,
} from "../keeper.js";
import type { FarConnection } from "../keptJob.js";
import { FarCommand } from "./farCommand.js";
import { FarEnding } from "./farEnding.js";
import type { FarLinks } from "./farLinks.js";
import { type FarStart, startText } from "./farStart.js";
import type { FarHost } from "./link/farHost.js";

export interface FarTools {
  readonly links: FarLinks;
}

/** Begins a command there. `folder` is its own on this machine; its name is that of the folder there. */
export function startFarKeeper(
  folder: string,
  connection: FarConnection,
  start: FarStart,
  tools: FarTools,
): Keeper {
  const keeper = new FarKeeper(folder, connection, tools);
  void keeper.command.start((programs) => startText(keeper.command.id, start, programs));
  return keeper;
}

/** Takes up a command that an earlier process has started there, or was about to. */
export function takeUpFarKeeper(
  folder: string,
  connection: FarConnection,
  tools: FarTools,
): Keeper {
  const keeper = new FarKeeper(folder, connection, tools);
  void keeper.command.takeUp();
  return keeper;
}

class FarKeeper implements Keeper {
  readonly command: FarCommand;
  readonly begun: Promise<KeptProcess | null>;
  readonly ended: Promise<KeptEnd>;
  readonly #folder: string;
  readonly #connection: FarConnection;
  readonly #links: FarLinks;
  readonly #host: FarHost;
  readonly #left = new AbortController();

  constructor(folder: string, connection: FarConnection, { links }: FarTools) {
    this.#folder = folder;
    this.#connection = connection;
    this.#links = links;
    this.#host = links.host(connection);
    const { clock } = links;
    const machine = connection.host;
    this.command = new FarCommand({ id: basename(folder), machine, host: this.#host, clock });
    this.begun = this.command.begun;
    this.ended = this.command.ended;
  }

  ranMs(): number | null {
    return this.command.ranMs();
  }

  read(from: SpoolPlace, most: number, signal: AbortSignal): Promise<SpoolPiece | null> {
    return this.command.output.read(from, most, AbortSignal.any([signal, this.#left.signal]));
  }

  async release({ segment }: SpoolPlace): Promise<void> {
    if (segment <= 1 || this.#left.signal.aborted) return;
    // Not waited for: what one link does not remove, the next release or the end does.
    void this.#host.run({ code: () => `free ${this.command.id} ${segment}` }, ONCE);
  }

  ending(options: GroupEndingOptions): CommandEnding {
    return new FarEnding(this.command, options);
  }

  onLink(listener: (news: LinkNews) => void): () => void {
    return this.#host.onLink(listener);
  }

  async handedOn(most: number): Promise<Buffer> {
    return this.command.handedOn.subarray(0, most);
  }

  async leave(): Promise<void> {
    this.#left.abort();
    this.command.leave();
  }

  async remove(): Promise<void> {
    await this.leave();
    const { id, mayBeThere, hasToEnd } = this.command;
    if (mayBeThere) await this.#links.remove(id, this.#connection, hasToEnd);
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }
}

const ONCE = { endsWhenBroken: true };
