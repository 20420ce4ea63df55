/** What a caller hears of an error: a refusal as it stands; a bug of ours only by name, while the log gets all of it. */
import { SyncError } from "../../../shared/errors.js";
import type { Log } from "../../log/log.js";

/** The error itself where it is a SyncError. Any other is logged as an error under `message`, and SyncError `internal` stands in for it. */
export function refusalOf(error: unknown, log: Log, message: string): SyncError {
  if (error instanceof SyncError) return error;
  log.error({ err: error }, message);
  return new SyncError("internal", "the server made a mistake; it was written to its log");
}
