/** A folder of our own: made, or found and checked before anything is written into it. */

import type { Stats } from "node:fs";
import { makeFolders } from "./makeFolders.js";
import { errorCode } from "./systemErrors.js";
import type { FileSystem } from "./systemFiles.js";

const FOLDER_MODE = 0o700;
const OTHERS_MAY_WRITE = 0o022;
const OTHERS_MAY_READ = 0o055;

/** A folder that Instep must not use: the sentence says why. */
export class UnsafeFolder extends Error {
  override readonly name = "UnsafeFolder";
}

interface OwnFolder {
  /** The outermost folder that was not there before. */
  readonly firstMade: string | undefined;
  readonly isReadByOthers: boolean;
}

/**
 * Makes the folder (0700) or checks the one that is there: ours, and closed to other writers. One that others may read is closed to them,
 * unless it was `given`: then they may go on reading the names in it. Rejects with UnsafeFolder.
 */
export async function makeFolder(
  fs: FileSystem,
  path: string,
  given?: "given",
): Promise<OwnFolder> {
  const firstMade = await makeAll(fs, path);
  const { isReadByOthers } = checkFolder(await fs.lstat(path), path);
  // A file system without modes keeps them as they are.
  if (isReadByOthers && !given) await closeToOthers(fs, path).catch(() => {});
  return { firstMade, isReadByOthers };
}

/** Changes nothing. Throws UnsafeFolder where what was found at `path` is no folder of our own that is closed to other writers. */
export function checkFolder(
  found: Pick<Stats, "isSymbolicLink" | "isDirectory" | "uid" | "mode">,
  path: string,
): Pick<OwnFolder, "isReadByOthers"> {
  if (found.isSymbolicLink()) {
    throw new UnsafeFolder(`${path} is a link, not a folder; name the folder it leads to`);
  }
  if (!found.isDirectory()) throw new UnsafeFolder(`${path} is not a folder`);
  const self = process.getuid?.();
  if (self !== undefined && found.uid !== self) {
    throw new UnsafeFolder(`${path} belongs to another user; choose a folder of your own`);
  }
  if (found.mode & OTHERS_MAY_WRITE) {
    throw new UnsafeFolder(`${path} can be written by other users; choose a folder of your own`);
  }
  return { isReadByOthers: (found.mode & OTHERS_MAY_READ) !== 0 };
}

async function makeAll(fs: FileSystem, path: string): Promise<string | undefined> {
  try {
    return await makeFolders(fs, path, FOLDER_MODE);
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST") throw new UnsafeFolder(`${path} is a file, not a folder`);
    if (code === "ENOTDIR") throw new UnsafeFolder(`a part of ${path} is a file, not a folder`);
    throw error;
  }
}

async function closeToOthers(fs: FileSystem, folder: string): Promise<void> {
  const handle = await fs.open(folder, "r");
  try {
    await handle.chmod(FOLDER_MODE);
  } finally {
    await handle.close();
  }
}
