/** Files that survive a power cut. Knows names and bytes, not what they mean. */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "./ownFolder.js";
import { errorCode } from "./systemErrors.js";
import { type FileSystem, systemFiles } from "./systemFiles.js";

export { UnsafeFolder } from "./ownFolder.js";
export type { FileSystem };
export { errorCode };

const FILE_MODE = 0o600;
/** Leftovers of refused writes that are remembered at most; any beyond wait for the sweep of the next start. */
const MOST_LEFTOVERS = 100;
const TEMPORARY = /^\..+\.\d+\.[0-9a-f]{12}\.tmp$/;

/** Opens no link (O_NOFOLLOW), and does not wait for a writer at the other end of a pipe (O_NONBLOCK). */
const READ_ONLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** No file of ours is larger than a small multiple of the largest state; a larger one is somebody else's. */
const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

/** Hears how writes went. */
export interface DiskListener {
  /** `path` could not be kept, removed or moved. */
  refused(path: string, error: unknown, bytes?: number): void;
  worked(path: string): void;
}

const NOBODY: DiskListener = { refused: () => {}, worked: () => {} };

export class Disk {
  readonly #fs: FileSystem;
  readonly #listener: DiskListener;
  /** Temporary files of refused writes that could not be removed, because the disk refused that, too. */
  readonly #leftovers = new Set<string>();

  constructor(fileSystem: FileSystem = systemFiles, listener: DiskListener = NOBODY) {
    this.#fs = fileSystem;
    this.#listener = listener;
  }

  /** As `makeFolder` in ownFolder.ts; also durable. */
  async makeFolder(path: string, given?: "given"): Promise<{ isReadByOthers: boolean }> {
    const { firstMade, isReadByOthers } = await makeFolder(this.#fs, path, given);
    if (firstMade !== undefined) await this.#syncFolder(dirname(firstMade));
    return { isReadByOthers };
  }

  /** The whole text, or null where there is no such file. Rejects where it is no regular file, or larger than any of ours. */
  async read(path: string): Promise<string | null> {
    try {
      return await this.#reading(path, (file) => file.readFile("utf8"));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** The same in this very turn: a quarter of the time, and nobody else is served meanwhile. Throws where `read` rejects. */
  readNow(path: string): string | null {
    let file: number;
    try {
      file = this.#fs.openSync(path, READ_ONLY);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    try {
      refuseForeign(this.#fs.fstatSync(file));
      return this.#fs.readFileSync(file, "utf8");
    } finally {
      this.#fs.closeSync(file);
    }
  }

  /** The first bytes, as text. */
  readStart(path: string, bytes: number): Promise<string> {
    return this.#reading(path, async (file) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.toString("utf8", 0, bytesRead);
    });
  }

  /**
   * Gives a record's file the name `<name>.json.<mark>`, or `-2`, `-3`, … where there is such a file: nothing is overwritten. Whatever it
   * is: a folder or a pipe, too. Durable once its folder is synced. Resolves with the new path; null where nothing is there.
   */
  async setAside(path: string, mark: string): Promise<string | null> {
    if (!(await this.#isThere(path))) return null;
    const place = path.endsWith(".json") ? path : path.slice(0, path.lastIndexOf(".json.") + 5);
    for (let n = 1; ; n++) {
      const aside = `${place}.${mark}${n === 1 ? "" : `-${n}`}`;
      if (await this.#isThere(aside)) continue;
      await this.#fs.rename(path, aside);
      return aside;
    }
  }

  /** Resolves when the names in a folder survive a power cut. */
  async syncFolder(folder: string): Promise<void> {
    await this.#syncFolders([folder]);
  }

  /** The file names in a folder, without temporary files. */
  async list(folder: string): Promise<string[]> {
    return (await this.#fs.readdir(folder)).filter((name) => !TEMPORARY.test(name));
  }

  /** Removes what writes cut short by a crash left behind. Only for the one who holds the lock. */
  async sweep(folder: string): Promise<void> {
    for (const name of await this.#fs.readdir(folder)) {
      // A temporary file that cannot be removed disturbs nothing.
      if (TEMPORARY.test(name)) await this.#unlink(join(folder, name)).catch(() => {});
    }
  }

  /**
   * Resolves when a file containing `text` is durable, whole and under its name. When it rejects, the old file is
   * still there, whole, unless only the last step failed (`FolderNotSynced`). A failed fsync is never tried again on the same file: a
   * kernel that reported it once may have dropped the pages and would then report success (https://mydbanotebook.org/posts/the-fsync-issue-and-postgres/).
   */
  replace(path: string, text: string): Promise<void> {
    return this.#heard(path, () => this.#replace(path, text), text.length);
  }

  /** Durable too; nothing to remove is no error. When it rejects, the file is still there, or `FolderNotSynced`. */
  remove(path: string): Promise<void> {
    return this.#heard(path, async () => {
      await this.#unlink(path);
      await this.#syncFolders([dirname(path)]);
    });
  }

  /** Atomic and durable, within one file system. When it rejects, nothing moved, or `FolderNotSynced`. */
  move(from: string, to: string): Promise<void> {
    return this.#heard(to, async () => {
      await this.#fs.rename(from, to);
      // A rename is durable once its folders are (https://stackoverflow.com/q/3764822). The new one is synced first: cut in between, the file is found twice rather than nowhere.
      await this.#syncFolders(new Set([dirname(to), dirname(from)]));
    });
  }

  /** Gives a file a second name, in place of whatever had that; it survives a power cut once the folder is synced. Rejects where that is refused. */
  async nameAgain(path: string, name: string): Promise<void> {
    await this.#unlink(name);
    await this.#fs.link(path, name);
  }

  /** Whether so many bytes can be kept in a folder now; nothing of them stays. Rejects where they cannot. */
  async probe(folder: string, bytes: number): Promise<void> {
    const path = temporaryName(join(folder, "probe"));
    const file = await this.#fs.open(path, "wx", FILE_MODE);
    try {
      await file.writeFile("\n".repeat(Math.max(1, bytes)));
      await file.sync();
    } finally {
      await file.close();
      await this.#unlink(path);
    }
    await this.#syncFolder(folder);
  }

  async #heard(path: string, run: () => Promise<void>, bytes?: number): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#listener.refused(path, causeOf(error), bytes);
      throw error;
    }
    this.#listener.worked(path);
  }

  async #replace(path: string, text: string): Promise<void> {
    const temporary = temporaryName(path);
    const file = await this.#fs.open(temporary, "wx", FILE_MODE);
    try {
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#fs.rename(temporary, path);
    } catch (error) {
      // The first failure is what the caller needs to hear.
      if (this.#leftovers.size < MOST_LEFTOVERS) this.#leftovers.add(temporary);
      await this.#removeLeftovers();
      throw error;
    }
    await this.#syncFolders([dirname(path)]);
    await this.#removeLeftovers();
  }

  async #removeLeftovers(): Promise<void> {
    for (const path of this.#leftovers) {
      try {
        await this.#unlink(path);
        this.#leftovers.delete(path);
      } catch {
        // Again after the next write.
      }
    }
  }

  async #reading<T>(path: string, run: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await this.#fs.open(path, READ_ONLY);
    try {
      refuseForeign(await file.stat());
      return await run(file);
    } finally {
      await file.close();
    }
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      await this.#fs.lstat(path);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async #unlink(path: string): Promise<void> {
    try {
      await this.#fs.unlink(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async #syncFolders(folders: Iterable<string>): Promise<void> {
    for (const folder of folders) {
      try {
        await this.#syncFolder(folder);
      } catch (cause) {
        throw new FolderNotSynced(`${folder} could not be synced`, { cause });
      }
    }
  }

  async #syncFolder(folder: string): Promise<void> {
    const handle = await this.#fs.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** The files are as they were to become, but a power cut may still take that back. */
export class FolderNotSynced extends Error {
  override readonly name = "FolderNotSynced";
}

/** Throws where it is no file of ours. */
function refuseForeign(found: ReturnType<FileSystem["fstatSync"]>): void {
  if (!found.isFile()) throw refusalToRead("EINVAL", "it is no regular file");
  if (found.size > LARGEST_FILE_BYTES)
    throw refusalToRead("EFBIG", "it is larger than any of ours");
}

const refusalToRead = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code });

/** The system's own error, where ours wraps it. */
export const causeOf = (error: unknown): unknown =>
  error instanceof FolderNotSynced ? error.cause : error;

const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);

const isMissing = (error: unknown): boolean => errorCode(error) === "ENOENT";
