/** An interrupted step is said to be done, and counts as completed. Pure. */
import { invalid, SyncError } from "../../../shared/errors.js";
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";
import { branchesOf, eachStep, stepAtIndex, withStepAt } from "../../../shared/state/stepPlace.js";
import { lastSeenOf } from "../../../shared/state/stepSpan.js";
import { stepFinder } from "./namedSteps.js";
import { withoutPrinted } from "./settleStep.js";

/**
 * The steps with the interrupted one that is named completed. Of a parallel step its interrupted branches are completed with it,
 * and those that have not begun are skipped; of a branch nothing else changes. Throws SyncError where it was not interrupted.
 */
export function withDone(
  state: WorkflowState,
  named: string | number,
  { by, now }: { readonly by: string | undefined; readonly now: string },
): Step[] {
  const index = stepAt(state, named, "done");
  const step = stepAtIndex(state, index)!;
  if (step.status !== "interrupted") {
    throw new SyncError(
      "not_waiting",
      `"${step.action}" is ${step.status}; only a step that was interrupted can be marked as done`,
    );
  }
  const { interruption } = state;
  const completion_note = `Marked as done by ${by ?? "somebody"} after it was interrupted.`;
  // Nobody saw the step's end: only the time at which it was last at work is known.
  const finished_at = lastSeenOf(interruption) ?? now;
  const completed = (one: Step): Step => {
    const { progress: _reached, error: _before, ...rest } = withoutPrinted(one);
    return { ...rest, status: "completed", finished_at, completion_note };
  };
  const branches = branchesOf(step).map((branch): Step => {
    if (branch.status === "interrupted") return completed(branch);
    return branch.status === "pending" ? { ...branch, status: "skipped", completion_note } : branch;
  });
  const done = completed(step);
  return withStepAt(
    state.steps,
    index,
    branches.length === 0 ? done : { ...done, steps: branches },
  );
}

/** The index of the step or branch that an action or an index names. Throws SyncError `bad_message` where there is none, or more than one; `path` is the field that named it. */
export function stepAt(state: WorkflowState, named: string | number, path: string): number {
  const found = stepFinder(eachStep(state), state.steps.length)(named);
  if (found.ok) return found.index;
  throw invalid(path, found.why);
}
