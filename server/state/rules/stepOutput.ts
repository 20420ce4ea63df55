/** Says of a report how much each step printed, and whether it ends a step's output. Pure. */
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";
import { attemptOf } from "../../../shared/state/attempt.js";
import { eachStep, mapSteps, stepAtIndex } from "../../../shared/state/stepPlace.js";
import { isFinished } from "../../../shared/statuses.js";

/** The state with `log_bytes` of each reported step as the output's store has it: a driver's own number counts for nothing. */
export function withLogBytes(
  state: WorkflowState,
  before: WorkflowState | null,
  bytesOf: (step: number, attempt: number) => number,
): WorkflowState {
  const steps = mapSteps(state.steps, (step, index) => {
    if (step === (before && stepAtIndex(before, index))) return step;
    const { log_bytes, ...rest } = step;
    const bytes = bytesOf(index, attemptOf(step));
    if (bytes === 0) return log_bytes === undefined ? step : (rest as Step);
    return log_bytes === bytes ? step : { ...step, log_bytes: bytes };
  });
  const isSame = steps.every((step, index) => step === state.steps[index]);
  return isSame ? state : { ...state, steps };
}

/** Whether a step's output is at its end now, and was not before. */
export function finishesSteps(before: WorkflowState | null, after: WorkflowState | null): boolean {
  if (before === null || after === null || before.steps === after.steps) return false;
  return eachStep(after).some(([index, step]) => {
    const old = stepAtIndex(before, index);
    return step !== old && isFinished(step) && !(old && isFinished(old));
  });
}
