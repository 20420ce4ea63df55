/** Reads a file that has to be its owner's alone: tokens, passwords, keys. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const MOST_BYTES = 256 * 1024;
/** Anything that others may do with it. */
const OF_OTHERS = 0o077;

/** Throws with a sentence that names the file where it cannot be read, is no regular file, is too large, or, but for `public`, is open to other users. */
export function readSettingFile(file: string, kind: "private" | "public" = "private"): string {
  let opened: number;
  try {
    // Without waiting, as a pipe would have us do for its writer. Links are followed: orchestrators lay secrets out as such, and the file they lead to is what counts.
    opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      code === "ENOENT" ? `there is no file ${file}` : `cannot read ${file} (${code})`,
    );
  }
  try {
    const { mode, size } = fstatSync(opened);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      throw new Error(`${file} is no regular file`);
    if (kind === "private" && (mode & OF_OTHERS) !== 0)
      throw new Error(`${file} is open to other users of this machine: chmod 600 ${file}`);
    if (size > MOST_BYTES) throw new Error(`${file} is over ${MOST_BYTES / 1024} KiB`);
    const bytes = Buffer.alloc(size);
    const read = readSync(opened, bytes, 0, size, 0);
    return bytes.toString("utf8", 0, read);
  } finally {
    closeSync(opened);
  }
}
