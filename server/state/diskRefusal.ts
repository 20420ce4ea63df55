/** What an error of the disk means to whoever wanted something kept. */
import { SyncError } from "../../shared/errors.js";
import { errorCode } from "./disk.js";

const DISK_FULL: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Null where it is not the disk that refused but we who have a bug. `what` was to be saved. */
export function diskRefusal(cause: unknown, what: string): SyncError | null {
  const code = errorCode(cause);
  if (code === undefined) return null;
  return DISK_FULL.has(code)
    ? new SyncError("storage_full", "the disk is full; nothing was changed", { cause })
    : new SyncError("not_saved", `${what} could not be saved; nothing was changed`, { cause });
}
