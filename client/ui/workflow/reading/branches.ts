/** The steps of a workflow with those that run at the same time within one of them. Pure. */
import { branchesOf, eachStep, type Step, type WorkflowState } from "../../../index.js";

type Steps = WorkflowState["steps"];

/** In order, each parallel step before its branches. */
export const allSteps = (steps: Steps): readonly Step[] =>
  eachStep({ steps }).map(([, step]) => step);

/** Those that do the work: a parallel step only says how its branches are. */
export const workingSteps = (steps: Steps): readonly Step[] =>
  steps.flatMap((step) => {
    const branches = branchesOf(step);
    return branches.length > 0 ? branches : [step];
  });

/** `2 of 3 done, 1 failed`; null where a step has no branches. */
export function branchText(step: Step): string | null {
  const branches = branchesOf(step);
  if (branches.length === 0) return null;
  const count = (...statuses: Step["status"][]) =>
    branches.filter(({ status }) => statuses.includes(status)).length;
  const failed = count("failed");
  const said = `${count("completed", "skipped")} of ${branches.length} done`;
  return failed === 0 ? said : `${said}, ${failed} failed`;
}
