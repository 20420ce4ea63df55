/** Reads the output that other nodes of the cluster keep in the folder that all of them share; nothing there is made, changed or removed. */
import { constants } from "node:fs";
import { join } from "node:path";
import { shuttingDown } from "../../../shared/errors.js";
import { attemptOf } from "../../../shared/state/attempt.js";
import { stepAtIndex } from "../../../shared/state/stepPlace.js";
import { isNodeName } from "../../cluster/nodeName.js";
import { Disk, errorCode, type FileSystem } from "../../machine/disk.js";
import { systemFiles } from "../../machine/systemFiles.js";
import { OpenFiles } from "../openFiles.js";
import { LOGS_FOLDER, OutputEpochs } from "../outputEpochs.js";
import type { LiveOwner } from "../owners.js";
import { SharedOutput } from "./sharedOutput.js";

/** An owner, with the epoch under which its output is kept where it was restored. */
export type SharedOwner = LiveOwner & { readonly output_epoch?: string | undefined };

export interface SharedOutputsParts {
  /** The one that all nodes see. */
  readonly folder: string;
  readonly fileSystem?: FileSystem;
  /** Hears of times that cannot be read. */
  readonly onTimesFailure?: (error: unknown, folder: string) => void;
}

/** Open at once; none stays open when it was read, as its node may remove it. */
const MOST_OPEN_FILES = 32;
/** Never through a link that somebody planted, and never waiting for the other end of a pipe. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export class SharedOutputs {
  readonly #parts: SharedOutputsParts;
  readonly #fs: FileSystem;
  readonly #files: OpenFiles;
  readonly #busy = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(parts: SharedOutputsParts) {
    this.#parts = parts;
    this.#fs = parts.fileSystem ?? systemFiles;
    this.#files = new OpenFiles((path) => this.#fs.open(path, READ), MOST_OPEN_FILES);
  }

  /**
   * One attempt's output as it is now in the folder of its node. Null where that node keeps none in the shared folder, or not what the state says was printed.
   * Rejects with what the disk said.
   */
  async open(
    node: string,
    owner: SharedOwner,
    step: number,
    attempt: number,
  ): Promise<SharedOutput | null> {
    if (!isNodeName(node)) return null;
    const logs = join(this.#parts.folder, node, LOGS_FOLDER);
    const epochs = new OutputEpochs();
    if (owner.output_epoch !== undefined) epochs.adopt(owner, owner.output_epoch);
    const name = epochs.folderName(owner);
    const output = new SharedOutput({
      ...{ folder: join(logs, name), step, attempt },
      ...{ list: (path) => this.#list(path), disk: new Disk(this.#fs) },
      use: (path, run) => this.#whileBusy(() => this.#use(path, run)),
      timesFailed: (error) => this.#parts.onTimesFailure?.(error, name),
    });
    await this.#whileBusy(() => output.look());
    if (output.next() > 0) return output;
    if (reportedBytes(owner, step, attempt) > 0) return null;
    return (await this.#list(logs)) === null ? null : output;
  }

  /** Resolves when nothing here touches the disk any more; what is read then is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
    await this.#files.close();
  }

  async #use<T>(path: string, run: Parameters<OpenFiles["use"]>[2]): Promise<T> {
    try {
      return (await this.#files.use(path, false, run)) as T;
    } finally {
      this.#files.forget(path);
    }
  }

  /** Null where there is no such folder. */
  #list(path: string): Promise<string[] | null> {
    return this.#whileBusy(() =>
      this.#fs.readdir(path).catch((error: unknown) => {
        if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return null;
        throw error;
      }),
    );
  }

  #whileBusy<T>(run: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(shuttingDown());
    const running = run();
    this.#busy.add(running);
    return running.finally(() => this.#busy.delete(running));
  }
}

/** How much the attempt printed, as far as its end was reported. */
export function reportedBytes({ state }: LiveOwner, index: number, attempt: number): number {
  const step = stepAtIndex(state, index);
  if (!step) return 0;
  if (attemptOf(step) === attempt) return step.log_bytes ?? 0;
  return (step.attempts ?? []).find((one) => one.attempt === attempt)?.log_bytes ?? 0;
}
