/** Turns an error of the disk into the refusal that the sender of a command reads. */
import { SyncError } from "../../shared/errors.js";
import { errorCode } from "./systemErrors.js";

const DISK_FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Null where the error is none of the system's, and so a bug of ours. `what` names the thing that was to be saved. */
export function diskRefusal(cause: unknown, what: string): SyncError | null {
  const code = errorCode(cause);
  if (code === undefined) return null;
  return DISK_FULL.has(code)
    ? new SyncError("storage_full", "the disk is full; nothing was changed", { cause })
    : new SyncError("not_saved", `${what} could not be saved; nothing was changed`, { cause });
}

/** The disk failed half-way and once more while that was taken back: a restart before it works again may find the one or the other. */
export function unknownOutcome(cause: unknown, what: string): SyncError {
  const isFull = DISK_FULL.has(errorCode(cause) ?? "");
  return new SyncError(
    isFull ? "storage_full" : "not_saved",
    `the disk failed while ${what} was saved; whether it was kept is not known until the disk works again`,
    { cause },
  );
}
