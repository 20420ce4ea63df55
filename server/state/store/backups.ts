/** The version before the one that stands: a second name of a record's file, given at most every 30 s before another takes its place. */
import type { Disk } from "../../machine/disk.js";
import { BACKUP } from "./damages.js";

const KEPT_EVERY_MS = 30_000;

export class Backups {
  readonly #disk: Disk;
  readonly #elapsed: () => number;
  /** The records' files that have one, or may have. */
  readonly #known = new Set<string>();
  /** By the record's file, in elapsed time. */
  readonly #keptAt = new Map<string, number>();

  /** `elapsed` as that of a `Clock`. */
  constructor(disk: Disk, elapsed: () => number) {
    this.#disk = disk;
    this.#elapsed = elapsed;
  }

  /** The start has found one beside this record's file. */
  found(path: string): void {
    this.#known.add(path);
  }

  /** To be called before a record's file is replaced. Never rejects: a record is as good without a version before it. */
  async keep(path: string): Promise<void> {
    const now = this.#elapsed();
    if (now - (this.#keptAt.get(path) ?? Number.NEGATIVE_INFINITY) < KEPT_EVERY_MS) return;
    this.#keptAt.set(path, now);
    this.#known.add(path);
    // Refused, or a file system without hard links.
    await this.#disk.nameAgain(path, path + BACKUP).catch(() => {});
  }

  /** The same for a version that no file has. Never rejects. */
  async write(path: string, text: string): Promise<void> {
    this.#keptAt.set(path, this.#elapsed());
    this.#known.add(path);
    await this.#disk.replace(path + BACKUP, text).catch(() => {});
  }

  /** To be called before the record's epoch ends: a cleared workflow is never offered again. Durable; rejects where the disk refuses. */
  async drop(path: string): Promise<void> {
    if (this.#known.has(path)) await this.#disk.remove(path + BACKUP);
    this.#known.delete(path);
    this.#keptAt.delete(path);
  }
}
