/** The report that a step has ended, made of how its last attempt went. Pure. */
import type { ErrorLine, StepUpdate } from "../../../shared/schema/workflow.js";
import { printable } from "../../../shared/text/printable.js";
import { stillRunning } from "../process/whyFailed.js";
import type { AttemptEnd } from "./attempt.js";

export interface StepEnd {
  readonly status: "completed" | "failed" | "cancelled";
  /** The report of the end, not yet made. */
  readonly update: StepUpdate;
  readonly error: string | null;
}

const ERROR_CHARACTERS = 2_000;

/** `rest`: what was not reported yet. `isStopping`: somebody wanted it to end, so that its end is no failure. */
export function stepEnd(
  end: AttemptEnd,
  rest: StepUpdate,
  { isStopping, now }: { readonly isStopping: boolean; readonly now: string },
): StepEnd {
  const common = {
    ...rest,
    finished_at: end.endedAt ?? now,
    ...(end.data === undefined ? {} : { data: end.data }),
  };
  const failed = (why: string, line?: ErrorLine): StepEnd => {
    const error = printable(why, ERROR_CHARACTERS);
    const update: StepUpdate = { ...common, status: "failed", error };
    return { status: "failed", error, update: line ? { ...update, error_line: line } : update };
  };
  if (isStopping) {
    // Said only once it is proven.
    if (end.survivors.length > 0) return failed(stillRunning(end.survivors));
    return { status: "cancelled", error: null, update: { ...common, status: "cancelled" } };
  }
  if (end.error !== null) return failed(end.error, end.errorLine);
  return { status: "completed", error: null, update: { ...common, status: "completed" } };
}
