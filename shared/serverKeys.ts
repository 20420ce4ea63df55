/** The keys of a state that only the server sets: what a driver sends there is ignored, of whatever type it is. */
export const SERVER_KEYS = [
  "last_update",
  "driver",
  "interruption",
  "definition",
  "queued",
  "concurrency",
  "replaced_by",
  "stop_requested",
  "stopped_by",
  "retried_from",
  "recovered_from_backup",
  "hook_runs",
] as const;
