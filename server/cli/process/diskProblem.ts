/** Errors of the disk in words: it may refuse whatever a command does, and that is no bug of ours. */
import { errorCode } from "../../machine/systemErrors.js";

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full",
  EDQUOT: "The quota of the disk is used up",
  EFBIG: "The disk takes no file that large, or is full",
  EROFS: "The disk is read-only",
};
/** Calls on a file that is open: what they say names no path. */
const OF_OPEN_FILES: ReadonlySet<string> = new Set([
  "read",
  "write",
  "fsync",
  "fdatasync",
  "ftruncate",
  "fstat",
  "fchmod",
  "close",
]);

/** A sentence without its full stop, with the system's own word; null where it is no error of the disk. */
export function diskProblem(error: unknown): string | null {
  const code = errorCode(error);
  const { path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return null;
  if (path === undefined && !OF_OPEN_FILES.has(syscall)) return null;
  const where = path === undefined ? "" : ` at ${path}`;
  return `${WORDS[code] ?? "The disk refuses"} (${code}, ${syscall})${where}`;
}
