/** Why a server cannot save what it is told: the same words on every door. */

export const STORAGE_REASONS = [
  "disk_full",
  "read_only",
  "too_many_files",
  "not_allowed",
  "gone",
  "taken_over",
  "disk_fails",
] as const;

export type StorageReason = (typeof STORAGE_REASONS)[number];

/** A reason that a later protocol added is still one. */
export const asStorageReason = (text: string): StorageReason =>
  STORAGE_REASONS.find((one) => one === text) ?? "disk_fails";

/** On every answer of REST while nothing can be saved; its value is the reason. */
export const STORAGE_HEADER = "Instep-Storage-Failing";
