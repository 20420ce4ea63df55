/** The steps of a definition and their branches, each under the index that it has in the state of its workflows. Pure. */

import type { Step } from "../../../shared/schema/workflow.js";
import { indexOfPlace, placeOfIndex } from "../../../shared/state/stepPlace.js";
import type { DefinedStep, WorkflowDefinition } from "./definition.js";

type Steps = Pick<WorkflowDefinition, "steps">;

/** Each parallel step before its branches. */
export const eachDefined = ({ steps }: Steps): readonly (readonly [number, DefinedStep])[] =>
  steps.flatMap((one, step) => [
    [step, one] as const,
    ...(one.parallel ?? []).map((own, branch) => [indexOfPlace({ step, branch }), own] as const),
  ]);

/** There is one. */
export function definedAt({ steps }: Steps, index: number): DefinedStep {
  const { step, branch } = placeOfIndex(index);
  const found = branch === null ? steps[step] : steps[step]?.parallel?.[branch];
  if (!found) throw new Error(`the definition has no step ${index}`);
  return found;
}

/** Whether it need not be done again when its workflow is retried. */
export function isDone(
  { status }: Pick<Step, "status">,
  { continueOnError }: DefinedStep,
): boolean {
  if (status === "failed") return continueOnError;
  return status === "completed" || status === "skipped";
}
