/** The embedded store: one lowdb JSON file per workflow, ended ones in a folder of their own, and one journal in front of them all. */
import { Listeners } from "../../../shared/listeners.js";
import type { Disk } from "../../machine/disk.js";
import { Journal } from "../journal/journal.js";
import { Checkpoints, type Wanted } from "./checkpoints.js";
import { Damages } from "./damages.js";
import { encodeEntry, entryOf, type JournalEntry } from "./journalEntries.js";
import { type LoadedStore, loadStore } from "./loadStore.js";
import { notSaved } from "./notSaved.js";
import type { WorkflowRecord } from "./record.js";
import { RecordFiles } from "./recordFiles.js";
import { Restating } from "./restating.js";
import {
  type CommitListener,
  type Committed,
  type Damage,
  type Store,
  StoreConflict,
} from "./store.js";
import { historyPathOf, openPathOf, type StoreFolders, storeFolders } from "./storeFolders.js";

export interface FileStoreOptions {
  /** As that of a `Clock`. Without it, files follow the journal only when the store settles or closes. */
  readonly after?: (ms: number, run: () => void) => () => void;
  /** As `JournalParts.prove`; proven where missing. */
  readonly prove?: () => Promise<void> | undefined;
  /** Hears of lines of the journal that had been acknowledged, cannot be read, and do not say whose they were. */
  readonly onJournalDamage?: (lines: number) => void;
  /** As that of the journal. */
  readonly segmentBytes?: number;
}

/** The journal is closed, and removed, once nothing has been written for so long. */
const REST_MS = 2_000;

/** A change of the store, on its way. */
interface Change {
  /** The files that are to follow. */
  readonly files: readonly Wanted[];
  readonly entry: () => JournalEntry;
  /** Called once it is durable. */
  readonly take: () => Committed | null;
}

export class FileStore implements Store {
  readonly open: Map<string, WorkflowRecord>;
  readonly history: Map<string, WorkflowRecord>;
  readonly damages: Damages;
  readonly #folders: StoreFolders;
  readonly #journal: Journal;
  readonly #files: RecordFiles;
  readonly #checkpoints: Checkpoints;
  readonly #restating: Restating;
  readonly #listeners: Listeners<Committed>;
  readonly #after: (ms: number, run: () => void) => () => void;
  #cancelRest = () => {};
  /** Ids and epochs whose change is on its way. */
  readonly #changing = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** By id, the epochs of which the journal has changes that no record can take. */
  readonly #brokenHere: Map<string, string>;

  /**
   * Reads what exists, and puts the journal's changes on it. The caller holds the folder's lock. `now` stamps the names of damaged files; a listener that
   * throws is a bug, which `onListenerFailure` hears of; `elapsed` is a `Clock`'s. Rejects where the disk cannot give what was acknowledged.
   */
  static async load(
    disk: Disk,
    dataDir: string,
    now: () => number,
    onListenerFailure: (error: unknown) => void = () => {},
    elapsed: () => number = now,
    options: FileStoreOptions = {},
  ): Promise<FileStore> {
    const folders = storeFolders(dataDir);
    const damages = new Damages(disk, onListenerFailure);
    const loaded = await loadStore(disk, folders, damages, now, options.onJournalDamage);
    return new FileStore(disk, folders, loaded, onListenerFailure, elapsed, options);
  }

  private constructor(
    disk: Disk,
    folders: StoreFolders,
    loaded: LoadedStore,
    onListenerFailure: (error: unknown) => void,
    elapsed: () => number,
    options: FileStoreOptions,
  ) {
    this.open = loaded.open;
    this.history = loaded.history;
    this.damages = loaded.damages;
    this.#folders = folders;
    this.#listeners = new Listeners(onListenerFailure);
    this.#after = options.after ?? (() => () => {});
    this.#files = new RecordFiles(disk, elapsed, loaded);
    this.#journal = new Journal({
      prove: () => undefined,
      ...options,
      disk,
      folder: folders.journal,
      found: loaded.journal,
      onNewSegment: () => this.#restating.moveOn(),
    });
    this.#checkpoints = new Checkpoints({
      elapsed,
      after: options.after,
      write: (wanted) => this.#files.write(wanted),
      onWritten: () => this.#tidyJournal(),
    });
    this.#restating = new Restating(this.#journal, this.#checkpoints);
    const since = loaded.journal.segments[0]?.number ?? 0;
    for (const wanted of loaded.owed) this.#checkpoints.owe(wanted, since);
    for (const [id, entries] of loaded.pinned) this.#checkpoints.pin(id, entries, since);
    this.#brokenHere = new Map(loaded.broken);
    this.damages.forgetBy((id) => this.#forgetBroken(id));
    this.damages.listen(({ workflow_id }) => this.#checkpoints.unpin(workflow_id ?? ""));
  }

  get damaged(): readonly Damage[] {
    return this.damages.all;
  }

  commit(next: WorkflowRecord, base: WorkflowRecord | null): Promise<void> {
    const { workflow_id } = next;
    const path = openPathOf(this.#folders, workflow_id);
    const entry: JournalEntry = { kind: "put", record: next };
    return this.#change(workflow_id, base, {
      files: [{ path, record: next, previous: base, entry }],
      entry: () => entryOf(next, base),
      take: () => {
        this.open.set(workflow_id, next);
        this.damages.mended(workflow_id);
        return { kind: "committed", before: base, after: next };
      },
    });
  }

  archive(base: WorkflowRecord): Promise<void> {
    const { workflow_id, epoch } = base;
    const path = historyPathOf(this.#folders, base);
    const past: Wanted = { path, record: base, entry: { kind: "past", record: base } };
    return this.#change(workflow_id, base, {
      files: [past, { ...this.#removal(base), behind: path }],
      entry: () => ({ kind: "archive", workflow_id, epoch }),
      take: () => {
        this.open.delete(workflow_id);
        this.history.set(epoch, base);
        return { kind: "archived", before: base };
      },
    });
  }

  remove(base: WorkflowRecord): Promise<void> {
    const { workflow_id } = base;
    const removal = this.#removal(base);
    return this.#change(workflow_id, base, {
      files: [removal],
      entry: () => removal.entry,
      take: () => {
        this.open.delete(workflow_id);
        return { kind: "removed", before: base };
      },
    });
  }

  async forget(epoch: string): Promise<void> {
    const before = this.history.get(epoch);
    if (!before) return;
    const { workflow_id } = before;
    const path = historyPathOf(this.#folders, before);
    const entry: JournalEntry = { kind: "forget", workflow_id, epoch };
    await this.#append({
      files: [{ path, record: null, entry }],
      entry: () => entry,
      take: () => (this.history.delete(epoch) ? { kind: "forgotten", before } : null),
    });
  }

  listen(listener: CommitListener): () => void {
    return this.#listeners.listen(listener);
  }

  async settle(): Promise<void> {
    await this.#journal.settle();
    await this.#checkpoints.settleAll();
  }

  async close(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    await this.#checkpoints.close();
    // The last chance; a disk that still refuses has said so already, and the journal stays.
    await this.settle().catch(() => {});
    this.#cancelRest();
    await this.#journal.close();
    await this.#cut();
  }

  async #change(id: string, base: WorkflowRecord | null, change: Change): Promise<void> {
    if ((this.open.get(id) ?? null) !== base || this.#changing.has(id)) {
      throw new StoreConflict(`${id} is no longer at the position this was made from`);
    }
    this.#changing.add(id);
    try {
      if (this.damages.of(id).length > 0) await this.damages.makeRoom(id);
      await this.#append(change);
    } catch (error) {
      throw notSaved(error);
    } finally {
      this.#changing.delete(id);
    }
  }

  async #append(change: Change): Promise<void> {
    const appending = this.#appended(change);
    this.#running.add(appending);
    try {
      await appending;
    } catch (error) {
      throw notSaved(error);
    } finally {
      this.#running.delete(appending);
    }
  }

  async #appended({ files, entry, take }: Change): Promise<void> {
    for (const { path } of files) {
      // A file that the disk refuses holds back its workflow: otherwise it would say for long what is not so.
      if (this.#checkpoints.isFailing(path)) await this.#checkpoints.settle(path);
    }
    const text = this.#restating.encode(entry());
    await this.#journal.append(text, (segment) => {
      for (const file of files) this.#checkpoints.owe(file, segment);
      const committed = take();
      if (committed) this.#listeners.tell(committed);
    });
  }

  async #tidyJournal(): Promise<void> {
    await this.#journal.look();
    await this.#cut();
    this.#cancelRest();
    if (this.#checkpoints.oldestNeeded === Number.POSITIVE_INFINITY) {
      this.#cancelRest = this.#after(REST_MS, () => void this.#rest());
    }
  }

  /** Removes the journal's files that nothing needs. Never rejects: where the disk refuses, they are removed the next time. */
  async #cut(): Promise<void> {
    // Looked up before the files are synced: one that follows meanwhile is not synced with them.
    const needed = Math.min(this.#checkpoints.oldestNeeded, this.#journal.segment);
    if (!this.#journal.hasBelow(needed)) return;
    try {
      await this.#files.sync();
      await this.#journal.cut(needed);
    } catch {
      // The operator and the tabs have heard of it from the disk.
    }
  }

  /** Nothing has changed for a while: then the files alone say what is so. */
  async #rest(): Promise<void> {
    if (this.#running.size > 0) return;
    const resting = this.#journal.rest().then(() => this.#cut());
    this.#running.add(resting);
    await resting.finally(() => this.#running.delete(resting));
  }

  async #forgetBroken(workflow_id: string): Promise<void> {
    const epoch = this.#brokenHere.get(workflow_id);
    if (epoch === undefined) return;
    const text = encodeEntry({ kind: "remove", workflow_id, epoch });
    await this.#journal.append(text, () => this.#brokenHere.delete(workflow_id));
  }

  #removal({ workflow_id, epoch }: WorkflowRecord): Wanted {
    const path = openPathOf(this.#folders, workflow_id);
    return { path, record: null, entry: { kind: "remove", workflow_id, epoch } };
  }
}
