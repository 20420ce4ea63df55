/** Files of others, read whole and bounded: what is no regular file is named and never waited for. Links are followed: a mounted folder may be made of them. */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** It cannot be used: the message says why, as what follows its name. */
export class UnusableFile extends Error {
  override readonly name = "UnusableFile";
}

/** What another version of the file differs in. Throws UnusableFile, or what the system says. */
export async function sealOf(path: string): Promise<string> {
  const found = await stat(path);
  checkRegular(found);
  const { size, mtimeMs, ctimeMs, ino } = found;
  return [size, mtimeMs, ctimeMs, ino].join("/");
}

/**
 * Throws UnusableFile, also where it is larger than `most` bytes or no UTF-8, or what the system says. `inspect` is shown the
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

/** For reading, with further `flags`. Throws UnusableFile, or what the system says. */
export async function openRegular(
  path: string,
  flags = 0,
  inspect: (found: Stats) => void = () => {},
): Promise<FileHandle> {
  // A pipe may have taken the place of the file that was looked at: without waiting for who writes to it.
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
