/** Which attempts of a step there are, and whether one is over: by what was reported and by what was printed. */
import { SyncError } from "../../shared/errors.js";
import { isEnded, type Step } from "../../shared/schema/workflow.js";
import { stepAtIndex } from "../../shared/state/stepPlace.js";
import { isFinished } from "../../shared/statuses.js";
import { attemptOf } from "../state/outputs.js";
import type { LiveRecord } from "../state/record.js";
import type { Logs } from "./logs.js";

type Attempts = Pick<Logs, "attempts">;

/** Reported or printing, whichever is further. */
export function newestAttempt(logs: Attempts, record: LiveRecord, step: number): number {
  const reported = attemptOf(stepAtIndex(record.state, step) ?? {});
  return Math.max(reported, logs.attempts(record, step).at(-1) ?? 1);
}

/** The next one after `attempt` that printed or is the newest; null where there is none yet. */
export function attemptAfter(
  logs: Attempts,
  record: LiveRecord,
  step: number,
  attempt: number,
): number | null {
  const newest = newestAttempt(logs, record, step);
  if (newest <= attempt) return null;
  return logs.attempts(record, step).find((one) => one > attempt) ?? newest;
}

/** Whether nothing more is to be expected of an attempt; late lines may come all the same. */
export function isOver(logs: Attempts, record: LiveRecord, step: number, attempt: number): boolean {
  const reported = stepAtIndex(record.state, step);
  if (!reported || isEnded(record.state.status)) return true;
  if (newestAttempt(logs, record, step) > attempt) return true;
  return attemptOf(reported) === attempt && isFinished(reported);
}

/** Throws SyncError `bad_message` naming `attempt` where no honest driver can have output of it. */
export function checkAttempt(
  logs: Attempts,
  record: LiveRecord,
  step: number,
  attempt: number,
): void {
  const reported = stepAtIndex(record.state, step) ?? {};
  const at = attemptOf(reported);
  // A driver prints before it reports, and late lines of the attempt before come after the report.
  if (Math.abs(attempt - at) <= 1 || wasReported(reported, attempt)) return;
  if (attempt < at && logs.attempts(record, step).includes(attempt)) return;
  const message = `the step is at attempt ${at}: output belongs to it, to an earlier one that was, or to the next`;
  throw new SyncError("bad_message", `attempt: ${message}`, {
    errors: [{ path: "attempt", message }],
  });
}

const wasReported = ({ attempts, attempt: at }: Partial<Step>, attempt: number): boolean =>
  attempt < (at ?? 1) && (attempts ?? []).some((one) => one.attempt === attempt);
