/** Makes room for a new attempt of a step: the one before becomes history, its words go. */

import type { Attempt, Step, StepUpdate } from "../../../shared/schema/workflow.js";
import { homeOf } from "../../../shared/state/stepHome.js";
import { exitCodeOf } from "../report/exitCode.js";

/** The step as it is now, as one of its past attempts; null where there was none. */
function pastAttempt(step: Step): Attempt | null {
  if (step.status === "pending" || step.started_at == null) return null;
  const code = exitCodeOf(step.data);
  return {
    attempt: step.attempt ?? 1,
    status: step.status === "in_progress" ? "failed" : step.status,
    started_at: step.started_at,
    ...(step.finished_at == null ? {} : { finished_at: step.finished_at }),
    ...(step.error == null ? {} : { error: step.error }),
    ...(step.error_line == null ? {} : { error_line: step.error_line }),
    ...(Number.isInteger(code) ? { exit_code: code as number } : {}),
    ...(step.log_bytes === undefined ? {} : { log_bytes: step.log_bytes }),
    ...(homeOf(step) === undefined ? {} : { node: homeOf(step) }),
  };
}

/** The number of the attempt that the step is at once it runs (again); from 1. */
export function nextAttempt({ status, attempt = 1, started_at }: Step): number {
  if (status === "blocked") return attempt;
  const ran = status !== "pending" || started_at != null;
  return ran ? attempt + 1 : attempt;
}

/** So many past attempts are kept; the oldest go. */
const MOST_ATTEMPTS = 100;

/** The report that an attempt begins: nothing of the one before is left in sight. */
export function beginning(known: Step, attempt: number, started_at: string): StepUpdate {
  const past = pastAttempt(known);
  return {
    status: "in_progress",
    attempt,
    started_at,
    ...nulled(known, [
      "finished_at",
      "error",
      "error_line",
      "message",
      "message_from",
      "progress",
      "retry_at",
      "data",
    ]),
    ...(known.tasks?.length ? { tasks: [] } : {}),
    // Before its first attempt they are what was noted at the start.
    ...(known.notes?.length && known.started_at != null ? { notes: [] } : {}),
    ...(past !== null && past.attempt < attempt
      ? { attempts: [...(known.attempts ?? []), past].slice(-MOST_ATTEMPTS) }
      : {}),
  };
}

function nulled(step: Step, keys: readonly (keyof Step)[]): StepUpdate {
  return Object.fromEntries(keys.filter((key) => step[key] != null).map((key) => [key, null]));
}
