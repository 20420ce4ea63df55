/** A retry by the recipe as it is now: what an old workflow has done, in the order of another recipe, with the inputs that asks for. Pure. */
import { invalid, invalidFields } from "../../../shared/errors.js";
import { type FieldValues, maskValues } from "../../../shared/fields/fields.js";
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";
import {
  branchesOf,
  indexOfPlace,
  placeNumber,
  placeOfIndex,
} from "../../../shared/state/stepPlace.js";
import { checkGiven } from "../../fields/givenValues.js";
import type { DefinedStep, WorkflowDefinition } from "../definition/definition.js";

export interface Fitted {
  /** As if it had been of this recipe: what it has not done is pending. */
  readonly old: WorkflowState;
  /** The steps that it never had, by index. */
  readonly added: ReadonlySet<number>;
}

/** Steps are the same by their actions, wherever they stand. `inputs` in clear. */
export function fittedTo(
  definition: WorkflowDefinition,
  old: WorkflowState,
  inputs: FieldValues,
): Fitted {
  const added = new Set<number>();
  const stepOf = (defined: DefinedStep, index: number, before: readonly Step[]): Step => {
    const found = before.find(
      ({ action, steps }) => action === defined.action && !steps === !defined.parallel,
    );
    if (!found) added.add(index);
    const { steps: _, title: _title, when: _when, ...kept } = found ?? newStep(defined);
    const branches = defined.parallel?.map((own, branch) =>
      stepOf(own, indexOfPlace({ step: index, branch }), branchesOf(found)),
    );
    const isWhole = branches?.every(({ status }) => status === "completed" || status === "skipped");
    return {
      ...kept,
      index,
      ...(defined.title === undefined ? {} : { title: defined.title }),
      ...(defined.when === "success" ? {} : { when: defined.when }),
      // A branch that came to it is to be done.
      ...(isWhole === false && kept.status === "completed" && { status: "pending" as const }),
      ...(branches && { steps: branches }),
    } as Step;
  };
  const { name: _, title: _title, inputs: _inputs, ...rest } = old;
  const { name, title } = definition;
  const steps = definition.steps.map((step, index) => stepOf(step, index, old.steps));
  return {
    added,
    old: {
      ...rest,
      name,
      ...(title === undefined ? {} : { title }),
      inputs: maskValues(definition.inputs, inputs),
      steps,
    } as WorkflowState,
  };
}

const newStep = ({ action, enabled }: DefinedStep): Partial<Step> => ({
  action,
  status: enabled ? "pending" : "skipped",
});

/** Throws SyncError `bad_message` where a step before `from` was never done: nothing of it could be kept. */
export function checkKept({ old, added }: Fitted, from: number): void {
  const { step } = placeOfIndex(from);
  const missing = old.steps.findIndex(
    ({ status, when }, index) =>
      index < step && added.has(index) && status !== "skipped" && when === undefined,
  );
  if (missing === -1) return;
  const { action } = old.steps[missing]!;
  const message = `stands after step ${placeNumber(missing)} (${action}), which the recipe has now and the workflow never did: begin there, or before it`;
  throw invalid("from", message);
}

/** The inputs that were given at the start and are asked for still, with those that are given now. Throws SyncError `bad_message`, naming each that is missing or does not fit. */
export function inputsNow(
  { inputs: fields }: WorkflowDefinition,
  kept: FieldValues,
  given: FieldValues = {},
): FieldValues {
  const asked = Object.entries(kept).filter(([name]) => Object.hasOwn(fields, name));
  const checked = checkGiven(fields, { ...Object.fromEntries(asked), ...given });
  if (checked.ok) return checked.values;
  const errors = checked.problems.map(({ path, message }) => ({
    path: `inputs.${path}`,
    message: Object.hasOwn(given, path) ? message : `${message}, by the recipe as it is now`,
  }));
  throw invalidFields(errors);
}
