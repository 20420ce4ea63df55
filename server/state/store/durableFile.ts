/** lowdb's adapter for one record's file. lowdb's own never calls fsync, and a power cut may leave its file empty (https://github.com/typicode/lowdb/issues/549). */
import { setImmediate } from "node:timers/promises";
import type { Adapter } from "lowdb";
import type { Disk } from "../../machine/disk.js";
import { decodeRecord, encodeRecord, type WorkflowRecord } from "./record.js";

export class DurableFile implements Adapter<WorkflowRecord> {
  readonly #disk: Disk;
  readonly #path: string;
  #isThere = false;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Null only where there is no file; damage throws, so that it is never taken for "no data". */
  async read(): Promise<WorkflowRecord | null> {
    return this.readNow();
  }

  /** The same in this very turn: for the start, at which nobody is served yet. */
  readNow(): WorkflowRecord | null {
    const text = this.#disk.readNow(this.#path);
    return text === null ? null : decodeRecord(text);
  }

  /** Resolves once the record is durable, after the first write as far as a folder that is not synced keeps it. The caller keeps to one write at a time. */
  async write(record: WorkflowRecord): Promise<void> {
    // A large record takes its time: the others get a turn between its checks and its text.
    await setImmediate();
    const text = encodeRecord(record);
    if (this.#isThere) await this.#disk.replaceUnsynced(this.#path, text);
    else await this.#disk.replace(this.#path, text);
    this.#isThere = true;
  }
}
