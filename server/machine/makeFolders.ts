/** Makes a folder and those it is in. */
import { dirname } from "node:path";
import { errorCode } from "./systemErrors.js";
import type { FileSystem } from "./systemFiles.js";

/**
 * Resolves with the outermost folder that was not there before; undefined where all were. Rejects as `mkdir` does, also below a folder such as /proc, in which
 * nothing can be made: `mkdir` with `recursive` takes its ENOENT for a missing parent, and goes on without end.
 */
export async function makeFolders(
  fs: Pick<FileSystem, "mkdir">,
  path: string,
  mode?: number,
): Promise<string | undefined> {
  const missing: string[] = [];
  let outermost: string | undefined;
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      outermost = await makeOne(fs, folder, mode);
      break;
    } catch (error) {
      if (errorCode(error) !== "ENOENT" || dirname(folder) === folder) throw error;
      missing.unshift(folder);
    }
  }
  for (const folder of missing) {
    const made = await makeOne(fs, folder, mode);
    outermost ??= made;
  }
  return outermost;
}

/** Undefined where it is there already. */
async function makeOne(
  fs: Pick<FileSystem, "mkdir">,
  folder: string,
  mode?: number,
): Promise<string | undefined> {
  try {
    await fs.mkdir(folder, { mode });
    return folder;
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw error;
    // It is there, or refused. Its parent is there, so this ends.
    return fs.mkdir(folder, { recursive: true, mode });
  }
}
