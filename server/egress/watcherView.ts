/** The state as a connection sees it that may not see all of it: secrets and connections are `***`, whatever they are called, and other workflows have no name. */
import { hiddenNames, MASK, SECRET_NAMES } from "../../shared/fields/fields.js";
import type { BlockInfo, Step, WorkflowState } from "../../shared/schema/workflow.js";
import { branchesOf } from "../../shared/state/stepPlace.js";

type Values = Readonly<Record<string, unknown>>;

/** Parts without secrets are shared with the state, and a masked part stays the same object, so that a diff stays cheap. */
export function watcherView(state: WorkflowState): WorkflowState {
  const inputs = state.inputs && viewOfInputs(state.inputs, state.hidden_inputs);
  const steps = viewOfSteps(state.steps);
  const block_info = state.block_info && viewOfQuestion(state.block_info);
  const isSame =
    inputs === state.inputs && steps === state.steps && block_info === state.block_info;
  return masked(isSame ? state : { ...state, inputs, steps, block_info }, SECRET_NAMES);
}

/** As those see it who are bound to some workflows: it names no other one. The same object where it names none. */
export const boundView = remembered((state: WorkflowState): WorkflowState => {
  const { replaced_by, retried_from, queued } = state;
  if (!replaced_by && !retried_from && !queued?.behind) return state;
  const { replaced_by: _for, retried_from: _of, ...view } = state;
  if (!queued?.behind) return view;
  const { behind: _behind, ...left } = queued;
  return { ...view, queued: left };
});

/** Fields as a watcher sees them: a connection's default is a connection, and where the server keeps its secrets is its own. */
export const viewOfFields = remembered((fields: Values): Values => {
  const hidden = hiddenNames(fields).map((name): [string, unknown] => [
    name,
    masked(fields[name] as Values, ["default", "from"]),
  ]);
  const isSame = hidden.every(([name, field]) => field === fields[name]);
  return isSame ? fields : { ...fields, ...Object.fromEntries(hidden) };
});

const inputViews = new WeakMap<Values, Values>();

function viewOfInputs(inputs: Values, hidden: readonly string[] | null | undefined): Values {
  let view = inputViews.get(inputs);
  if (!view) {
    view = masked(inputs, [...SECRET_NAMES, ...(hidden ?? [])]);
    inputViews.set(inputs, view);
  }
  return view;
}

const viewOfSteps = remembered((steps: readonly Step[]): Step[] => {
  const views = steps.map(viewOfStep);
  return views.every((view, index) => view === steps[index]) ? (steps as Step[]) : views;
});

const viewOfStep = remembered((step: Step): Step => {
  const branches = branchesOf(step);
  const views = branches.length === 0 ? branches : viewOfSteps(branches);
  return viewOfAnswer(views === branches ? step : { ...step, steps: [...views] });
});

function viewOfAnswer(step: Step): Step {
  const hidden = step.answered?.hidden;
  if (!Array.isArray(hidden) || !isValues(step.answer)) return step;
  const answer = masked(step.answer, hidden.map(String));
  return answer === step.answer ? step : { ...step, answer };
}

const viewOfQuestion = remembered((asked: BlockInfo): BlockInfo => {
  if (!isValues(asked.fields)) return asked;
  const fields = viewOfFields(asked.fields);
  const usual = isValues(asked.default) ? masked(asked.default, hiddenNames(asked.fields)) : null;
  const isSame = fields === asked.fields && (usual === null || usual === asked.default);
  return isSame ? asked : { ...asked, fields, ...(usual === null ? {} : { default: usual }) };
});

function masked<T extends Values>(values: T, names: readonly string[]): T {
  const secret = names.filter((name) => Object.hasOwn(values, name) && values[name] != null);
  if (secret.length === 0) return values;
  return { ...values, ...Object.fromEntries(secret.map((name) => [name, MASK])) };
}

/** The same view for the same object: states share what did not change. */
function remembered<From extends object, To extends object>(view: (value: From) => To) {
  const views = new WeakMap<From, To>();
  return (value: From): To => {
    let known = views.get(value);
    if (!known) {
      known = view(value);
      views.set(value, known);
    }
    return known;
  };
}

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
