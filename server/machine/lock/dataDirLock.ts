/** The lock as its holder has it: a fence, which is asked before each change whether the folder is still this server's. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { FolderLost } from "../folderLost.js";
import { errorCode } from "../systemErrors.js";
import type { Contender } from "./contender.js";
import { LOCK_FILE, type LockFileSystem, type LockFolder } from "./lockFolder.js";

interface Seen {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

export class DataDirLock {
  readonly #folder: LockFolder;
  readonly #contender: Contender;
  readonly #onLeft: (error: unknown) => void;
  readonly #fs: LockFileSystem;
  readonly #lockPath: string;
  #seen: Seen;
  #releasing: Promise<void> | null = null;

  /** `onLeft` hears why the lock file could not be removed in the end. */
  static async of(
    folder: LockFolder,
    contender: Contender,
    onLeft: (error: unknown) => void,
  ): Promise<DataDirLock> {
    return new DataDirLock(folder, contender, onLeft, await contender.file.stat({ bigint: true }));
  }

  private constructor(
    folder: LockFolder,
    contender: Contender,
    onLeft: (error: unknown) => void,
    seen: Seen,
  ) {
    this.#folder = folder;
    this.#contender = contender;
    this.#onLeft = onLeft;
    this.#fs = folder.fs;
    this.#lockPath = join(folder.dataDir, LOCK_FILE);
    this.#seen = seen;
  }

  /**
   * Resolves where, a moment ago, the path of the data folder led to the folder that was locked, with the lock in it: then nobody else
   * had it meanwhile, also where it was lost for a while. Otherwise rejects with FolderLost, or with what the disk said.
   */
  async prove(): Promise<void> {
    if (this.#releasing) throw new FolderLost("this server has given its data folder back", "gone");
    const lost = await this.#findOut();
    if (lost) throw lost;
  }

  /**
   * Whether one look tells what `prove` would resolve with. It holds the process for some microseconds, which a network's file system would not keep:
   * there it is always false.
   */
  isProvenAtOnce(): boolean {
    if (this.#releasing || !this.#folder.isLocal) return false;
    const found = lookAt(this.#lockPath);
    return found !== undefined && this.#isAsItWas(found);
  }

  /** Gives the folder back. Never rejects: a lock that cannot be removed is a dead one from then on. */
  release(): Promise<void> {
    this.#releasing ??= this.#release();
    return this.#releasing;
  }

  async #release(): Promise<void> {
    const { sign, file } = this.#contender;
    // Where that is refused, whoever starts in this very moment is told of a server that still runs.
    await sign?.withdraw().catch(() => {});
    try {
      if ((await this.#findOut()) === null) await this.#fs.unlink(this.#lockPath);
    } catch (error) {
      this.#onLeft(error);
    }
    // Where its name cannot be removed either, it refuses from now on.
    await sign?.end().catch(() => {});
    await file.close().catch(() => {});
    await this.#folder.close().catch(() => {});
  }

  /** Null where nothing is wrong. One look at the lock is enough as long as it is as it was. */
  async #findOut(): Promise<FolderLost | null> {
    const found = await orMissing(this.#fs.lstat(this.#lockPath, { bigint: true }));
    return found && this.#isAsItWas(found) ? null : this.#lookCloser();
  }

  #isAsItWas(found: Seen): boolean {
    return isSame(found, this.#seen) && found.nlink === 1n && isUntouched(found, this.#seen);
  }

  async #lookCloser(): Promise<FolderLost | null> {
    const path = await orMissing(this.#fs.stat(this.#folder.dataDir, { bigint: true }));
    if (!path) return new FolderLost("the data folder is gone", "gone");
    if (!isSame(path, await this.#folder.identity())) {
      return new FolderLost("another folder is in the place of this server's data folder", "gone");
    }
    const found = await orMissing(this.#fs.lstat(this.#lockPath, { bigint: true }));
    if (!found) {
      return new FolderLost(
        "the lock of the data folder was removed under this server",
        "taken_over",
      );
    }
    const nonce = (await this.#folder.read(LOCK_FILE).catch(() => null))?.holder?.nonce;
    if (!isSame(found, this.#seen) || nonce !== this.#contender.self.nonce) {
      return new FolderLost("the data folder was taken over from this server", "taken_over");
    }
    this.#seen = found;
    return null;
  }
}

/** Undefined where there is none, or where it cannot be told. */
function lookAt(path: string): Seen | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const isSame = (one: Pick<Seen, "dev" | "ino">, other: Pick<Seen, "dev" | "ino">): boolean =>
  one.dev === other.dev && one.ino === other.ino;

const isUntouched = (one: Seen, other: Seen): boolean =>
  one.size === other.size && one.mtimeNs === other.mtimeNs;

async function orMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
