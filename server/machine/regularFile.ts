/** Reads files of others, whole and bounded. A pipe, socket or folder is refused by name and never waited for; links are followed, as a mounted folder may be made of them. */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** A file that cannot be used: the message says why, as what follows its name. */
export class UnusableFile extends Error {
  override readonly name = "UnusableFile";
}

/** A text that differs for every other version of the file. Throws UnusableFile, or the system's error. */
export async function sealOf(path: string): Promise<string> {
  const found = await stat(path);
  checkRegular(found);
  const { size, mtimeMs, ctimeMs, ino } = found;
  return [size, mtimeMs, ctimeMs, ino].join("/");
}

/**
 * The text of the file. Throws UnusableFile, also where it is larger than `most` bytes or no UTF-8, or the system's error. `inspect` is shown the
 * file that is read, before it is, and may refuse it.
 */
export async function readText(
  path: string,
  most: number,
  inspect: (found: Stats) => void = () => {},
): Promise<string> {
  const handle = await openRegular(path, 0, inspect);
  try {
    return textOf(await readAtMost(handle, most + 1), most);
  } finally {
    await handle.close();
  }
}

/** Opens a file for reading, with further `flags`. Throws UnusableFile, or the system's error. */
export async function openRegular(
  path: string,
  flags = 0,
  inspect: (found: Stats) => void = () => {},
): Promise<FileHandle> {
  // A pipe may have taken the place of the file that was looked at: O_NONBLOCK opens it without waiting for a writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
  try {
    const found = await handle.stat();
    checkRegular(found);
    inspect(found);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Throws UnusableFile. */
export function textOf(bytes: Buffer, most: number): string {
  if (bytes.length > most) throw new UnusableFile(`is larger than ${most} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnusableFile("is not UTF-8 text");
  }
}

/** The first `most` bytes, or all where there are fewer. */
export async function readAtMost(handle: FileHandle, most: number): Promise<Buffer> {
  const bytes = Buffer.alloc(most);
  let filled = 0;
  while (filled < most) {
    const { bytesRead } = await handle.read(bytes, filled, most - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function checkRegular(found: Stats): void {
  if (found.isFile()) return;
  throw new UnusableFile(`is ${kindOf(found)}, not a file`);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a pipe";
  if (found.isSocket()) return "a socket";
  return "a device";
}
