/** The attempts of a step, and whether one of them is over: by its reports and by its output. */
import { invalid } from "../../shared/errors.js";
import type { Step } from "../../shared/schema/workflow.js";
import { attemptOf } from "../../shared/state/attempt.js";
import { homeOf } from "../../shared/state/stepHome.js";
import { stepAtIndex } from "../../shared/state/stepPlace.js";
import { isEnded, isFinished } from "../../shared/statuses.js";
import type { LiveOwner } from "./owners.js";

/** Knows the attempts of a step that printed something. */
export interface Attempts {
  /** In order. */
  attempts(record: LiveOwner, step: number): readonly number[];
}

/** The newest attempt that was reported or printed something. */
export function newestAttempt(outputs: Attempts, record: LiveOwner, step: number): number {
  const reported = attemptOf(stepAtIndex(record.state, step) ?? {});
  return Math.max(reported, outputs.attempts(record, step).at(-1) ?? 1);
}

/** The next one after `attempt` that printed or is the newest; null where there is none yet. */
export function attemptAfter(
  outputs: Attempts,
  record: LiveOwner,
  step: number,
  attempt: number,
): number | null {
  const newest = newestAttempt(outputs, record, step);
  if (newest <= attempt) return null;
  const later = [...outputs.attempts(record, step), ...printedElsewhere(record, step)];
  return Math.min(newest, ...later.filter((one) => one > attempt));
}

/** Those of which a node of a cluster keeps output, as the state tells. */
function printedElsewhere({ state }: LiveOwner, index: number): number[] {
  return (stepAtIndex(state, index)?.attempts ?? [])
    .filter((one) => homeOf(one) !== undefined && (one.log_bytes ?? 0) > 0)
    .map(({ attempt }) => attempt);
}

/** Whether nothing more is to be expected of an attempt; late lines may come all the same. */
export function isOver(
  outputs: Attempts,
  record: LiveOwner,
  step: number,
  attempt: number,
): boolean {
  const reported = stepAtIndex(record.state, step);
  if (!reported || isEnded(record.state.status)) return true;
  if (newestAttempt(outputs, record, step) > attempt) return true;
  return attemptOf(reported) === attempt && isFinished(reported);
}

/** Throws SyncError `bad_message` naming `attempt` where no honest driver can have output of it. */
export function checkAttempt(
  outputs: Attempts,
  record: LiveOwner,
  step: number,
  attempt: number,
): void {
  const reported = stepAtIndex(record.state, step) ?? {};
  const at = attemptOf(reported);
  // A driver prints before it reports, and late lines of the attempt before come after the report.
  if (Math.abs(attempt - at) <= 1 || wasReported(reported, attempt)) return;
  if (attempt < at && outputs.attempts(record, step).includes(attempt)) return;
  throw invalid(
    "attempt",
    `the step is at attempt ${at}: output belongs to it, to an earlier one that was, or to the next`,
  );
}

const wasReported = ({ attempts, attempt: at }: Partial<Step>, attempt: number): boolean =>
  attempt < (at ?? 1) && (attempts ?? []).some((one) => one.attempt === attempt);
