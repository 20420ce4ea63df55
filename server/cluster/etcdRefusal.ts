/** Turns what etcd refuses, or does not answer, into what the sender of a command reads. */
import { SyncError } from "../../shared/errors.js";
import { EtcdRefused, EtcdUnreachable } from "../etcd/etcd.js";

/** A SyncError `storage_full`, `too_large` or `unavailable` where nothing was done; an error that is none of etcd's as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof EtcdUnreachable)
    return new SyncError("unavailable", "the store does not answer; nothing changed", {
      retryAfter: 2,
      cause: error,
    });
  if (!(error instanceof EtcdRefused)) return error;
  switch (error.why) {
    case "full":
      return new SyncError("storage_full", "etcd is full (NOSPACE); nothing changed", {
        retryAfter: 10,
        cause: error,
      });
    case "too_large":
      return new SyncError("too_large", "etcd takes no request so large; nothing changed", {
        cause: error,
      });
    default:
      return new SyncError("unavailable", `etcd refuses: ${error.message}; nothing changed`, {
        retryAfter: 10,
        cause: error,
      });
  }
}

/** Of a change whose outcome nobody could tell in time. */
export const inDoubt = (cause?: unknown): SyncError =>
  new SyncError(
    "unavailable",
    "the store did not answer in time; it is not known whether the change was saved",
    { retryAfter: 2, cause },
  );
