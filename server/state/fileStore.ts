/** The embedded store: one lowdb JSON file per workflow, ended ones in a folder of their own. */
import { basename, join } from "node:path";
import { Low } from "lowdb";
import { SyncError } from "../../shared/errors.js";
import { Announcer } from "./announcer.js";
import { type Disk, errorCode, FolderNotSynced } from "./disk.js";
import { diskRefusal } from "./diskRefusal.js";
import { DurableFile } from "./durableFile.js";
import { fileNameOf } from "./fileName.js";
import type { WorkflowRecord } from "./record.js";
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
/** Enough to keep the disk busy at the start, few enough for any limit on open files. */
const FILES_READ_AT_ONCE = 64;

export class FileStore implements Store {
  readonly open = new Map<string, WorkflowRecord>();
  readonly history = new Map<string, WorkflowRecord>();
  readonly damaged: Damage[] = [];
  readonly #disk: Disk;
  readonly #openFolder: string;
  readonly #historyFolder: string;
  readonly #databases = new Map<string, Database>();
  readonly #announcer: Announcer<Committed>;
  readonly #writing = new Set<Promise<void>>();

  /** Reads what exists. The caller holds the folder's lock. `now` stamps the names of damaged files; a listener that throws is a bug, which `onListenerFailure` hears of. */
  static async load(
    disk: Disk,
    dataDir: string,
    now: () => number,
    onListenerFailure: (error: unknown) => void = () => {},
  ): Promise<FileStore> {
    const store = new FileStore(disk, dataDir, onListenerFailure);
    for (const folder of [store.#openFolder, store.#historyFolder]) {
      await disk.makeFolder(folder);
      await disk.sweep(folder);
    }
    await store.#loadFolder(store.#openFolder, now, (record, database) => {
      store.open.set(record.workflow_id, record);
      store.#databases.set(record.workflow_id, database);
    });
    await store.#loadFolder(store.#historyFolder, now, (record) => {
      store.history.set(record.epoch, record);
    });
    return store;
  }

  private constructor(disk: Disk, dataDir: string, onListenerFailure: (error: unknown) => void) {
    this.#disk = disk;
    this.#announcer = new Announcer(onListenerFailure);
    this.#openFolder = join(dataDir, OPEN_FOLDER);
    this.#historyFolder = join(dataDir, HISTORY_FOLDER);
  }

  commit(next: WorkflowRecord, base: WorkflowRecord | null): Promise<void> {
    const { workflow_id } = next;
    return this.#write(workflow_id, base, async () => {
      const database =
        this.#databases.get(workflow_id) ?? this.#newDatabase(this.#openPath(workflow_id));
      await this.#save(database, next, base);
      this.#databases.set(workflow_id, database);
      this.open.set(workflow_id, next);
      return { kind: "committed", before: base, after: next };
    });
  }

  archive(base: WorkflowRecord): Promise<void> {
    const { workflow_id, epoch } = base;
    return this.#write(workflow_id, base, async () => {
      await this.#disk.move(this.#openPath(workflow_id), this.#historyPath(base));
      this.#drop(workflow_id);
      this.history.set(epoch, base);
      return { kind: "archived", before: base };
    });
  }

  remove(base: WorkflowRecord): Promise<void> {
    return this.#write(base.workflow_id, base, async () => {
      await this.#disk.remove(this.#openPath(base.workflow_id));
      this.#drop(base.workflow_id);
      return { kind: "removed", before: base };
    });
  }

  async forget(epoch: string): Promise<void> {
    const before = this.history.get(epoch);
    if (!before) return;
    await this.#durably(async () => {
      await this.#disk.remove(this.#historyPath(before));
      return this.history.delete(epoch) ? { kind: "forgotten", before } : null;
    });
  }

  listen(listener: CommitListener): () => void {
    return this.#announcer.listen(listener);
  }

  async close(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
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
      if (change) this.#announcer.announce(change);
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

  async #save(
    database: Database,
    next: WorkflowRecord,
    base: WorkflowRecord | null,
  ): Promise<void> {
    database.data = next;
    try {
      await database.write();
    } catch (error) {
      database.data = base;
      // The refused record stands under its name already: a restart must not bring it back.
      if (error instanceof FolderNotSynced) await this.#restore(database, next.workflow_id);
      throw error;
    }
  }

  async #restore(database: Database, workflowId: string): Promise<void> {
    try {
      if (database.data) await database.write();
      else await this.#disk.remove(this.#openPath(workflowId));
    } catch {
      // The disk fails twice over; the refusal already on its way says all that is known.
    }
  }

  #drop(workflowId: string): void {
    this.open.delete(workflowId);
    this.#databases.delete(workflowId);
  }

  async #loadFolder(
    folder: string,
    now: () => number,
    keep: (record: WorkflowRecord, database: Database) => void,
  ): Promise<void> {
    const names = (await this.#disk.list(folder)).filter((name) => name.endsWith(".json"));
    const readNext = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        const path = join(folder, name);
        const database = this.#newDatabase(path);
        try {
          await database.read();
          const record = database.data;
          if (!record) continue;
          if (!name.startsWith(fileNameOf(record.workflow_id)))
            throw new Error("it belongs to another name");
          keep(record, database);
        } catch (error) {
          await this.#moveAside(path, error, now());
        }
      }
    };
    await Promise.all(Array.from({ length: FILES_READ_AT_ONCE }, readNext));
  }

  async #moveAside(path: string, error: unknown, now: number): Promise<void> {
    // An unreadable disk is not a damaged file: moving it aside would hide a workflow that is still there.
    if (errorCode(error) !== undefined) throw error;
    const time = new Date(now).toISOString().replaceAll(/[:.]/g, "-");
    const movedTo = `${path}.damaged-${time}`;
    await this.#disk.move(path, movedTo);
    const why = error instanceof Error ? error.message : String(error);
    this.damaged.push({ file: basename(path), movedTo, why });
  }

  #newDatabase(path: string): Database {
    return new Low<WorkflowRecord | null>(new DurableFile(this.#disk, path) as never, null);
  }

  #openPath(workflowId: string): string {
    return join(this.#openFolder, `${fileNameOf(workflowId)}.json`);
  }

  #historyPath({ workflow_id, epoch }: WorkflowRecord): string {
    return join(this.#historyFolder, `${fileNameOf(workflow_id)}.${epoch}.json`);
  }
}

function notSaved(error: unknown): Error {
  if (error instanceof SyncError || error instanceof StoreConflict) return error;
  const cause = error instanceof FolderNotSynced ? error.cause : error;
  // What the disk did not refuse is a bug of ours: stay loud.
  return (
    diskRefusal(cause, "the change") ?? (error instanceof Error ? error : new Error(String(error)))
  );
}
