/** Says in one place why a workflow failed: its steps need not repeat what the head says. Pure. */

import type { Step, WorkflowState } from "../../../index.js";
import { workingSteps } from "./branches.js";

/** The sentence for the head of a failed workflow; null where there is none. */
export function headline(state: Pick<WorkflowState, "status" | "error_message" | "steps">) {
  if (state.status !== "failed") return null;
  return state.error_message || workingSteps(state.steps).findLast(hasFailed)?.error || null;
}

/** Whether what the step says of its failure stands in the head already. */
export function isInHeadline(step: Step, text: string | null): boolean {
  return text !== null && hasFailed(step) && !!step.error && text.includes(step.error.trim());
}

export interface FailureParts {
  readonly sentence: string;
  /** `exit code 1`; null where it stands in the sentence, or nobody said. */
  readonly how: string | null;
}

/** The sentence, and beside it how the command ended. */
export function partsOf(error: string): FailureParts {
  const { sentence = error, how = null } = HOW.exec(error)?.groups ?? {};
  return { sentence, how };
}

const HOW = /^(?<sentence>.*\S) \((?<how>exit code \d+)\)$/s;

const hasFailed = ({ status }: Step): boolean => status === "failed";
