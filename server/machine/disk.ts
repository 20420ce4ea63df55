/** Files that survive a power cut. Knows names and bytes, not what they mean. */
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { AppendedFile } from "./appendedFile.js";
import { isMissing, orNull, readNow, useForReading } from "./foreignFiles.js";
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
  read(path: string): Promise<string | null> {
    return orNull(useForReading(this.#fs, path, (file) => file.readFile("utf8")));
  }

  /** The same in this very turn: a quarter of the time, and nobody else is served meanwhile. Throws where `read` rejects. */
  readNow(path: string): string | null {
    return readNow(this.#fs, path);
  }

  /** As `read`, without taking the bytes for text. */
  readBytes(path: string): Promise<Buffer | null> {
    return orNull(useForReading(this.#fs, path, (file) => file.readFile()));
  }

  /** The first bytes, as text. */
  readStart(path: string, bytes: number): Promise<string> {
    return useForReading(this.#fs, path, async (file) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.toString("utf8", 0, bytesRead);
    });
  }

  /**
   * Gives a record's file the name `<name>.json.<mark>`, or `-2`, `-3`, … where there is such a file: nothing is overwritten. Whatever it
   * is: a folder or a pipe, too. Durable once its folder is synced. Resolves with the new path; null where nothing is there.
   */
  async setAside(path: string, mark: string): Promise<string | null> {
    if (!(await this.isThere(path))) return null;
    const place = path.endsWith(".json") ? path : path.slice(0, path.lastIndexOf(".json.") + 5);
    for (let n = 1; ; n++) {
      const aside = `${place}.${mark}${n === 1 ? "" : `-${n}`}`;
      if (await this.isThere(aside)) continue;
      await this.#fs.rename(path, aside);
      return aside;
    }
  }

  /** Whether the path leads to anything, be it a link to nothing. */
  async isThere(path: string): Promise<boolean> {
    try {
      await this.#fs.lstat(path);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Resolves when the names in a folder survive a power cut. */
  async syncFolder(folder: string): Promise<void> {
    await this.#syncFolder(folder);
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
   * still there, whole, unless only the last step failed, the folder's fsync: then the new one is, and a power cut may take that back. A failed fsync is never tried again on the same file: a
   * kernel that reported it once may have dropped the pages and would then report success (https://mydbanotebook.org/posts/the-fsync-issue-and-postgres/).
   */
  replace(path: string, text: string): Promise<void> {
    return this.#heard(
      path,
      async () => {
        await this.#replace(path, text);
        await this.#syncFolder(dirname(path));
      },
      text.length,
    );
  }

  /** The same, but until its folder is synced a power cut may bring the old file back, whole. */
  replaceUnsynced(path: string, text: string): Promise<void> {
    return this.#heard(path, () => this.#replace(path, text), text.length);
  }

  /** Durable too; nothing to remove is no error. When it rejects, the file is still there, or a power cut may bring it back. */
  remove(path: string): Promise<void> {
    return this.#heard(path, async () => {
      await this.#unlink(path);
      await this.#syncFolder(dirname(path));
    });
  }

  /** Makes a file that can be appended to, with its first bytes; resolves when both are durable. When it rejects, the file may be there. */
  async beginAppended(path: string, bytes: Buffer): Promise<AppendedFile> {
    let file: AppendedFile | undefined;
    try {
      await this.#heard(
        path,
        async () => {
          file = await AppendedFile.create(this.#fs, path);
          await file.append(bytes);
          await this.#syncFolder(dirname(path));
        },
        bytes.length,
      );
    } catch (error) {
      await file?.close().catch(() => {});
      throw error;
    }
    return file!;
  }

  /** As `AppendedFile.append`, of the file at `path`. */
  append(path: string, file: AppendedFile, bytes: Buffer): Promise<void> {
    return this.#heard(path, () => file.append(bytes), bytes.length);
  }

  /** Atomic and durable, within one file system. When it rejects, nothing moved, or a power cut may take it back. */
  move(from: string, to: string): Promise<void> {
    return this.#heard(to, async () => {
      await this.#fs.rename(from, to);
      // A rename is durable once its folders are (https://stackoverflow.com/q/3764822). The new one is synced first: cut in between, the file is found twice rather than nowhere.
      for (const folder of new Set([dirname(to), dirname(from)])) await this.#syncFolder(folder);
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
      this.#listener.refused(path, error, bytes);
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

  async #unlink(path: string): Promise<void> {
    try {
      await this.#fs.unlink(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
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

const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);
