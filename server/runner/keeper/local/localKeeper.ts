/** Commands in the hands of keepers on this machine: starts one, or takes up one that an earlier server has started. */
import { hostname } from "node:os";
import type { GroupEndingOptions } from "../../process/groupEnding.js";
import type { ProcessTools } from "../../process/processGroup.js";
import { whyNotStarted } from "../../programs/notStarted.js";
import type {
  CommandEnding,
  Keeper,
  KeptEnd,
  KeptProcess,
  SpoolPiece,
  SpoolPlace,
} from "../keeper.js";
import { CommandWatch, type CommandWatchOptions } from "./commandWatch.js";
import { FolderNews } from "./folderNews.js";
import { type KeeperPrograms, keeperPrograms } from "./keeperPrograms.js";
import { LocalEnding } from "./localEnding.js";
import { placeOf } from "./papers.js";
import { removeFolder } from "./removeFolder.js";
import { Spool } from "./spool.js";
import { SpoolReader } from "./spoolReader.js";
import { type KeptCommand, layOut, spawnKeeper } from "./startedKeeper.js";
import { keeperProcesses } from "./whoIsThere.js";

/** Whether a command can be kept on this machine. */
export const keepersWorkHere = (): boolean => keeperPrograms() !== null;

/** Its folder exists, and only this user may enter it. */
export function startLocalKeeper(
  folder: string,
  command: KeptCommand,
  tools: ProcessTools,
  programs: KeeperPrograms | null = keeperPrograms(),
): Keeper {
  const whyNot = (error: string) => whyNotStarted(command, error);
  const keeper = new LocalKeeper({
    folder,
    tools,
    mark: command.mark,
    whyNotBegun: (status) => (status === CANNOT_EXECUTE ? whyNot("E2BIG") : null),
    isChild: true,
  });
  try {
    layOut(folder, command);
    if (programs === null) throw new Error("no keeper can be started on this machine");
    const child = spawnKeeper(folder, command, programs);
    child.once("error", (error) => keeper.neverBegan(whyNot(error.message)));
    child.once("exit", () => keeper.childEnded());
    child.unref();
  } catch (error) {
    // Node throws for some reasons, such as too long a list of arguments.
    keeper.neverBegan(whyNot((error as Error).message));
  }
  return keeper;
}

/** Over a folder that an earlier server has left. */
export const takeUpLocalKeeper = (folder: string, tools: ProcessTools): Keeper => {
  const keeper = new LocalKeeper({
    ...{ folder, tools, mark: markIn(folder) },
    whyNotBegun: () => null,
    isChild: false,
  });
  keeper.look();
  return keeper;
};

/** As a shell says it of \`setsid\`: mostly as the arguments are too many with its own. */
const CANNOT_EXECUTE = 126;

/** Null where it cannot be read: then only those are ended that are left in the command's group. */
function markIn(folder: string): string | null {
  try {
    return placeOf(folder)?.mark ?? null;
  } catch {
    return null;
  }
}

const PIECE = /^(?:in|out)\.\d+$/;
const OF_OUTPUT = /^(?:in|out|left|past|eof|room|drop)\b/;

class LocalKeeper implements Keeper {
  readonly #folder: string;
  readonly #tools: ProcessTools;
  readonly #watch: CommandWatch;
  readonly #spool: Spool;
  readonly #reader: SpoolReader;
  readonly #news: FolderNews;
  readonly begun: Promise<KeptProcess | null>;
  readonly ended: Promise<KeptEnd>;

  constructor(options: CommandWatchOptions) {
    const { folder, tools } = options;
    this.#folder = folder;
    this.#tools = tools;
    this.#watch = new CommandWatch(options);
    this.#spool = new Spool(folder);
    this.#reader = new SpoolReader(this.#spool, tools.clock);
    this.#news = new FolderNews(folder, tools.clock, (file, event) => this.#onNews(file, event));
    this.ended = this.#watch.ended;
    this.begun = this.#watch.running.then(
      (run) =>
        run && {
          machine: hostname(),
          pid: run.command.pid,
          since: new Date(run.at).toISOString(),
        },
    );
  }

  look(): void {
    this.#onNews(null, "rename");
  }

  childEnded(): void {
    this.#watch.childEnded();
    this.#reader.tell("changed");
  }

  neverBegan(why: string): void {
    this.#watch.neverBegan(why);
    this.#reader.tell("final");
  }

  ranMs(): number | null {
    return this.#watch.ranMs();
  }

  read(from: SpoolPlace, most: number, signal: AbortSignal): Promise<SpoolPiece | null> {
    return this.#reader.read(from, most, signal);
  }

  waitedMs(): number {
    return this.#reader.waitedMs;
  }

  async release(before: SpoolPlace): Promise<void> {
    this.#spool.release(before);
  }

  ending(options: GroupEndingOptions): CommandEnding {
    return new LocalEnding(this.#watch.running, this.#tools, options);
  }

  async leave(): Promise<void> {
    this.#news.stop();
    await this.#reader.leave();
  }

  async remove(): Promise<void> {
    await this.leave();
    await removeFolder(this.#folder, this.#tools.clock);
  }

  #onNews(file: string | null, event: "change" | "rename"): void {
    // By far the most of the news.
    const isMoreOutput = event === "change" && file !== null && PIECE.test(file);
    if (isMoreOutput) return this.#reader.tell("more");
    if (file === null || !OF_OUTPUT.test(file)) this.#watch.look();
    this.#reader.tell(file === null && this.#isWriterGone() ? "final" : "changed");
  }

  /** It says itself that no more comes, but where it was killed. */
  #isWriterGone(): boolean {
    if (!this.#watch.isOver || !this.#reader.isWaiting) return false;
    try {
      return keeperProcesses(this.#folder).length === 0;
    } catch {
      return false;
    }
  }
}
