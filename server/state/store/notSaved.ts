/** Turns what kept a change from being durable into what its sender reads. */
import { SyncError } from "../../../shared/errors.js";
import { diskRefusal, unknownOutcome } from "../../machine/diskRefusal.js";
import { NotAppended } from "../journal/journal.js";
import { StoreConflict } from "./store.js";

/** A SyncError `not_saved` or `storage_full`; a conflict, and an error that is none of the disk's, as they are. */
export function notSaved(error: unknown): Error {
  if (error instanceof SyncError || error instanceof StoreConflict) return error;
  const cause = error instanceof NotAppended ? error.cause : error;
  if (error instanceof NotAppended && !error.isKnown) return unknownOutcome(cause, "the change");
  // An error that is not the disk's is a bug of ours, and is thrown as it is.
  return (
    diskRefusal(cause, "the change") ?? (cause instanceof Error ? cause : new Error(String(cause)))
  );
}
