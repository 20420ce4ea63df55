/** How a step's attempt or a workflow ended, in the words of a span: none of them from a command's text, its output, or an answer. Pure. */
import type { Attempt, Step, WorkflowState } from "../../shared/schema/workflow.js";
import { attemptOf } from "../../shared/state/attempt.js";

/** The end of one span. */
export interface SpanOutcome {
  /** The status that was reached; `left` where somebody else goes on, or nobody knows. */
  readonly outcome: string;
  /** Undefined where no command ended by itself. */
  readonly exitCode?: number | undefined;
  /** Why the span has the status of an error; undefined where it has not. */
  readonly error?: string | undefined;
  /** Undefined where nobody said when. */
  readonly endedAt?: string | null | undefined;
}

/** An end of which nothing is known but that it is no more this server's to tell. */
export const LEFT: SpanOutcome = { outcome: "left" };

/** How this attempt of the step ended, by what the step says now. */
export function attemptOutcome(step: Step, attempt: number): SpanOutcome {
  const past = attemptOf(step) === attempt ? undefined : findPast(step, attempt);
  if (attemptOf(step) !== attempt && past === undefined) return LEFT;
  const { status, finished_at } = past ?? step;
  // Between two attempts a step is under way still, and the first of them has failed.
  const outcome = past === undefined && step.retry_at != null ? "failed" : status;
  const code = past === undefined ? codeIn(step.data) : past.exit_code;
  const exitCode = Number.isInteger(code) ? (code as number) : undefined;
  return { outcome, exitCode, error: errorOf(outcome, exitCode), endedAt: finished_at };
}

/** How the workflow ended; LEFT where it has not. */
export function runOutcome({ status, steps, end_time, interruption }: WorkflowState): SpanOutcome {
  switch (status) {
    case "running":
    case "blocked":
      return LEFT;
    case "interrupted":
      return { outcome: status, error: errorOf(status), endedAt: interruption?.at };
    case "failed": {
      const step = steps.find((one) => one.status === "failed" && one.continued !== true);
      const why = step && attemptOutcome(step, attemptOf(step)).error;
      return { outcome: status, error: why ? `${step.action}: ${why}` : status, endedAt: end_time };
    }
    case "completed":
    case "cancelled":
      return { outcome: status, endedAt: end_time };
  }
}

const findPast = ({ attempts = [] }: Step, attempt: number): Attempt | undefined =>
  attempts.find((past) => past.attempt === attempt);

const codeIn = (data: unknown): unknown =>
  (data as { readonly exit_code?: unknown } | null | undefined)?.exit_code;

function errorOf(outcome: string, exitCode?: number): string | undefined {
  if (outcome !== "failed" && outcome !== "interrupted") return undefined;
  return exitCode === undefined || exitCode === 0 ? outcome : `exit code ${exitCode}`;
}
