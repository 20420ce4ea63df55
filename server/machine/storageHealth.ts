/** Whether the disk keeps what is written: known from each refusal, and probed again until it does. */
import { dirname } from "node:path";
import type { Clock } from "../../shared/clock.js";
import { Listeners } from "../../shared/listeners.js";
import type { StorageReason } from "../../shared/wire/storage.js";
import { FolderLost } from "./folderLost.js";
import { errorCode } from "./systemErrors.js";

/** A write that the disk refused. */
export interface Refusal {
  readonly code: string;
  readonly syscall: string | undefined;
  readonly path: string;
}

export interface StorageHealthParts {
  readonly clock: Clock;
  /** Writes so many bytes into a folder, makes them durable and removes them again. Rejects where the disk refuses. */
  readonly probe: (folder: string, bytes: number) => Promise<void>;
  /** Called once the disk works again, to write what it had refused. Rejects where it still refuses. */
  readonly settle: () => Promise<void>;
  readonly onRefusal: (refusal: Refusal, error: unknown) => void;
  /** All that was refused can be kept again. */
  readonly onRecovery: (failedForMs: number, refusals: number) => void;
  readonly onListenerFailure: (error: unknown) => void;
}

interface Failing {
  readonly path: string;
  readonly reason: StorageReason;
  readonly bytes: number;
}

const PROBE_EVERY_MS = 2_000;
/** A probe is as large as the refused write, and never larger than this. */
const LARGEST_PROBE_BYTES = 1024 * 1024;

const REASONS: Readonly<Record<string, StorageReason>> = {
  ENOSPC: "disk_full",
  EDQUOT: "disk_full",
  EFBIG: "disk_full",
  EROFS: "read_only",
  EMFILE: "too_many_files",
  ENFILE: "too_many_files",
  EACCES: "not_allowed",
  EPERM: "not_allowed",
  ENOENT: "gone",
  ENOTDIR: "gone",
  ESTALE: "gone",
};

export class StorageHealth {
  readonly #parts: StorageHealthParts;
  readonly #listeners: Listeners<StorageReason | null>;
  /** By folder, the newest refusal in it. */
  readonly #failing = new Map<string, Failing>();
  /** How many writes were refused, by why. */
  readonly refusals: Partial<Record<StorageReason, number>> = {};
  #told: StorageReason | null = null;
  #since = 0;
  #refusals = 0;
  #cancelTimer: (() => void) | null = null;
  #probing: Promise<void> | null = null;
  #isClosed = false;

  constructor(parts: StorageHealthParts) {
    this.#parts = parts;
    this.#listeners = new Listeners(parts.onListenerFailure);
  }

  /** Why nothing can be saved now; null while it can. */
  get reason(): StorageReason | null {
    const [newest] = [...this.#failing.values()].slice(-1);
    return newest?.reason ?? null;
  }

  /** Called with every new `reason`. The returned function ends it. */
  listen(listener: (reason: StorageReason | null) => void): () => void {
    return this.#listeners.listen(listener);
  }

  /** The disk refused to keep `bytes` in the file `path`. */
  refused(path: string, error: unknown, bytes = 0): void {
    const code = errorCode(error) ?? "unknown";
    if (this.#failing.size === 0) this.#begin();
    this.#refusals += 1;
    const folder = dirname(path);
    const reason = error instanceof FolderLost ? error.reason : (REASONS[code] ?? "disk_fails");
    this.refusals[reason] = (this.refusals[reason] ?? 0) + 1;
    this.#failing.delete(folder);
    this.#failing.set(folder, { path, reason, bytes: Math.min(bytes, LARGEST_PROBE_BYTES) });
    const { syscall } = error as { syscall?: string };
    this.#parts.onRefusal({ code, syscall, path }, error);
    this.#tell();
  }

  /** The file `path` is durable. A write to another file proves nothing about the refused one; the probe does. */
  worked(path: string): void {
    const folder = dirname(path);
    if (this.#failing.get(folder)?.path !== path) return;
    this.#failing.delete(folder);
    this.#endIfWell();
  }

  /** Leaves no timer behind; resolves when nothing of this touches the disk any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await this.#probing;
  }

  #begin(): void {
    this.#since = this.#parts.clock.elapsed();
    this.#refusals = 0;
    this.#arm();
  }

  #arm(): void {
    if (this.#isClosed) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#parts.clock.after(PROBE_EVERY_MS, () => {
      this.#cancelTimer = null;
      this.#probing ??= this.#probe().finally(() => {
        this.#probing = null;
      });
    });
  }

  async #probe(): Promise<void> {
    for (const [folder, failing] of [...this.#failing]) {
      try {
        await this.#parts.probe(folder, failing.bytes);
        await this.#parts.settle();
        if (this.#failing.get(folder) === failing) this.#failing.delete(folder);
      } catch {
        // The reason is the same still; it was told when it began.
      }
    }
    this.#endIfWell();
    if (this.#failing.size > 0) this.#arm();
  }

  #endIfWell(): void {
    if (this.#failing.size === 0 && this.#told !== null) {
      this.#cancelTimer?.();
      this.#cancelTimer = null;
      this.#parts.onRecovery(this.#parts.clock.elapsed() - this.#since, this.#refusals);
    }
    this.#tell();
  }

  #tell(): void {
    const { reason } = this;
    if (reason === this.#told) return;
    this.#told = reason;
    this.#listeners.tell(reason);
  }
}
