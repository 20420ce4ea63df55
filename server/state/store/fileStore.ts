/** The embedded store: one lowdb JSON file per workflow, ended ones in a folder of their own. */
import { join } from "node:path";
import { Low } from "lowdb";
import { SyncError } from "../../../shared/errors.js";
import { Listeners } from "../../../shared/listeners.js";
import { causeOf, type Disk, errorCode, FolderNotSynced } from "../../machine/disk.js";
import { diskRefusal, unknownOutcome } from "../../machine/diskRefusal.js";
import { fileNameOf } from "../../machine/fileName.js";
import { Backups } from "./backups.js";
import { Damages } from "./damages.js";
import { DurableFile } from "./durableFile.js";
import { loadFolder } from "./loading.js";
import { encodeRecord, type WorkflowRecord } from "./record.js";
import {
  type CommitListener,
  type Committed,
  type Damage,
  type Store,
  StoreConflict,
} from "./store.js";

type Database = Low<WorkflowRecord | null>;

const OPEN_FOLDER = "workflows";
const HISTORY_FOLDER = "history";

export class FileStore implements Store {
  readonly open = new Map<string, WorkflowRecord>();
  readonly history = new Map<string, WorkflowRecord>();
  readonly damages: Damages;
  readonly #disk: Disk;
  readonly #backups: Backups;
  readonly #openFolder: string;
  readonly #historyFolder: string;
  readonly #databases = new Map<string, Database>();
  readonly #listeners: Listeners<Committed>;
  readonly #writing = new Set<Promise<void>>();
  /** By path, what a file is to hold (null: not be there) that may hold something else: an effect that could neither be made durable nor taken back. */
  readonly #owed = new Map<string, WorkflowRecord | null>();

  /** Reads what exists. The caller holds the folder's lock. `now` stamps the names of damaged files; a listener that throws is a bug, which `onListenerFailure` hears of; `elapsed` is a `Clock`'s. */
  static async load(
    disk: Disk,
    dataDir: string,
    now: () => number,
    onListenerFailure: (error: unknown) => void = () => {},
    elapsed: () => number = now,
  ): Promise<FileStore> {
    const store = new FileStore(disk, dataDir, onListenerFailure, elapsed);
    for (const folder of [store.#openFolder, store.#historyFolder]) {
      await disk.makeFolder(folder);
      await disk.sweep(folder);
    }
    const history = await loadFolder(disk, store.#historyFolder, now());
    for (const record of history.records) store.history.set(record.epoch, record);
    const open = await loadFolder(disk, store.#openFolder, now());
    for (const path of open.backups) store.#backups.found(path);
    for (const record of open.records) await store.#take(record);
    for (const damage of [...open.damaged, ...history.damaged]) store.damages.add(damage);
    return store;
  }

  private constructor(
    disk: Disk,
    dataDir: string,
    onListenerFailure: (error: unknown) => void,
    elapsed: () => number,
  ) {
    this.#disk = disk;
    this.#backups = new Backups(disk, elapsed);
    this.damages = new Damages(disk, onListenerFailure);
    this.#listeners = new Listeners(onListenerFailure);
    this.#openFolder = join(dataDir, OPEN_FOLDER);
    this.#historyFolder = join(dataDir, HISTORY_FOLDER);
  }

  get damaged(): readonly Damage[] {
    return this.damages.all;
  }

  commit(next: WorkflowRecord, base: WorkflowRecord | null): Promise<void> {
    const { workflow_id } = next;
    const path = this.#openPath(workflow_id);
    return this.#write(workflow_id, base, async () => {
      await this.damages.makeRoom(workflow_id);
      const isSameEpoch = next.state !== null && base?.epoch === next.epoch;
      if (base && !isSameEpoch) await this.#backups.drop(path);
      await this.#effect([[path, base]], async () => {
        if (isSameEpoch) await this.#backups.keep(path);
        const database = this.#databases.get(workflow_id) ?? this.#newDatabase(path);
        await save(database, next, base);
        this.#databases.set(workflow_id, database);
      });
      this.open.set(workflow_id, next);
      this.damages.mended(workflow_id);
      // It was restored: until here there was nothing else of it.
      if (!base) await this.#backups.drop(path).catch(() => {});
      return { kind: "committed", before: base, after: next };
    });
  }

  archive(base: WorkflowRecord): Promise<void> {
    const { workflow_id, epoch } = base;
    const [from, to] = [this.#openPath(workflow_id), this.#historyPath(base)];
    return this.#write(workflow_id, base, async () => {
      await this.#backups.drop(from);
      await this.#effect(
        [
          [from, base],
          [to, null],
        ],
        () => this.#moveOrWrite(from, to, base),
      );
      this.#drop(workflow_id);
      this.history.set(epoch, base);
      return { kind: "archived", before: base };
    });
  }

  remove(base: WorkflowRecord): Promise<void> {
    const path = this.#openPath(base.workflow_id);
    return this.#write(base.workflow_id, base, async () => {
      await this.#backups.drop(path);
      await this.#effect([[path, base]], () => this.#disk.remove(path));
      this.#drop(base.workflow_id);
      return { kind: "removed", before: base };
    });
  }

  async forget(epoch: string): Promise<void> {
    const before = this.history.get(epoch);
    if (!before) return;
    const path = this.#historyPath(before);
    await this.#durably(async () => {
      await this.#effect([[path, before]], () => this.#disk.remove(path));
      return this.history.delete(epoch) ? { kind: "forgotten", before } : null;
    });
  }

  listen(listener: CommitListener): () => void {
    return this.#listeners.listen(listener);
  }

  async settle(): Promise<void> {
    await this.#takeBack([...this.#owed.keys()]);
  }

  async close(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
    // The last chance; a disk that still refuses has said so already.
    await this.settle().catch(() => {});
  }

  #write(id: string, base: WorkflowRecord | null, write: () => Promise<Committed>): Promise<void> {
    if ((this.open.get(id) ?? null) !== base) {
      return Promise.reject(
        new StoreConflict(`${id} is no longer at the position this was made from`),
      );
    }
    return this.#durably(write);
  }

  async #durably(write: () => Promise<Committed | null>): Promise<void> {
    const writing = (async () => {
      const change = await write();
      if (change) this.#listeners.tell(change);
    })();
    this.#writing.add(writing);
    try {
      await writing;
    } catch (error) {
      throw notSaved(error);
    } finally {
      this.#writing.delete(writing);
    }
  }

  /**
   * Carries out what changes the files in `before`, or leaves them with what they held. Where that is refused as well it is owed: done
   * before anything else is done to them, and the refusal says that nobody knows.
   */
  async #effect(
    before: readonly (readonly [path: string, record: WorkflowRecord | null])[],
    run: () => Promise<void>,
  ): Promise<void> {
    const paths = before.map(([path]) => path);
    await this.#takeBack(paths);
    try {
      await run();
    } catch (error) {
      if (!(error instanceof FolderNotSynced)) throw error;
      for (const [path, record] of before) this.#owed.set(path, record);
      await this.#takeBack(paths).catch(() => {
        throw unknownOutcome(error.cause, "the change");
      });
      throw error;
    }
  }

  async #takeBack(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const record = this.#owed.get(path);
      if (record === undefined) continue;
      if (record) await this.#disk.replace(path, encodeRecord(record));
      else await this.#disk.remove(path);
      this.#owed.delete(path);
    }
  }

  /** Also where somebody took the file away: the record is known. */
  async #moveOrWrite(from: string, to: string, record: WorkflowRecord): Promise<void> {
    try {
      await this.#disk.move(from, to);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      await this.#disk.replace(to, encodeRecord(record));
    }
  }

  /** A power cut in the middle of an archiving may have left the record in both folders. */
  async #take(record: WorkflowRecord): Promise<void> {
    this.open.set(record.workflow_id, record);
    if (!this.history.has(record.epoch)) return;
    this.history.delete(record.epoch);
    await this.#disk.remove(this.#historyPath(record)).catch(() => {});
  }

  #drop(workflow_id: string): void {
    this.open.delete(workflow_id);
    this.#databases.delete(workflow_id);
  }

  #newDatabase(path: string): Database {
    return new Low<WorkflowRecord | null>(new DurableFile(this.#disk, path) as never, null);
  }

  #openPath(workflow_id: string): string {
    return join(this.#openFolder, `${fileNameOf(workflow_id)}.json`);
  }

  #historyPath({ workflow_id, epoch }: WorkflowRecord): string {
    return join(this.#historyFolder, `${fileNameOf(workflow_id)}.${epoch}.json`);
  }
}

async function save(
  database: Database,
  next: WorkflowRecord,
  base: WorkflowRecord | null,
): Promise<void> {
  database.data = next;
  try {
    await database.write();
  } catch (error) {
    database.data = base;
    throw error;
  }
}

function notSaved(error: unknown): Error {
  if (error instanceof SyncError || error instanceof StoreConflict) return error;
  // An error that is not the disk's is a bug of ours, and is thrown as it is.
  return (
    diskRefusal(causeOf(error), "the change") ??
    (error instanceof Error ? error : new Error(String(error)))
  );
}
