/** How long a step took, with all its attempts and what lay between them: one answer for every place that shows it. */
import type { Step, WorkflowState } from "../schema/workflow.js";

export interface StepSpan {
  /** When its first attempt began (ms). */
  readonly from: number;
  /** Null while it goes on. */
  readonly until: number | null;
  readonly attempts: number;
}

type Timed = Pick<Step, "status"> & {
  readonly attempt?: number | undefined;
  readonly started_at?: string | null | undefined;
  readonly first_started_at?: string | null | undefined;
  readonly finished_at?: string | null | undefined;
  readonly attempts?: readonly { readonly started_at?: string | null | undefined }[] | undefined;
};

/** Null where it has not begun, or nobody knows when it ended. An interrupted step is known of until it was last heard of. */
export function spanOf(
  step: Timed,
  interruption?: WorkflowState["interruption"] | undefined,
): StepSpan | null {
  const { attempt = 1, attempts = [], status } = step;
  const begun = [step.first_started_at, attempts[0]?.started_at, step.started_at]
    .map(timeOf)
    .filter((at) => at !== null);
  if (begun.length === 0) return null;
  const from = Math.min(...begun);
  const count = Math.max(attempt, attempts.length + 1);
  if (status === "in_progress" || status === "blocked")
    return { from, until: null, attempts: count };
  const seen = status === "interrupted" ? lastSeenOf(interruption) : null;
  const until = timeOf(step.finished_at) ?? timeOf(seen);
  return until === null ? null : { from, until, attempts: count };
}

/** When an interrupted workflow was last known to be at work: nobody saw its end. */
export const lastSeenOf = (interruption: WorkflowState["interruption"]): string | undefined =>
  interruption?.last_seen ?? interruption?.at;

/** How long a step has waited for all its answers (ms): that time is nobody's work. */
export function waitedMs({ answered }: Pick<Step, "answered">): number {
  const { waited_ms } = (answered ?? {}) as { readonly waited_ms?: unknown };
  return typeof waited_ms === "number" ? waited_ms : 0;
}

function timeOf(text: string | null | undefined): number | null {
  const at = text == null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
