/** The records' files: a lowdb database each, replaced as a whole, with the version before beside it. */
import { dirname } from "node:path";
import { Low } from "lowdb";
import type { Disk } from "../../machine/disk.js";
import { Backups } from "./backups.js";
import type { Wanted } from "./checkpoints.js";
import { DurableFile } from "./durableFile.js";
import { encodeRecord, isLive, type WorkflowRecord } from "./record.js";

export class RecordFiles {
  readonly #disk: Disk;
  readonly #backups: Backups;
  readonly #databases = new Map<string, Low<WorkflowRecord | null>>();
  /** By path, the epoch of the live record that a file has. */
  readonly #epochs: Map<string, string>;
  /** Folders in which a file was replaced. */
  readonly #unsynced = new Set<string>();

  /** `elapsed` as that of a `Clock`; `found`: what files the start has found. */
  constructor(
    disk: Disk,
    elapsed: () => number,
    found: { readonly epochs: Map<string, string>; readonly backups: readonly string[] },
  ) {
    this.#disk = disk;
    this.#epochs = found.epochs;
    this.#backups = new Backups(disk, elapsed);
    for (const path of found.backups) this.#backups.found(path);
  }

  /** Resolves once the file holds the record, or is gone where that is null; durable. The caller keeps to one write of a file at a time. */
  async write({ path, record, previous }: Wanted): Promise<void> {
    const epoch = isLive(record) ? record.epoch : undefined;
    const isSameEpoch = epoch !== undefined && this.#epochs.get(path) === epoch;
    if (isSameEpoch) await this.#backups.keep(path);
    else await this.#backups.drop(path);
    if (record) await this.#replace(path, record);
    else await this.#remove(path);
    if (epoch === undefined) this.#epochs.delete(path);
    else this.#epochs.set(path, epoch);
    // Both versions came before a file was written: the file system has no second name for the earlier one.
    if (!isSameEpoch && isLive(previous) && previous.epoch === epoch) {
      await this.#backups.write(path, encodeRecord(previous));
    }
  }

  /** Makes sure that no power cut brings an older version of any file back. Rejects where the disk refuses. */
  async sync(): Promise<void> {
    const folders = [...this.#unsynced];
    this.#unsynced.clear();
    for (const folder of folders) {
      try {
        await this.#disk.syncFolder(folder);
      } catch (error) {
        this.#unsynced.add(folder);
        throw error;
      }
    }
  }

  async #replace(path: string, record: WorkflowRecord): Promise<void> {
    const known = this.#databases.get(path);
    const database = known ?? this.#newDatabase(path);
    database.data = record;
    await database.write();
    if (known) this.#unsynced.add(dirname(path));
    else this.#databases.set(path, database);
  }

  async #remove(path: string): Promise<void> {
    await this.#disk.remove(path);
    this.#databases.delete(path);
  }

  #newDatabase(path: string): Low<WorkflowRecord | null> {
    return new Low<WorkflowRecord | null>(new DurableFile(this.#disk, path) as never, null);
  }
}
