/** Says what an answer leads to, on its button and beside it. Pure. */
import type { BlockInfo, WorkflowState } from "../../../index.js";
import { titleOf } from "../reading/plan.js";

export interface AfterAnswer {
  /** On the button. */
  readonly button: string;
  /** Beside it, where more is to be known. */
  readonly more: string | null;
}

/** Only of a workflow that the server runs it is known what comes: another driver decides for itself. */
export function afterAnswer(
  state: WorkflowState,
  question: BlockInfo,
  hasFields: boolean,
): AfterAnswer {
  const index = question.step ?? state.current_step;
  if (state.definition === undefined)
    return { button: hasFields ? "Answer" : "Continue", more: null };
  const next = state.steps.find((step) => step.index > index && step.status === "pending");
  if (!next) {
    return {
      button: hasFields ? "Answer and finish" : "Finish",
      more: "It is the last step: with the answer the workflow ends.",
    };
  }
  const to = `ontinue with ${titleOf(next)}`;
  return { button: hasFields ? `Answer and c${to}` : `C${to}`, more: null };
}
