/** The steps and branches of a recipe as it was written, whatever stands in it. Pure. */
import { placeOfIndex, type StepPlace } from "../../../../shared/state/stepPlace.js";
import { eachDefined } from "../definedSteps.js";
import type { DefinedStep, WorkflowDefinition } from "../definition.js";

/** The keys that lead to a step, as those of a problem do. */
export type StepPath = readonly (string | number)[];

export interface WrittenStep {
  readonly path: StepPath;
  /** As people count: `3`, or `3.2` for a branch. There may be more steps than a workflow can have. */
  readonly number: string;
  /** Its keys; none where it is no map. */
  readonly keys: Readonly<Record<string, unknown>>;
}

/** Each in the order of the file, a parallel step before its branches. What stands deeper is refused unread. */
export function* writtenSteps(raw: unknown): Generator<WrittenStep> {
  for (const [step, own] of listIn(raw, "steps").entries()) {
    yield { path: stepPath({ step, branch: null }), number: `${step + 1}`, keys: keysOf(own) };
    for (const [branch, one] of listIn(own, "parallel").entries()) {
      const number = `${step + 1}.${branch + 1}`;
      yield { path: stepPath({ step, branch }), number, keys: keysOf(one) };
    }
  }
}

/** The same of a definition that was read. */
export const stepsWithPaths = (
  definition: Pick<WorkflowDefinition, "steps">,
): readonly { readonly path: StepPath; readonly step: DefinedStep }[] =>
  eachDefined(definition).map(([index, step]) => ({ path: stepPath(placeOfIndex(index)), step }));

const stepPath = ({ step, branch }: StepPlace): StepPath =>
  branch === null ? ["steps", step] : ["steps", step, "parallel", branch];

/** The keys of a map; none where it is none. */
export const keysOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function listIn(holder: unknown, key: "steps" | "parallel"): readonly unknown[] {
  const list = keysOf(holder)[key];
  return Array.isArray(list) ? list : [];
}
