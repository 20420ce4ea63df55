/** The files behind `$INSTEP_OUTPUT`, one for each command, in a folder of our own: read once, bounded, and gone. */
import { constants } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openRegular, readAtMost, UnusableFile } from "../../../machine/regularFile.js";
import { errorCode } from "../../../machine/systemErrors.js";
import { readOutputText, type WrittenListener } from "./outputFileText.js";

const MOST_FILE_BYTES = 1024 * 1024;

export class OutputFiles {
  /** For what else is needed only while a command runs: swept as well. */
  readonly folder: string;

  /** In a folder that is there and that only we may enter. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Removes what a server that died left. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.folder)) await this.#remove(this.#path(name));
  }

  /** Where the command that is called so may write; the file is there, and empty. */
  async create(name: string): Promise<string> {
    const path = this.#path(name);
    await this.#remove(path);
    // Where the disk refuses, the command that needs it says so.
    const file = await open(path, "wx", 0o600).catch(() => null);
    await file?.close();
    return path;
  }

  /** Tells what was written, once nobody writes any more: the file is gone then. Never rejects. */
  async take(name: string, listener: WrittenListener): Promise<void> {
    const path = this.#path(name);
    await readHanded(path, listener);
    await this.#remove(path);
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  /** A file that cannot be removed waits for the next sweep. */
  async #remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Tells what was written to the file; nothing where there is none. Never rejects. */
export async function readHanded(path: string, listener: WrittenListener): Promise<void> {
  try {
    await readOutputs(path, listener);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") listener.problem(whyUnusable(error));
  }
}

async function readOutputs(path: string, listener: WrittenListener): Promise<void> {
  const file = await openRegular(path, constants.O_NOFOLLOW);
  try {
    const bytes = await readAtMost(file, MOST_FILE_BYTES + 1);
    const isCut = bytes.length > MOST_FILE_BYTES;
    if (isCut)
      listener.problem(`it is larger than ${MOST_FILE_BYTES} bytes: what is beyond was left out`);
    readOutputText(bytes.subarray(0, MOST_FILE_BYTES), listener, isCut);
  } finally {
    await file.close();
  }
}

function whyUnusable(error: unknown): string {
  if (error instanceof UnusableFile) return `it ${error.message}: nothing of it was read`;
  const code = errorCode(error);
  // O_NOFOLLOW.
  if (code === "ELOOP") return "it is a link, not a file: nothing of it was read";
  return `it cannot be read (${code ?? "unknown"})`;
}
