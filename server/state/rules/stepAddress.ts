/** Refuses an index that names no step of a workflow, and more steps than it may have. Pure. */
import { invalid, SyncError } from "../../../shared/errors.js";
import { LIMITS } from "../../../shared/limits.js";
import type { Step, StepUpdate, WorkflowState } from "../../../shared/schema/workflow.js";
import { countSteps, placeOfIndex, stepAtIndex } from "../../../shared/state/stepPlace.js";

/** The step, or the branch. Throws SyncError `unknown_step` where there is none. */
export function requireStep(state: WorkflowState, index: number): Step {
  const found = stepAtIndex(state, index);
  if (found) return found;
  const { step, branch } = placeOfIndex(index);
  const { length } = state.steps;
  const what =
    branch === null || step >= length
      ? `there are ${length}, counted from 0`
      : `step ${step} has no branch ${branch}, counted from 0`;
  throw new SyncError("unknown_step", `there is no step ${index}; ${what}`);
}

/** Throws SyncError `bad_message` where a branch is given branches. */
export function checkBranches(index: number, update: StepUpdate): void {
  if (update.steps === undefined || placeOfIndex(index).branch === null) return;
  throw invalid("steps", "cannot stand in a branch: it has no branches of its own");
}

/** Throws SyncError `bad_message` where there are too many steps and branches together. */
export function checkedCount(state: WorkflowState): WorkflowState {
  const count = countSteps(state);
  if (count <= LIMITS.steps) return state;
  throw invalid(
    "steps",
    `must have at most ${LIMITS.steps} with their branches, and there are ${count}`,
  );
}
