/** What the steps printed, by workflow, step and attempt: kept in files beside the state, announced once it is there. */

import * as nodeFileSystem from "node:fs/promises";
import { join } from "node:path";
import { SyncError } from "../../shared/errors.js";
import { Announcer } from "../state/announcer.js";
import type { Commits } from "../state/commits.js";
import { Disk, type DiskEar, errorCode, type FileSystem } from "../state/disk.js";
import type { Committed } from "../state/store.js";
import { holdersOf } from "./holders.js";
import { LogFolder, openSegment } from "./logFolder.js";
import type { LogsOptions } from "./logsOptions.js";
import { OpenFiles } from "./openFiles.js";
import type { AppendConditions, Appended, Chunk, Output } from "./output.js";
import { type Life, OutputLives } from "./outputLives.js";
import { goalBelow, makeRoom, type OutputLimits } from "./room.js";
import { planFor, type SegmentPlan } from "./segments.js";
import { WorkflowLogs } from "./workflowLogs.js";

export type { Life } from "./outputLives.js";

export interface OutputName extends Life {
  readonly step: number;
  readonly attempt: number;
}

const FOLDER = "logs";
const MOST_OPEN_FILES = 128;
const FOLDERS_READ_AT_ONCE = 8;
const NO_BYTES = Buffer.alloc(0);
/** Of a folder of ours; another one in our place is left alone. */
const FOLDER_NAME = /-[0-9a-f]{24}\.[^.]+$/;

export class Logs {
  readonly #root: string;
  readonly #fs: FileSystem;
  readonly #plan: SegmentPlan;
  readonly #elapsed: () => number;
  readonly #files: OpenFiles;
  readonly #prove: (() => Promise<void>) | undefined;
  readonly #onFailure: (error: unknown, folder: string) => void;
  readonly #ear: Pick<DiskEar, "refused"> | undefined;
  readonly #commits: Commits;
  readonly #limits: OutputLimits;
  /** By their folders' names. */
  readonly #kept = new Map<string, WorkflowLogs>();
  readonly #lives = new OutputLives();
  /** On the disk, of all workflows. */
  #bytes = 0;
  #makingRoom: Promise<void> | null = null;
  readonly #announcer: Announcer<OutputName>;
  readonly #busy = new Set<Promise<unknown>>();
  readonly #stopListening: () => void;
  #isClosed = false;

  /** Reads what is there, and removes what belongs to no workflow, unless a damaged record may be its owner. The caller holds the folder's lock. */
  static async open(options: LogsOptions): Promise<Logs> {
    const logs = new Logs(options);
    await new Disk(logs.#fs).makeFolder(logs.#root);
    const lives = new Map(
      [...options.commits.store.open.values(), ...options.commits.store.history.values()]
        .filter(({ state }) => state !== null)
        .map((life) => {
          if (life.output_epoch !== undefined) logs.#lives.adopt(life, life.output_epoch);
          return [logs.#lives.folderName(life), life];
        }),
    );
    // What a damaged record printed has no owner now, and is as little ours to delete as the record is.
    const isOrphan = (name: string) => FOLDER_NAME.test(name) && !options.isSpared?.(name);
    const names = await logs.#fs.readdir(logs.#root);
    const readNext = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        const life = lives.get(name);
        const unread = (error: unknown) => options.onUnreadable?.(error, name);
        if (life) await logs.#keptFor(life).load().catch(unread);
        else if (isOrphan(name)) await logs.#remove(logs.#folder(name), name);
      }
    };
    await Promise.all(Array.from({ length: FOLDERS_READ_AT_ONCE }, readNext));
    await logs.#keepWithin();
    return logs;
  }

  private constructor(options: LogsOptions) {
    const { dataDir, commits, limits, elapsed, fileSystem, prove, onFailure } = options;
    this.#commits = commits;
    this.#limits = limits;
    this.#announcer = new Announcer(options.onListenerFailure ?? (() => {}));
    this.#elapsed = elapsed;
    this.#root = join(dataDir, FOLDER);
    this.#fs = fileSystem ?? nodeFileSystem;
    this.#prove = prove;
    this.#plan = planFor(
      Math.min(limits.outputBytes, limits.outputWorkflowBytes, limits.outputTotalBytes),
    );
    this.#files = new OpenFiles(openSegment(this.#fs), MOST_OPEN_FILES);
    this.#onFailure = onFailure ?? (() => {});
    this.#ear = options.ear;
    this.#stopListening = commits.listen("memory", (change) => this.#see(change));
  }

  /**
   * Resolves once the bytes are in the file and were announced: a crash of this process cannot take them back. Rejects with SyncError
   * `offset_moved`, `not_saved` or `storage_full`; then nothing of them stays.
   */
  async append(
    name: OutputName,
    bytes: Uint8Array,
    conditions: AppendConditions = {},
  ): Promise<Appended> {
    this.#checkOpen();
    const kept = this.#keptFor(name);
    const appending = kept.append(name.step, name.attempt, bytes, conditions, () => {
      kept.lastAppend = this.#elapsed();
      this.#announcer.announce(name);
    });
    const saving = this.#saving(name, bytes.length, appending);
    return this.#whileBusy(saving.then((appended) => this.#keepWithin().then(() => appended)));
  }

  /** When this workflow's steps last printed something, in elapsed time; null where nothing was since the start. */
  lastAppend(life: Life): number | null {
    return this.#kept.get(this.#lives.folderName(life))?.lastAppend ?? null;
  }

  /** As in `Outputs`. */
  async adopt(life: Life, from: string): Promise<void> {
    this.#checkOpen();
    this.#lives.adopt(life, from);
    if (this.#kept.has(this.#lives.folderName(life))) return;
    const loading = this.#keptFor(life).load();
    await this.#whileBusy(
      loading.catch((error) => {
        // A life that printed nothing has no folder.
        if (errorCode(error) !== "ENOENT") this.#onFailure(error, this.#lives.folderName(life));
      }),
    );
  }

  /** Called in the turn in which more became readable. */
  listen(listener: (grown: OutputName) => void): () => void {
    return this.#announcer.listen(listener);
  }

  /** Where an output ends: 0 where there is none. */
  next(name: OutputName): number {
    return this.#find(name)?.next ?? 0;
  }

  /** The attempts of a step that printed something, in order. */
  attempts(life: Life, step: number): number[] {
    return this.#kept.get(this.#lives.folderName(life))?.attempts(step) ?? [];
  }

  /** At most `most` bytes from `from` on, or from the first after it that is there; none at the end. */
  async read(name: OutputName, from: number, most: number): Promise<Chunk> {
    this.#checkOpen();
    const output = this.#find(name);
    if (!output) return { from, next: from, bytes: NO_BYTES, skipped: 0, endsAtGap: false };
    return this.#whileBusy(output.read(from, most));
  }

  /** Where the newest `bytes` begin, from a line's start. */
  async tailStart(name: OutputName, bytes: number): Promise<number> {
    this.#checkOpen();
    const output = this.#find(name);
    return output ? this.#whileBusy(output.tailStart(bytes)) : 0;
  }

  /** Whether nothing between the two offsets was left out. */
  hasAll(name: OutputName, from: number, next: number): boolean {
    return this.#find(name)?.hasAll(from, next) ?? from >= next;
  }

  /** Resolves when what this workflow's steps printed so far survives a power cut, too. */
  async flush(life: Life): Promise<void> {
    const kept = this.#kept.get(this.#lives.folderName(life));
    if (kept && !kept.isFlushed) await this.#whileBusy(this.#saving(life, 0, kept.flush()));
  }

  /** Refuses what comes from now on; resolves when nothing here touches the disk any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
    await this.#files.close();
  }

  #checkOpen(): void {
    if (this.#isClosed)
      throw new SyncError("shutting_down", "the server is stopping", { retryAfter: 1 });
  }

  #see(change: Committed): void {
    if (change.kind === "archived") return;
    if (change.kind === "committed" && change.after.state !== null) return;
    const gone = change.kind === "committed" ? change.after : change.before;
    const folder = this.#lives.folderName(gone);
    this.#lives.forget(gone);
    const kept = this.#kept.get(folder);
    if (!kept) return;
    this.#kept.delete(folder);
    void this.#whileBusy(this.#remove(kept, folder));
  }

  async #saving<T>(life: Life, bytes: number, run: Promise<T>): Promise<T> {
    try {
      return await run;
    } catch (error) {
      const cause = error instanceof SyncError ? error.cause : undefined;
      if (cause !== undefined)
        this.#ear?.refused(join(this.#root, this.#lives.folderName(life)), cause, bytes);
      throw error;
    }
  }

  async #remove(it: Pick<LogFolder, "remove">, folder: string): Promise<void> {
    try {
      await it.remove();
    } catch (error) {
      this.#onFailure(error, folder);
    }
  }

  /** Whatever comes of it, what was appended is kept. */
  async #keepWithin(): Promise<void> {
    const { outputTotalBytes } = this.#limits;
    if (this.#bytes <= outputTotalBytes) return;
    this.#makingRoom ??= makeRoom(
      holdersOf(this.#commits.store, (life) => this.#kept.get(this.#lives.folderName(life))),
      () => this.#bytes,
      goalBelow(outputTotalBytes),
    ).finally(() => {
      this.#makingRoom = null;
    });
    await this.#makingRoom.catch((error) => this.#onFailure(error, FOLDER));
  }

  #find(name: OutputName): Output | undefined {
    return this.#kept.get(this.#lives.folderName(name))?.find(name.step, name.attempt);
  }

  #keptFor(life: Life): WorkflowLogs {
    const name = this.#lives.folderName(life);
    let kept = this.#kept.get(name);
    if (!kept) {
      kept = new WorkflowLogs({
        folder: this.#folder(name),
        plan: this.#plan,
        mostBytes: this.#limits.outputWorkflowBytes,
        mostAttempts: this.#limits.outputAttempts,
        grew: (bytes) => {
          this.#bytes += bytes;
        },
        failed: (error) => this.#onFailure(error, name),
      });
      this.#kept.set(name, kept);
    }
    return kept;
  }

  #folder(name: string): LogFolder {
    return new LogFolder(join(this.#root, name), this.#fs, this.#files, this.#prove);
  }

  async #whileBusy<T>(run: Promise<T>): Promise<T> {
    this.#busy.add(run);
    try {
      return await run;
    } finally {
      this.#busy.delete(run);
    }
  }
}
