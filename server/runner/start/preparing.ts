/** From a wish to start or to retry to a state that can be saved, or a refusal that names what is wrong. Pure. */
import {
  type FieldError,
  invalid,
  invalidFields,
  MOST_FIELD_ERRORS,
  SyncError,
} from "../../../shared/errors.js";
import {
  type FieldValues,
  hiddenNames,
  leftOutOf,
  maskValues,
} from "../../../shared/fields/fields.js";
import type { CommandOf } from "../../../shared/schema/command.js";
import type { StateInput, StepInput, WorkflowState } from "../../../shared/schema/workflow.js";
import { firstToRetry, isLeftOut } from "../../../shared/state/cleanup.js";
import {
  branchesOf,
  eachStep,
  placeOfIndex,
  stepAtIndex,
} from "../../../shared/state/stepPlace.js";
import { isEnded } from "../../../shared/statuses.js";
import { checkGiven } from "../../fields/givenValues.js";
import { stepAt } from "../../state/rules/markedDone.js";
import { stepFinder } from "../../state/rules/namedSteps.js";
import { eachDefined, isDone } from "../definition/definedSteps.js";
import type { DefinedStep, WorkflowDefinition } from "../definition/definition.js";

export interface PreparedStart {
  readonly state: StateInput;
  /** Secrets in clear. */
  readonly inputs: FieldValues;
}

/** Throws SyncError `bad_message` where an input or a switch is wrong. */
export function prepareStart(
  definition: WorkflowDefinition,
  { inputs = {}, skip = [], enable = [], by }: CommandOf<"start">,
): PreparedStart {
  const checked = checkGiven(definition.inputs, inputs);
  const [left, wanted] = [chosen(definition, "skip", skip), chosen(definition, "enable", enable)];
  const errors: FieldError[] = [
    ...(checked.ok ? [] : checked.problems).map(({ path, message }) => ({
      path: `inputs.${path}`,
      message,
    })),
    ...left.errors,
    ...wanted.errors,
  ];
  if (errors.length > 0 || !checked.ok) throw invalidFields(errors);
  const on = switchedOn(definition, left.steps, wanted.steps);
  if (on.size === 0) throw invalid("skip", "leaves no step to run");
  const { name, title } = definition;
  const first = definition.steps.findIndex((step) => on.has(step));
  const notes = leftOutOf(definition.inputs, inputs, true).map(
    ({ path, message }) => `${definition.inputs[path]?.title ?? path}: ${message}.`,
  );
  return {
    inputs: checked.values,
    state: {
      name,
      ...(title === undefined ? {} : { title }),
      ...(by === undefined ? {} : { started_by: by }),
      status: "running",
      current_step: first,
      inputs: maskValues(definition.inputs, checked.values),
      ...hiding(hiddenNames(definition.inputs)),
      steps: definition.steps.map((step, index) => ({
        ...newStep(step, on),
        ...(step.parallel && { steps: step.parallel.map((branch) => newStep(branch, on)) }),
        ...(index === first && notes.length > 0 ? { notes } : {}),
      })),
    },
  };
}

/** The steps and branches that are to run: a parallel step with any branch that is. */
function switchedOn(
  { steps }: WorkflowDefinition,
  skip: ReadonlySet<DefinedStep>,
  enable: ReadonlySet<DefinedStep>,
): ReadonlySet<DefinedStep> {
  const isNamed = (step: DefinedStep) => enable.has(step);
  const isOn = (step: DefinedStep) => !skip.has(step) && (step.enabled || isNamed(step));
  return new Set(
    steps.flatMap((step) => {
      if (!step.parallel) return isOn(step) ? [step] : [];
      if (skip.has(step)) return [];
      // A step that is switched off runs only those of its branches that are named.
      const branches = step.parallel.filter((one) => isOn(one) && (isOn(step) || isNamed(one)));
      return branches.length === 0 ? [] : [step, ...branches];
    }),
  );
}

const newStep = (step: DefinedStep, on: ReadonlySet<DefinedStep>): StepInput => ({
  action: step.action,
  ...(step.title === undefined ? {} : { title: step.title }),
  ...(step.when === "success" ? {} : { when: step.when }),
  status: on.has(step) ? "pending" : "skipped",
});

/** A new workflow that keeps what is done before `from`. */
export function prepareRetry(
  definition: WorkflowDefinition,
  old: WorkflowState,
  { from, by }: CommandOf<"retry">,
): { readonly state: StateInput; readonly from: number } {
  if (!isEnded(old.status)) {
    throw new SyncError("not_waiting", `it is ${old.status}; only an ended workflow is retried`);
  }
  checkSameSteps(definition, old);
  const index = placeOf(from, old);
  const place = placeOfIndex(index);
  const step = stepAtIndex(old, index)!;
  if (step.status === "skipped" && !isLeftOut(step)) {
    throw new SyncError("step_switched_off", `"${step.action}" was switched off at the start`);
  }
  const { name, title, inputs } = old;
  return {
    from: index,
    state: {
      ...(name === undefined ? {} : { name }),
      ...(title === undefined ? {} : { title }),
      ...(by === undefined ? {} : { started_by: by }),
      ...(inputs === undefined ? {} : { inputs }),
      ...hiding([...(old.hidden_inputs ?? []), ...hiddenNames(definition.inputs)]),
      status: "running",
      current_step: place.step,
      steps: old.steps.map((one, at) => {
        const defined = definition.steps[at]!;
        if (at < place.step) return keptStep(one, defined);
        const isWhole = at > place.step || (from !== undefined && place.branch === null);
        return isWhole ? freshStep(one) : retriedStep(one, defined, index);
      }),
    },
  };
}

const hiding = (names: readonly string[]): Pick<StateInput, "hidden_inputs"> =>
  names.length === 0 ? {} : { hidden_inputs: [...new Set(names)] };

/** Throws SyncError `not_resumable` where the recipe is another one by now. */
export function checkSameSteps(definition: WorkflowDefinition, state: WorkflowState): void {
  const wanted = eachDefined(definition).map(([index, { action }]) => `${index} ${action}`);
  const found = eachStep(state).map(([index, { action }]) => `${index} ${action}`);
  if (wanted.join("\n") === found.join("\n")) return;
  throw new SyncError(
    "not_resumable",
    `the steps of "${definition.name}" are other ones now; start a new workflow`,
  );
}

type OldStep = WorkflowState["steps"][number];

/** Its output stays with the workflow that printed it. */
function keptStep(old: OldStep, defined: DefinedStep): StepInput {
  const { index: _place, log_bytes: _bytes, attempts: _earlier, steps: _own, ...rest } = old;
  const { node: _home, ...step } = rest;
  const branches = branchesOf(old).map((one, at) => keptStep(one, defined.parallel![at]!));
  return {
    ...step,
    // A step that was not done before `from` will not be done now either: the person said where to go on.
    ...(isDone(old, defined) ? {} : { status: "skipped" as const }),
    ...withBranches(branches),
  };
}

/** A step that was left out on the way may run this time. */
function freshStep(old: OldStep): StepInput {
  const { action, title, when, status } = old;
  return {
    action,
    ...(title === undefined ? {} : { title }),
    ...(when === undefined ? {} : { when }),
    status: status === "skipped" && !isLeftOut(old) ? "skipped" : "pending",
    ...withBranches(branchesOf(old).map(freshStep)),
  };
}

/** A parallel step again, with its branches that are done, but for the one that is meant. */
function retriedStep(old: OldStep, defined: DefinedStep, meant: number): StepInput {
  const branches = branchesOf(old).map((one, at) => {
    const own = defined.parallel![at]!;
    const isKept = one.index !== meant && isDone(one, own) && !isLeftOut(one);
    return isKept ? keptStep(one, own) : freshStep(one);
  });
  return { ...freshStep(old), ...withBranches(branches) };
}

const withBranches = (steps: StepInput[]): Pick<StepInput, "steps"> =>
  steps.length === 0 ? {} : { steps };

function placeOf(from: string | number | undefined, old: WorkflowState): number {
  if (from === undefined) {
    const index = firstToRetry(old.steps);
    if (index !== null) return index;
    throw invalid("from", "is required: every step was done");
  }
  return stepAt(old, from, "from");
}

/** The steps and branches that are named, and what is said of those that are none. */
function chosen(
  definition: WorkflowDefinition,
  path: "skip" | "enable",
  named: readonly (string | number)[],
): { readonly steps: ReadonlySet<DefinedStep>; readonly errors: readonly FieldError[] } {
  const find = stepFinder(eachDefined(definition), definition.steps.length);
  const steps = new Set<DefinedStep>();
  const errors: FieldError[] = [];
  for (const [at, name] of named.entries()) {
    // The others are not told, and each is held against all there are.
    if (errors.length >= MOST_FIELD_ERRORS) break;
    const found = find(name);
    if (found.ok) steps.add(found.step);
    else errors.push({ path: `${path}.${at}`, message: found.why });
  }
  return { steps, errors };
}
