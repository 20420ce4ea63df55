/** Says of a report how much each step printed, and whether it ends a step's output. Pure. */
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";
import { attemptOf } from "../../../shared/state/attempt.js";
import { branchesOf, indexOfPlace } from "../../../shared/state/stepPlace.js";
import { isFinished } from "../../../shared/statuses.js";

/**
 * The state with `log_bytes` of each reported step as the output's store has it: a driver's own number counts for nothing. `only` is the
 * place of the one step that was reported, where that is known.
 */
export function withLogBytes(
  state: WorkflowState,
  before: WorkflowState | null,
  bytesOf: (step: number, attempt: number) => number,
  only?: number,
): WorkflowState {
  if (state.steps === before?.steps) return state;
  let steps = state.steps;
  const end = only === undefined ? steps.length : only + 1;
  for (let place = only ?? 0; place < end; place++) {
    const step = state.steps[place]!;
    const old = before?.steps[place];
    // A step that both states share has not been reported: most are that, and there may be a thousand.
    if (step === old) continue;
    const settled = withBranchBytes(withBytes(step, place, bytesOf), old, place, bytesOf);
    if (settled === step) continue;
    if (steps === state.steps) steps = [...steps];
    steps[place] = settled;
  }
  return steps === state.steps ? state : { ...state, steps };
}

function withBranchBytes(
  step: Step,
  old: Step | undefined,
  place: number,
  bytesOf: (step: number, attempt: number) => number,
): Step {
  const branches = branchesOf(step);
  if (branches.length === 0) return step;
  const before = branchesOf(old);
  const settled = branches.map((branch, at) =>
    branch === before[at]
      ? branch
      : withBytes(branch, indexOfPlace({ step: place, branch: at }), bytesOf),
  );
  const isSame = settled.every((branch, at) => branch === branches[at]);
  return isSame ? step : { ...step, steps: settled };
}

function withBytes(
  step: Step,
  index: number,
  bytesOf: (step: number, attempt: number) => number,
): Step {
  const bytes = bytesOf(index, attemptOf(step));
  if (step.log_bytes === (bytes === 0 ? undefined : bytes)) return step;
  const { log_bytes: _told, ...rest } = step;
  return bytes === 0 ? (rest as Step) : { ...step, log_bytes: bytes };
}

/** Whether a step's output is at its end now, and was not before. */
export function finishesSteps(before: WorkflowState | null, after: WorkflowState | null): boolean {
  if (before === null || after === null || before.steps === after.steps) return false;
  return finishesAny(before.steps, after.steps);
}

function finishesAny(before: readonly Step[], after: readonly Step[]): boolean {
  for (let at = 0; at < after.length; at++) {
    const step = after[at]!;
    const old = before[at];
    if (step === old) continue;
    if (isFinished(step) && !(old && isFinished(old))) return true;
    if (finishesAny(branchesOf(old), branchesOf(step))) return true;
  }
  return false;
}
