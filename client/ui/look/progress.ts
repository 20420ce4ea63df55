/** How far a workflow is, as a share and in words. */
import type { WorkflowState } from "../../index.js";
import { lookOf } from "./status.js";

/** `4 of 9`; empty where there are no steps. */
export function stepCount(current: number, total: number): string {
  return total === 0 ? "" : `${Math.min(current + 1, total)} of ${total}`;
}

/** A screen reader hears of the bar: `4 of 9 steps, copy 62 percent`. */
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
