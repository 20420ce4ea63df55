/** The folder of one command in its keeper's hands: its paper, how far its output was taken, and the files it is given. */
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { SPOOL_BEGIN } from "./keeper.js";
import { KeptJob } from "./keptJob.js";
import { type KeptRecord, RecordFile, readRecord, recordAt } from "./keptRecord.js";

/** A folder that is being removed has this behind its name. */
export const GONE = ".gone";
const JOB = "job.json";
const PRIVATE = 0o600;

export class KeeperFolder {
  readonly path: string;
  readonly job: KeptJob;
  #records: RecordFile | null = null;
  /** Lines that the disk has not taken yet. */
  #lines = "";
  #isClosed = false;

  private constructor(path: string, job: KeptJob) {
    this.path = path;
    this.job = job;
  }

  /** Complete before anything of the command is started. Throws where the disk refuses; then nothing of it stays. */
  static create(root: string, job: KeptJob): KeeperFolder {
    const path = join(root, randomBytes(16).toString("hex"));
    mkdirSync(path, { mode: 0o700 });
    try {
      writeFileSync(join(path, `.${JOB}`), `${JSON.stringify(job)}\n`, { mode: PRIVATE });
      renameSync(join(path, `.${JOB}`), join(path, JOB));
      const folder = new KeeperFolder(path, job);
      writeFileSync(folder.handedFile, "", { mode: PRIVATE });
      // It takes its room now: a disk that is full later has to take each record.
      folder.keep(recordAt(0, SPOOL_BEGIN));
      return folder;
    } catch (error) {
      rmSync(path, { recursive: true, force: true });
      throw error;
    }
  }

  /** Null where its paper was never complete: then nothing was started. Throws where it cannot be understood. */
  static open(path: string): KeeperFolder | null {
    if (!existsSync(join(path, JOB))) return null;
    return new KeeperFolder(path, KeptJob.parse(JSON.parse(readFileSync(join(path, JOB), "utf8"))));
  }

  /** For INSTEP_OUTPUT. */
  get handedFile(): string {
    return join(this.path, "handed");
  }

  /** For a script that its program takes only as a file. */
  get scriptFile(): string {
    return join(this.path, "script");
  }

  /** How far its output was taken; null where nobody has begun to. */
  record(): KeptRecord | null {
    return readRecord(this.#path("kept"));
  }

  /** Throws where the disk refuses, and once it is closed: the record before it then stays. All lines until now are kept before it is. */
  keep(record: KeptRecord): void {
    if (this.#isClosed) throw new Error(`${this.path} is closed`);
    this.#keepLines();
    this.#records ??= new RecordFile(this.#path("kept"));
    this.#records.write(record);
  }

  /** A line that hands something on, as it was printed: the masked log does not have it. On a full disk it waits for the next record. */
  keepLine(line: string): void {
    this.#lines += `${line}\n`;
    try {
      this.#keepLines();
    } catch {
      // No record goes beyond it: it is tried again with the next one, and read again by a later server.
    }
  }

  /** All that `keepLine` was given. */
  lines(): Buffer {
    const path = this.#path("lines");
    return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  }

  /** Nothing is written any more. */
  close(): void {
    this.#isClosed = true;
    this.#records?.close();
    this.#records = null;
  }

  #keepLines(): void {
    if (this.#lines === "") return;
    try {
      appendFileSync(this.#path("lines"), this.#lines, { mode: PRIVATE });
      this.#lines = "";
    } catch (error) {
      // Some of it may stand there: it is no part of what follows.
      if (!this.#lines.startsWith("\n")) this.#lines = `\n${this.#lines}`;
      throw error;
    }
  }

  #path(name: string): string {
    return join(this.path, name);
  }
}
