/** Says of a report how much each step printed and where that is kept, and whether it ends a step's output. Pure. */
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";
import { attemptOf } from "../../../shared/state/attempt.js";
import { homeOf } from "../../../shared/state/stepHome.js";
import {
  branchesOf,
  eachStep,
  indexOfPlace,
  stepAtIndex,
} from "../../../shared/state/stepPlace.js";
import { isFinished } from "../../../shared/statuses.js";

/** The facts about output that a step is given. */
interface OutputFacts {
  /** As `ReduceContext.logBytes`, of one epoch. */
  readonly bytesOf: (step: number, attempt: number) => number | null;
  /** The node that keeps the output of an attempt that begins; missing for a server alone. */
  readonly node?: string | undefined;
}

/**
 * The state with `log_bytes` of each reported step as the output's store has it, and in a cluster with the `node` that keeps its output: a driver's own
 * words count for nothing. `only` is the place of the one step that was reported, where that is known.
 */
export function withOutputFacts(
  state: WorkflowState,
  before: WorkflowState | null,
  facts: OutputFacts,
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
    const settled = withBranchFacts(withFacts(step, old, place, facts), old, place, facts);
    if (settled === step) continue;
    if (steps === state.steps) steps = [...steps];
    steps[place] = settled;
  }
  return steps === state.steps ? state : { ...state, steps };
}

function withBranchFacts(
  step: Step,
  old: Step | undefined,
  place: number,
  facts: OutputFacts,
): Step {
  const branches = branchesOf(step);
  if (branches.length === 0) return step;
  const before = branchesOf(old);
  const settled = branches.map((branch, at) =>
    branch === before[at]
      ? branch
      : withFacts(branch, before[at], indexOfPlace({ step: place, branch: at }), facts),
  );
  const isSame = settled.every((branch, at) => branch === branches[at]);
  return isSame ? step : { ...step, steps: settled };
}

function withFacts(
  reported: Step,
  old: Step | undefined,
  index: number,
  { bytesOf, node }: OutputFacts,
): Step {
  const step = node === undefined ? reported : withHome(reported, old, node);
  const told = bytesOf(index, attemptOf(step));
  const isSame = old !== undefined && attemptOf(old) === attemptOf(step);
  const bytes = told ?? (isSame ? (old.log_bytes ?? 0) : 0);
  if (step.log_bytes === (bytes === 0 ? undefined : bytes)) return step;
  const { log_bytes: _told, ...rest } = step;
  return bytes === 0 ? (rest as Step) : { ...step, log_bytes: bytes };
}

/** An attempt's output stays where it was when it began. */
function withHome(step: Step, old: Step | undefined, node: string): Step {
  const known = old && attemptOf(old) === attemptOf(step) ? homeOf(old) : undefined;
  const home = known ?? (step.status === "pending" ? undefined : node);
  if (step.node === home) return step;
  const { node: _said, ...rest } = step;
  return home === undefined ? (rest as Step) : { ...step, node: home };
}

/** Whether a step's output is at its end now, and was not before. */
export function finishesSteps(before: WorkflowState | null, after: WorkflowState | null): boolean {
  if (before === null || after === null || before.steps === after.steps) return false;
  return finishesAny(before.steps, after.steps);
}

/** The attempts whose output is at its end now, and was not before. */
export function endedAttempts(
  before: WorkflowState | null,
  after: WorkflowState,
): { step: number; attempt: number }[] {
  const ended: { step: number; attempt: number }[] = [];
  for (const [index, step] of eachStep(after)) {
    const old = before ? stepAtIndex(before, index) : undefined;
    if (step !== old && isFinished(step) && !(old && isFinished(old)))
      ended.push({ step: index, attempt: attemptOf(step) });
  }
  return ended;
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
