/** The store of output: keeps every byte that steps print, by workflow, step and attempt, in files beside the state, and announces it once it is there. */

import { join } from "node:path";
import { SyncError, shuttingDown } from "../../shared/errors.js";
import { Listeners } from "../../shared/listeners.js";
import { Disk, errorCode, type FileSystem } from "../machine/disk.js";
import { systemFiles } from "../machine/systemFiles.js";
import { holdersOf } from "./holders.js";
import { momentOf } from "./indexRecords.js";
import { OpenFiles } from "./openFiles.js";
import type { AppendConditions, Appended, Chunk, Output } from "./output.js";
import { LOGS_FOLDER, OutputEpochs } from "./outputEpochs.js";
import { OutputFolder, openSegment } from "./outputFolder.js";
import type { OutputStoreOptions } from "./outputStoreOptions.js";
import type { OwnerChange, WorkflowEpoch } from "./owners.js";
import { goalBelow, makeRoom } from "./room.js";
import { planFor, type SegmentPlan } from "./segments.js";
import { TimesMemory } from "./timesMemory.js";
import type { TimedPart } from "./timesReader.js";
import { WorkflowOutput } from "./workflowOutput.js";

/** Names the output of one attempt of a step. */
export interface OutputName extends WorkflowEpoch {
  readonly step: number;
  readonly attempt: number;
}

const MOST_OPEN_FILES = 128;
const FOLDERS_READ_AT_ONCE = 8;
/** The name of a workflow's folder; any other folder is left alone. */
const FOLDER_NAME = /-[0-9a-f]{24}\.[^.]+$/;

export class OutputStore {
  readonly #options: OutputStoreOptions;
  readonly #root: string;
  readonly #fs: FileSystem;
  readonly #plan: SegmentPlan;
  readonly #files: OpenFiles;
  /** By their folders' names. */
  readonly #kept = new Map<string, WorkflowOutput>();
  readonly #epochs = new OutputEpochs();
  readonly #timesMemory = new TimesMemory();
  /** On the disk, of all workflows. */
  #bytes = 0;
  #makingRoom: Promise<void> | null = null;
  readonly #listeners: Listeners<OutputName>;
  readonly #busy = new Set<Promise<unknown>>();
  readonly #stopListening: () => void;
  #isClosed = false;

  /** Reads what is there, and removes what belongs to no workflow, unless a damaged record may be its owner. The caller holds the folder's lock. */
  static async open(options: OutputStoreOptions): Promise<OutputStore> {
    const outputs = new OutputStore(options);
    await new Disk(outputs.#fs).makeFolder(outputs.#root);
    const owners = new Map(
      [...options.commits.store.open.values(), ...options.commits.store.history.values()]
        .filter(({ state }) => state !== null)
        .map((owner) => {
          if (owner.output_epoch !== undefined) outputs.#epochs.adopt(owner, owner.output_epoch);
          return [outputs.#epochs.folderName(owner), owner];
        }),
    );
    // The output of a damaged record has no owner now, and stays, as the record's file does.
    const isOrphan = (name: string) => FOLDER_NAME.test(name) && !options.isSpared?.(name);
    const names = await outputs.#fs.readdir(outputs.#root);
    const readNext = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        const owner = owners.get(name);
        const unread = (error: unknown) => options.onUnreadable?.(error, name);
        if (owner) await outputs.#keptFor(owner).load().catch(unread);
        else if (isOrphan(name)) await outputs.#remove(outputs.#folder(name), name);
      }
    };
    await Promise.all(Array.from({ length: FOLDERS_READ_AT_ONCE }, readNext));
    await outputs.#keepWithin();
    return outputs;
  }

  private constructor(options: OutputStoreOptions) {
    const { dataDir, commits, limits, fileSystem } = options;
    this.#options = options;
    this.#listeners = new Listeners(options.onListenerFailure ?? (() => {}));
    this.#root = join(dataDir, LOGS_FOLDER);
    this.#fs = fileSystem ?? systemFiles;
    this.#plan = planFor(
      Math.min(limits.outputBytes, limits.outputWorkflowBytes, limits.outputTotalBytes),
    );
    this.#files = new OpenFiles(openSegment(this.#fs), MOST_OPEN_FILES);
    this.#stopListening = commits.listen("memory", (change) => this.#see(change));
  }

  /**
   * Resolves once the bytes are in the file and were announced: a crash of this process cannot take them back. Rejects with SyncError
   * `offset_moved`, `not_saved` or `storage_full`; then nothing of them stays.
   */
  async append(
    name: OutputName,
    bytes: Uint8Array,
    conditions: Omit<AppendConditions, "cameAt"> = {},
  ): Promise<Appended> {
    this.#checkOpen();
    const { elapsed, now } = this.#options;
    const kept = this.#keptFor(name);
    // The time at which the bytes came, and not that of their turn.
    const timed = now ? { ...conditions, cameAt: momentOf(now()) } : conditions;
    const appending = kept.append(name.step, name.attempt, bytes, timed, () => {
      kept.lastAppend = elapsed();
      this.#listeners.tell(name);
    });
    const saving = this.#saving(name, bytes.length, appending);
    return this.#whileBusy(saving.then((appended) => this.#keepWithin().then(() => appended)));
  }

  /** When this workflow's steps last printed something, in elapsed time; null where nothing was since the start. */
  lastAppend(owner: WorkflowEpoch): number | null {
    return this.#kept.get(this.#epochs.folderName(owner))?.lastAppend ?? null;
  }

  /** As in `OutputPort`. */
  async adopt(owner: WorkflowEpoch, from: string): Promise<void> {
    this.#checkOpen();
    this.#epochs.adopt(owner, from);
    if (this.#kept.has(this.#epochs.folderName(owner))) return;
    const loading = this.#keptFor(owner).load();
    await this.#whileBusy(
      loading.catch((error) => {
        // A workflow that printed nothing has no folder.
        if (errorCode(error) !== "ENOENT") this.#failed(error, this.#epochs.folderName(owner));
      }),
    );
  }

  /** Called in the turn in which more became readable. */
  listen(listener: (grown: OutputName) => void): () => void {
    return this.#listeners.listen(listener);
  }

  /** Where an output ends: 0 where there is none. */
  next(name: OutputName): number {
    return this.#find(name)?.next ?? 0;
  }

  /** The attempts of a step that printed something, in order. */
  attempts(owner: WorkflowEpoch, step: number): number[] {
    return this.#kept.get(this.#epochs.folderName(owner))?.attempts(step) ?? [];
  }

  /** At most `most` bytes from `from` on, or from the first after it that is there; none at the end. */
  async read(name: OutputName, from: number, most: number): Promise<Chunk> {
    this.#checkOpen();
    const output = this.#find(name);
    if (!output) return { from, next: from, bytes: Buffer.alloc(0), skipped: 0, endsAtGap: false };
    return this.#whileBusy(output.read(from, most));
  }

  /** When the bytes between two offsets came: at most `most` entries, from where the first offset is to where the part ends. */
  async times(name: OutputName, from: number, to: number, most: number): Promise<TimedPart> {
    this.#checkOpen();
    const output = this.#find(name);
    return output ? this.#whileBusy(output.times(from, to, most)) : { times: [], next: from };
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
  async flush(owner: WorkflowEpoch): Promise<void> {
    const kept = this.#kept.get(this.#epochs.folderName(owner));
    if (kept && !kept.isFlushed) await this.#whileBusy(this.#saving(owner, 0, kept.flush()));
  }

  /** Refuses what comes from now on; resolves when nothing here touches the disk any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
    await this.#files.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw shuttingDown();
  }

  #see(change: OwnerChange): void {
    if (change.kind === "archived") return;
    if (change.kind === "committed" && change.after.state !== null) return;
    const gone = change.kind === "committed" ? change.after : change.before;
    const folder = this.#epochs.folderName(gone);
    this.#epochs.forget(gone);
    const kept = this.#kept.get(folder);
    if (!kept) return;
    this.#kept.delete(folder);
    void this.#whileBusy(this.#remove(kept, folder));
  }

  async #saving<T>(owner: WorkflowEpoch, bytes: number, run: Promise<T>): Promise<T> {
    try {
      return await run;
    } catch (error) {
      const cause = error instanceof SyncError ? error.cause : undefined;
      if (cause !== undefined)
        this.#options.diskListener?.refused(
          join(this.#root, this.#epochs.folderName(owner)),
          cause,
          bytes,
        );
      throw error;
    }
  }

  #remove(it: Pick<OutputFolder, "remove">, folder: string): Promise<void> {
    return it.remove().catch((error) => this.#failed(error, folder));
  }

  /** Never rejects: the appended bytes are kept, also where no room could be made. */
  async #keepWithin(): Promise<void> {
    const { commits, limits } = this.#options;
    const { outputTotalBytes } = limits;
    if (this.#bytes <= outputTotalBytes) return;
    this.#makingRoom ??= makeRoom(
      holdersOf(commits.store, (owner) => this.#kept.get(this.#epochs.folderName(owner))),
      () => this.#bytes,
      goalBelow(outputTotalBytes),
    ).finally(() => {
      this.#makingRoom = null;
    });
    await this.#makingRoom.catch((error) => this.#failed(error, LOGS_FOLDER));
  }

  #find(name: OutputName): Output | undefined {
    return this.#kept.get(this.#epochs.folderName(name))?.find(name.step, name.attempt);
  }

  #keptFor(owner: WorkflowEpoch): WorkflowOutput {
    const name = this.#epochs.folderName(owner);
    let kept = this.#kept.get(name);
    if (!kept) {
      const { limits, onTimesFailure } = this.#options;
      kept = new WorkflowOutput({
        folder: this.#folder(name),
        plan: this.#plan,
        mostBytes: limits.outputWorkflowBytes,
        mostAttempts: limits.outputAttempts,
        grew: (bytes) => {
          this.#bytes += bytes;
          this.#options.onGrowth?.(bytes);
        },
        failed: (error) => this.#failed(error, name),
        timesMemory: this.#timesMemory,
        timesFailed: (error) => onTimesFailure?.(error, name),
      });
      this.#kept.set(name, kept);
    }
    return kept;
  }

  #folder(name: string): OutputFolder {
    return new OutputFolder(join(this.#root, name), this.#fs, this.#files, this.#options.prove);
  }

  #failed(error: unknown, folder: string): void {
    this.#options.onFailure?.(error, folder);
  }

  #whileBusy<T>(run: Promise<T>): Promise<T> {
    this.#busy.add(run);
    return run.finally(() => this.#busy.delete(run));
  }
}
