/** Which attempts of a step there are, and whether one is over: by what was reported and by what was printed. */
import { isEnded } from "../../shared/workflow.js";
import { attemptOf, isFinished } from "../state/outputs.js";
import type { LiveRecord } from "../state/record.js";
import type { Logs } from "./logs.js";

type Attempts = Pick<Logs, "attempts">;

/** Reported or printing, whichever is further. */
export function newestAttempt(logs: Attempts, record: LiveRecord, step: number): number {
  const reported = attemptOf(record.state.steps[step] ?? {});
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
  const reported = record.state.steps[step];
  if (!reported || isEnded(record.state.status)) return true;
  if (newestAttempt(logs, record, step) > attempt) return true;
  return attemptOf(reported) === attempt && isFinished(reported);
}
