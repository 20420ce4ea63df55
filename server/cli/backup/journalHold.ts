/** Holds the files of a journal open that a server writes and cuts: what it removes meanwhile can still be read. */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Disk } from "../../machine/disk.js";
import { errorCode } from "../../machine/systemErrors.js";
import { readJournalFolder } from "../../state/journal/journalFolder.js";
import { segmentNumberOf } from "../../state/journal/segmentName.js";
import { copyBytes } from "./mirror.js";

/** More files than a server on a busy disk has at once. */
const MOST_FILES = 200;

export class JournalHold {
  readonly #folder: string;
  readonly #files = new Map<string, FileHandle>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens each file that has come since the last look. */
  async look(): Promise<void> {
    for (const name of (await names(this.#folder)).sort()) {
      if (segmentNumberOf(name) === null || this.#files.has(name)) continue;
      if (this.#files.size >= MOST_FILES) throw new Error("the journal has too many files");
      const file = await open(join(this.#folder, name), constants.O_RDONLY).catch(gone);
      if (file) this.#files.set(name, file);
    }
  }

  /** Writes what all of them hold now to a folder, which is made anew. Resolves with the names of those that count. */
  async copyTo(folder: string): Promise<ReadonlySet<string>> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    // The newest first: what it says of the one before it is then in the copy of that one.
    for (const [name, file] of [...this.#files].reverse())
      await copyBytes(file, (await file.stat()).size, join(folder, name), 0o600);
    const { segments } = await readJournalFolder(new Disk(), folder);
    return new Set(segments.map(({ path }) => path.slice(folder.length + 1)));
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
    this.#files.clear();
  }
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(gone)) ?? [];
}

function gone(error: unknown): null {
  if (errorCode(error) === "ENOENT") return null;
  throw error;
}
