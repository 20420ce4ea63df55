/** How far a workflow is, as a share and in words. */
import type { Summary, WorkflowState } from "../../index.js";
import { lookOf } from "./status.js";

/** 0 to 1: finished steps count whole, a step at work counts by its own progress. */
export function doneShare(steps: WorkflowState["steps"]): number {
  if (steps.length === 0) return 0;
  let done = 0;
  for (const step of steps) {
    if (step.status === "completed" || step.status === "skipped") done += 1;
    else if (step.status !== "pending") done += step.progress ?? 0;
  }
  return Math.min(1, done / steps.length);
}

/** A summary knows no more than its current step: the steps before that one are done. */
export function summaryShare(summary: Summary): number {
  if (summary.status === "completed") return 1;
  if (summary.total_steps === 0) return 0;
  return Math.min(1, summary.current_step / summary.total_steps);
}

/** `4 of 9`; empty where there are no steps. */
export function stepCount(current: number, total: number): string {
  return total === 0 ? "" : `${Math.min(current + 1, total)} of ${total}`;
}

/** What a screen reader says of the bar: `4 of 9 steps, copy 62 percent`. */
export function progressText(state: WorkflowState): string {
  const { steps, current_step } = state;
  if (steps.length === 0) return lookOf(state.status).word;
  const step = steps[current_step];
  const words = `${stepCount(current_step, steps.length)} steps`;
  if (!step) return words;
  const name = step.title ?? step.action;
  return typeof step.progress === "number" && step.status === "in_progress"
    ? `${words}, ${name} ${Math.round(step.progress * 100)} percent`
    : `${words}, ${name} ${lookOf(step.status).word.toLowerCase()}`;
}
