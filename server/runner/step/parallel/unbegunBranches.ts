/** The branches of a parallel step that does not run, or does not go on: they share its fate. Pure. */

import type { Step, StepUpdate } from "../../../../shared/schema/workflow.js";
import { branchesOf } from "../../../../shared/state/stepPlace.js";
import { isFinished } from "../../../../shared/statuses.js";

/** The update of a step and of its branches that have not ended. A branch that never began is skipped with it, and not cancelled. */
export function withItsBranches(step: Step, fate: Omit<StepUpdate, "action">): StepUpdate {
  const shares = (branch: Step) =>
    !isFinished(branch) && !(branch.status === "pending" && fate.status === "cancelled");
  const branches = branchesOf(step);
  if (!branches.some(shares)) return fate;
  return { ...fate, steps: branches.map((one) => (shares(one) ? { ...one, ...fate } : one)) };
}
