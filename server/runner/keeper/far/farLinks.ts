/** The links of this process to other machines, one a machine and login, and the rests of commands that wait to be removed there. */
import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Clock } from "../../../../shared/clock.js";
import type { Environment } from "../../variables/environment.js";
import type { FarConnection } from "../keptJob.js";
import { FAR_PRELUDE } from "./farScript.js";
import { Leftovers } from "./leftovers.js";
import type { FarFrame } from "./link/answerReader.js";
import { FarHost } from "./link/farHost.js";

export interface FarLinksOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  chance(): number;
  /** Of ssh itself: where its agent is, and PATH. */
  readonly env: Environment;
  /** Where the rests are noted for the next process; null where there is no disk for that. */
  readonly leftovers: string | null;
}

/** A removal is tried so often in the life of one process. */
const MOST_TRIES = 3;
/** So long whoever wants a removal waits for it. */
const PATIENCE_MS = 2_000;

export class FarLinks {
  readonly clock: Clock;
  readonly #options: FarLinksOptions;
  readonly #hosts = new Map<string, FarHost>();
  readonly #leftovers: Leftovers;
  readonly #removing = new Set<string>();
  /** The same for all processes that use this folder, one after the other: none of them leaves a shell over there. */
  readonly #owner: string;
  #isClosed = false;

  constructor(options: FarLinksOptions) {
    this.#options = options;
    this.clock = options.clock;
    const { leftovers } = options;
    this.#owner = leftovers === null ? randomUUID() : `${hostname()} ${leftovers}`;
    this.#leftovers = new Leftovers(options.leftovers, options.clock.now());
  }

  host(connection: FarConnection): FarHost {
    const key = JSON.stringify(Object.entries(connection).sort());
    const known = this.#hosts.get(key);
    if (known) return known;
    const { clock, env, chance } = this.#options;
    const owner = createHash("sha256").update(`${this.#owner} ${key}`).digest("hex").slice(0, 16);
    const host = new FarHost({ connection, owner, prelude: FAR_PRELUDE, env, clock, chance });
    this.#hosts.set(key, host);
    return host;
  }

  /** Tries once more to remove what earlier processes could not. */
  cleanUp(): void {
    for (const { id, far, ends } of this.#leftovers.all) void this.remove(id, far, ends);
  }

  /**
   * Removes the folder of that command over there, and with `ends` ends what runs of it first. Resolves once that is done, or noted for later: while its machine is
   * not reached, the next process tries it again. Never rejects.
   */
  async remove(id: string, far: FarConnection, ends: boolean): Promise<void> {
    if (this.#removing.has(id)) return;
    this.#removing.add(id);
    this.#leftovers.add({ id, far, ends, since: this.clock.now() });
    const host = this.host(far);
    const settled = this.#removeNow(id, host, ends).finally(() => this.#removing.delete(id));
    // Noted it is by now.
    const patience = new Promise<void>((resolve) => void this.clock.after(PATIENCE_MS, resolve));
    await Promise.race([settled, patience]);
  }

  /** No link is left. What runs on other machines goes on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#hosts.values()].map((host) => host.close()));
  }

  async #removeNow(id: string, host: FarHost, ends: boolean): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES && !this.#isClosed; tries += 1)
      if (await this.#try(id, host, ends)) return this.#leftovers.forget(id);
  }

  async #try(id: string, host: FarHost, ends: boolean): Promise<boolean> {
    let isClean = false;
    const hear = ({ kind, words }: FarFrame) => {
      if (kind === "C" && words[0] === id) isClean = true;
    };
    await host.run(
      { code: () => `clean ${id} ${ends ? "ends" : "leaves"}`, hear },
      { endsWhenBroken: true },
    );
    return isClean;
  }
}
