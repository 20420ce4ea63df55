/** Turns an error into the refusal that a caller hears; a bug of ours is logged in full, and named to the caller only as `internal`. */
import { SyncError } from "../../../shared/errors.js";
import type { Log } from "../../log/log.js";

/** The error itself where it is a SyncError. Any other is logged as an error under `message`, with `details`, and SyncError `internal` stands in for it. */
export function refusalOf(
  error: unknown,
  log: Log,
  message: string,
  details: object = {},
): SyncError {
  if (error instanceof SyncError) return error;
  log.error({ err: error, ...details }, message);
  return new SyncError("internal", "the server made a mistake; it was written to its log");
}
