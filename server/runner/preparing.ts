/** From a wish to start or to retry to a state that can be saved, or a refusal that names what is wrong. Pure. */
import { isLeftOut } from "../../shared/cleanup.js";
import type { CommandOf } from "../../shared/command.js";
import { type FieldError, MOST_FIELD_ERRORS, SyncError } from "../../shared/errors.js";
import { type FieldValues, hiddenNames, leftOutOf, maskValues } from "../../shared/fields.js";
import {
  isEnded,
  type StateInput,
  type StepInput,
  type WorkflowState,
} from "../../shared/workflow.js";
import { checkGiven } from "../fields/givenValues.js";
import { hint } from "../nearest.js";
import { stepAt } from "../state/markedDone.js";
import type { WorkflowDefinition } from "./definition.js";

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
  const actions = definition.steps.map(({ action }) => action);
  const errors: FieldError[] = [
    ...(checked.ok ? [] : checked.problems).map(({ path, message }) => ({
      path: `inputs.${path}`,
      message,
    })),
    ...unknownActions("skip", skip, actions),
    ...unknownActions("enable", enable, actions),
  ];
  if (errors.length > 0 || !checked.ok) throw invalid(errors);
  const isOff = ({ action, enabled }: { action: string; enabled: boolean }) =>
    skip.includes(action) || !(enabled || enable.includes(action));
  if (definition.steps.every(isOff)) {
    throw invalid([{ path: "skip", message: "leaves no step to run" }]);
  }
  const { name, title } = definition;
  const first = definition.steps.findIndex((step) => !isOff(step));
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
        action: step.action,
        ...(step.title === undefined ? {} : { title: step.title }),
        ...(step.when === "success" ? {} : { when: step.when }),
        status: isOff(step) ? ("skipped" as const) : ("pending" as const),
        ...(index === first && notes.length > 0 ? { notes } : {}),
      })),
    },
  };
}

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
  const step = old.steps[index]!;
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
      current_step: index,
      steps: old.steps.map((one, at) =>
        at < index ? keptStep(one, definition.steps[at]!.continueOnError) : freshStep(one),
      ),
    },
  };
}

const hiding = (names: readonly string[]): Pick<StateInput, "hidden_inputs"> =>
  names.length === 0 ? {} : { hidden_inputs: [...new Set(names)] };

/** Throws SyncError `not_resumable` where the recipe is another one by now. */
export function checkSameSteps(definition: WorkflowDefinition, state: WorkflowState): void {
  const wanted = definition.steps.map(({ action }) => action);
  if (wanted.join("\n") === state.steps.map(({ action }) => action).join("\n")) return;
  throw new SyncError(
    "not_resumable",
    `the steps of "${definition.name}" are other ones now; start a new workflow`,
  );
}

type OldStep = WorkflowState["steps"][number];

/** Its output stays with the workflow that printed it. */
function keptStep(
  { index: _place, log_bytes: _bytes, attempts: _earlier, ...step }: OldStep,
  continueOnError: boolean,
): StepInput {
  const isDone =
    step.status === "completed" ||
    step.status === "skipped" ||
    (step.status === "failed" && continueOnError);
  // What was not done before `from` will not be done now either: the person said where to go on.
  return isDone ? step : { ...step, status: "skipped" };
}

/** What was left out on the way may run this time. */
const freshStep = ({ action, title, when, ...step }: OldStep): StepInput => ({
  action,
  ...(title === undefined ? {} : { title }),
  ...(when === undefined ? {} : { when }),
  status: step.status === "skipped" && !isLeftOut(step) ? "skipped" : "pending",
});

function placeOf(from: string | number | undefined, old: WorkflowState): number {
  if (from === undefined) {
    const index = old.steps.findIndex(
      ({ status }) => status !== "completed" && status !== "skipped",
    );
    if (index !== -1) return index;
    throw invalid([{ path: "from", message: "is required: every step was done" }]);
  }
  return stepAt(old, from, "from");
}

const unknownActions = (
  path: string,
  named: readonly string[],
  actions: readonly string[],
): FieldError[] => {
  const known = new Set(actions);
  return (
    named
      .map((action, index) => ({ action, path: `${path}.${index}` }))
      .filter(({ action }) => !known.has(action))
      // The others are not told, and each is held against all there are.
      .slice(0, MOST_FIELD_ERRORS)
      .map(({ action, path }) => ({ path, message: `is no step of it; ${hint(action, actions)}` }))
  );
};

function invalid(errors: readonly FieldError[]): SyncError {
  const [first] = errors;
  return new SyncError("bad_message", `${first?.path}: ${first?.message}`, { errors });
}
