/** Reads files that may be anybody's by now: no link is followed, and what is no file of ours is refused. */
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { errorCode } from "./systemErrors.js";
import type { FileSystem } from "./systemFiles.js";

/** Opens no link (O_NOFOLLOW), and does not wait for a writer at the other end of a pipe (O_NONBLOCK). */
const READ_ONLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** No file of ours is larger than a small multiple of the largest state; a larger one is somebody else's. */
const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

/** Rejects where there is no such file, where it is no regular file, or larger than any of ours. */
export async function useForReading<T>(
  fs: Pick<FileSystem, "open">,
  path: string,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await fs.open(path, READ_ONLY);
  try {
    refuseForeign(await file.stat());
    return await use(file);
  } finally {
    await file.close();
  }
}

/** The whole text, in this very turn; null where there is no such file. Throws where `useForReading` rejects. */
export function readNow(fs: FileSystem, path: string): string | null {
  let file: number;
  try {
    file = fs.openSync(path, READ_ONLY);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    refuseForeign(fs.fstatSync(file));
    return fs.readFileSync(file, "utf8");
  } finally {
    fs.closeSync(file);
  }
}

/** Null where there is no such file. */
export async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export const isMissing = (error: unknown): boolean => errorCode(error) === "ENOENT";

function refuseForeign(found: ReturnType<FileSystem["fstatSync"]>): void {
  if (!found.isFile()) throw refusalToRead("EINVAL", "it is no regular file");
  if (found.size > LARGEST_FILE_BYTES)
    throw refusalToRead("EFBIG", "it is larger than any of ours");
}

const refusalToRead = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code });
