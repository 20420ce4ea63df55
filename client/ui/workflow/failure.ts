/** Why a workflow failed, said in one place: what its head says, its steps need not say again. Pure. */
import type { Step, WorkflowState } from "../../index.js";

/** The sentence for the head of a failed workflow; null where there is none. */
export function headline(state: Pick<WorkflowState, "status" | "error_message" | "steps">) {
  if (state.status !== "failed") return null;
  return state.error_message || state.steps.findLast(hasFailed)?.error || null;
}

/** Whether what the step says of its failure stands in the head already. */
export function isInHeadline(step: Step, text: string | null): boolean {
  return text !== null && hasFailed(step) && !!step.error && text.includes(step.error.trim());
}

const hasFailed = ({ status }: Step): boolean => status === "failed";
