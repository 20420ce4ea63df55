/** The refusal of a change by a server that no longer has its data folder. */
import { SyncError } from "../../shared/errors.js";
import type { StorageReason } from "../../shared/wire/storage.js";

/** The folder is gone, or another server's by now: nothing was changed. */
export class FolderLost extends SyncError {
  readonly reason: Extract<StorageReason, "gone" | "taken_over">;

  constructor(why: string, reason: FolderLost["reason"]) {
    super("not_saved", `${why}; nothing was changed`);
    this.reason = reason;
  }
}
