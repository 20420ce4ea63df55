/** The data folder as the lock sees it: opened once, so that each name is looked up in that very folder. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import type * as nodeFileSystem from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../systemErrors.js";
import { DataDirLocked } from "./dataDirLocked.js";
import { type Holder, parseHolder } from "./holder.js";
import { isLocalDisk } from "./localDisk.js";

/** The calls the lock needs, so that a test can stop at the n-th of them. */
export type LockFileSystem = Pick<
  typeof nodeFileSystem,
  "open" | "link" | "rename" | "unlink" | "readdir" | "stat" | "lstat" | "statfs" | "chmod"
>;

/** A lock file as it was found. */
export interface FoundLock {
  readonly name: string;
  /** Another one for another file and for other words in it: no two locks ever share it. */
  readonly id: string;
  readonly inode: string;
  /** Null where the file is cut short, or no lock at all. */
  readonly holder: Holder | null;
}

/** The lock's file in the data folder. */
export const LOCK_FILE = "instep.lock";

const MOST_BYTES = 4096;
/** Opens no planted link (O_NOFOLLOW), and does not wait for the other end of a pipe (O_NONBLOCK). */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export class LockFolder {
  /** Absolute. */
  readonly dataDir: string;
  readonly fs: LockFileSystem;
  /** Whether no other kernel can have this file system mounted. */
  readonly isLocal: boolean;
  readonly #handle: FileHandle;
  readonly #base: string;

  static async open(dataDir: string, fs: LockFileSystem): Promise<LockFolder> {
    const handle = await fs.open(dataDir, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      const throughProc = `/proc/self/fd/${handle.fd}`;
      const seen = await fs.stat(throughProc).catch(() => null);
      const { ino } = await handle.stat();
      const base = seen?.ino === ino ? throughProc : dataDir;
      return new LockFolder(dataDir, fs, handle, base, await isLocalDisk(dataDir, fs));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private constructor(
    dataDir: string,
    fs: LockFileSystem,
    handle: FileHandle,
    base: string,
    isLocal: boolean,
  ) {
    this.dataDir = dataDir;
    this.fs = fs;
    this.isLocal = isLocal;
    this.#handle = handle;
    this.#base = base;
  }

  /** Short, however long the folder's own path is: a socket's path has at most 107 bytes. */
  pathOf(name: string): string {
    return join(this.#base, name);
  }

  identity(): ReturnType<typeof statOf> {
    return statOf(this.#handle);
  }

  list(): Promise<string[]> {
    return this.fs.readdir(this.#base);
  }

  /** Null where there is no such file. Throws DataDirLocked for what is no file. */
  async read(name: string): Promise<FoundLock | null> {
    const file = await this.#openLock(name);
    if (!file) return null;
    try {
      const { ino, mtimeNs } = await this.#checked(file, name);
      const bytes = Buffer.alloc(MOST_BYTES + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      const text = bytes.toString("utf8", 0, bytesRead);
      const id = createHash("sha256").update(`${ino} ${mtimeNs} ${text}`).digest("hex");
      const holder = bytesRead > MOST_BYTES ? null : parseHolder(text);
      return { name, id: id.slice(0, 16), inode: String(ino), holder };
    } finally {
      await file.close();
    }
  }

  /** False where `to` is there already. Null where `from` is not. */
  async link(from: string, to: string): Promise<boolean | null> {
    try {
      await this.fs.link(this.pathOf(from), this.pathOf(to));
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (code === "EEXIST") return false;
      if (code === "ENOENT") return null;
      if (code === "EPERM" || code === "EOPNOTSUPP" || code === "ENOSYS") {
        throw new DataDirLocked(
          `The file system of ${this.dataDir} has no hard links, which a data folder needs. Choose a folder on another one.`,
          null,
        );
      }
      throw error;
    }
  }

  /** False where `from` is not there. */
  async rename(from: string, to: string): Promise<boolean> {
    try {
      await this.fs.rename(this.pathOf(from), this.pathOf(to));
      return true;
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      return false;
    }
  }

  /** Nothing to remove is no error. */
  async remove(name: string): Promise<void> {
    try {
      await this.fs.unlink(this.pathOf(name));
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }

  /** Resolves when its names survive a power cut. */
  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #openLock(name: string): Promise<FileHandle | null> {
    try {
      return await this.fs.open(this.pathOf(name), READ);
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOENT") return null;
      // A link, a socket.
      if (code === "ELOOP" || code === "ENXIO") throw this.#noFile(name);
      throw error;
    }
  }

  async #checked(file: FileHandle, name: string): ReturnType<typeof statOf> {
    const found = await statOf(file);
    if (!found.isFile()) throw this.#noFile(name);
    return found;
  }

  #noFile(name: string): DataDirLocked {
    const path = join(this.dataDir, name);
    return new DataDirLocked(
      `${path} is no file, so it is no lock of a server. Remove it, and start again.`,
      null,
    );
  }
}

const statOf = (handle: FileHandle) => handle.stat({ bigint: true });
