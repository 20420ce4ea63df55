/** The facts of one attempt of a step: how it stands, how much it printed, why it failed. Pure. */
import type { Step } from "../../../index.js";

/** The error of an attempt that failed. */
export interface Failure {
  /** Where the line begins, as its driver said; null where it did not. */
  readonly offset: number | null;
  readonly error: string | null;
}

export interface AttemptFacts {
  readonly status: Step["status"];
  readonly bytes: number;
  /** Null where it did not fail. */
  readonly failure: Failure | null;
}

/** Those of an attempt by its number; of the step itself where it is its own, or unknown. */
export function attemptFacts(step: Step, attempt: number): AttemptFacts {
  const over = step.attempts?.find((one) => one.attempt === attempt);
  const one = attempt === (step.attempt ?? 1) || !over ? step : over;
  const { status, log_bytes: bytes = 0, error, error_line } = one;
  const failure = { offset: error_line?.offset ?? null, error: error ?? null };
  return { status, bytes, failure: status === "failed" ? failure : null };
}
