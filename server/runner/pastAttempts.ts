/** What a new attempt of a step leaves behind: the one before becomes history, its words go. */
import type { Attempt, Step, StepUpdate } from "../../shared/workflow.js";

/** What the step is at now, as one of its past attempts; null where there was none. */
export function pastAttempt(step: Step): Attempt | null {
  if (step.status === "pending" || step.started_at == null) return null;
  const code = (step.data as { exit_code?: unknown } | null | undefined)?.exit_code;
  return {
    attempt: step.attempt ?? 1,
    status: step.status === "in_progress" ? "failed" : step.status,
    started_at: step.started_at,
    ...(step.finished_at == null ? {} : { finished_at: step.finished_at }),
    ...(step.error == null ? {} : { error: step.error }),
    ...(step.error_line == null ? {} : { error_line: step.error_line }),
    ...(Number.isInteger(code) ? { exit_code: code as number } : {}),
    ...(step.log_bytes === undefined ? {} : { log_bytes: step.log_bytes }),
  };
}

export function nulled(step: Step, keys: readonly (keyof Step)[]): StepUpdate {
  return Object.fromEntries(keys.filter((key) => step[key] != null).map((key) => [key, null]));
}
