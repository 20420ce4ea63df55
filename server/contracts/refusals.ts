/** The codes with which calls are refused, by what kind of call it is: each call of the table names those it may give. */
import { type ErrorCode, SyncError } from "../../shared/errors.js";

/** Of every call that asks who calls. `rate_limited`: too many wrong tokens. */
export const ASKED: readonly ErrorCode[] = [
  "bad_message",
  "unauthorized",
  "forbidden",
  "rate_limited",
  "unavailable",
  "shutting_down",
  "internal",
];

/** Of every call that changes something. */
export const WRITTEN: readonly ErrorCode[] = [
  ...ASKED,
  "too_large",
  "not_json",
  "not_saved",
  "storage_full",
];

/** Of every call that is a command. */
export const COMMANDED: readonly ErrorCode[] = [
  ...WRITTEN,
  "unknown_workflow",
  "damaged",
  "stale_driver",
  "position_moved",
  "key_reused",
  "too_many",
];

/** By the status that they come with. */
export function byStatus(codes: readonly ErrorCode[]): ReadonlyMap<number, readonly ErrorCode[]> {
  const grouped = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const { httpStatus } = new SyncError(code, "");
    grouped.set(httpStatus, [...(grouped.get(httpStatus) ?? []), code]);
  }
  return grouped;
}
