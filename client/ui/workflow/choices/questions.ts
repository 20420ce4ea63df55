/** The questions before a workflow is cancelled, killed, resumed, marked as done or retried, each of the state as it is at that moment. Pure. */
import {
  firstLinkLost,
  isEnded,
  type ListState,
  type Step,
  type Summary,
  stepAtIndex,
  type View,
  type WorkflowState,
  whenOf,
} from "../../../index.js";
import { nameOf } from "../../look/name.js";
import { lookOf } from "../../look/status.js";
import { parseTime } from "../../look/time.js";
import type { QuestionText } from "../../page/asking.js";
import { allSteps, workingSteps } from "../reading/branches.js";
import {
  cancelPlan,
  killPlan,
  nextToRun,
  recipeOf,
  resumePlan,
  retryPlan,
  titleOf,
} from "../reading/plan.js";

export const isAtWork = ({ status }: WorkflowState): boolean =>
  status === "running" || status === "blocked";

const AT_WORK =
  "Its command and all it started are told to end, and killed ten seconds later or when the step says. “Cancelled” is said once they are gone. What is done stays done; a cancelled workflow can be retried, not resumed.";
const CLEANS_UP =
  "Its command and all it started are told to end, and killed if they do not. Then the steps that clean up run, and “Cancelled” is said once they are done. What is done stays done; a cancelled workflow can be retried, not resumed.";
const ELSEWHERE =
  "Its driver is asked to stop the step at work, and says when it has. What is done stays done; a cancelled workflow cannot go on.";
const UNREACHED = " The link to its machine is lost: it is told to end as soon as that is back.";
const NOBODY = "Nothing of it runs now. It ends as cancelled; what is done stays done.";

/** Its steps may go on while it is asked: what counts is that it has not ended. */
export function cancelText(view: View): QuestionText | null {
  const { position } = view;
  const state = stateIn(view);
  if (!state || isEnded(state.status) || state.stop_requested) return null;
  const isRunning = isAtWork(state) && !state.queued;
  const cleansUp = state.steps.some(
    (step) => step.status === "pending" && whenOf(step) === "always",
  );
  const how = state.definition === undefined ? ELSEWHERE : cleansUp ? CLEANS_UP : AT_WORK;
  const isUnreached = firstLinkLost(state.steps) !== null;
  return {
    title: `Cancel “${nameOf(state)}”?`,
    text: !isRunning ? NOBODY : isUnreached ? how + UNREACHED : how,
    yes: "Cancel the workflow",
    no: isRunning ? "Let it run" : "Keep it",
    isDanger: true,
    plan: cancelPlan(state.steps),
    basis: `${position?.epoch} ${isRunning}`,
  };
}

export function killText(view: View): QuestionText | null {
  const { position } = view;
  const state = stateIn(view);
  if (!state || isEnded(state.status) || !state.stop_requested) return null;
  return {
    title: `Kill “${nameOf(state)}” now?`,
    text: "It is being cancelled already. SIGKILL lets its command clean up nothing: half-written files and locks may stay. Steps that clean up do not run either.",
    yes: "Kill it now",
    no: "Give it time",
    isDanger: true,
    plan: killPlan(state.steps),
    basis: `${position?.epoch}`,
  };
}

export function resumeText(view: View): QuestionText | null {
  const { position } = view;
  const state = stateIn(view);
  if (state?.status !== "interrupted") return null;
  const next = nextToRun(state.steps);
  const from = next === null ? "" : ` from “${titleOf(state.steps[next]!)}”`;
  return {
    title: `Resume “${nameOf(state)}”${from}?`,
    text: "The same workflow goes on: the step it was in runs again from its beginning, as a new attempt.",
    yes: "Resume it",
    no: "Not now",
    plan: resumePlan(state.steps, null),
    recipe: recipeOf(state),
    basis: basisOf(state, position),
  };
}

export function markDoneText(view: View): QuestionText | null {
  const { position } = view;
  const state = stateIn(view);
  const step = state && interruptedStep(state);
  if (state?.status !== "interrupted" || !step) return null;
  return {
    title: `Mark “${titleOf(step)}” as done?`,
    text: "Nothing checks whether it is: say so only if you have looked. The step counts as completed, with a note that it was marked, and the workflow goes on behind it.",
    yes: "It is done, go on",
    no: "Leave it",
    isDanger: true,
    plan: resumePlan(state.steps, step.index),
    recipe: recipeOf(state),
    basis: basisOf(state, position),
  };
}

/** The one that somebody may say is done: where several branches are, the first. */
export const interruptedStep = ({ steps }: WorkflowState): Step | undefined =>
  workingSteps(steps).find(({ status }) => status === "interrupted");

/** `retries` are those of it that are known. */
export function retryText(
  view: View,
  from: number,
  retries: readonly Summary[],
): QuestionText | null {
  const { position } = view;
  const state = stateIn(view);
  const step = state && stepAtIndex(state, from);
  if (!state || !step || !isEnded(state.status)) return null;
  const before = from === 0 ? "All of it runs again" : "What is kept does not run again";
  return {
    title: `Retry “${nameOf(state)}” from “${titleOf(step)}”?`,
    text: `A new workflow begins with the same inputs. ${before}; this one stays as it is.`,
    yes: "Retry it",
    no: "Not now",
    plan: retryPlan(state.steps, from),
    recipe: recipeOf(state),
    before: retriedBefore(retries),
    basis: `${basisOf(state, position)}\n${retries.length}`,
  };
}

/** All retries of a workflow. */
export const retriesIn = (list: ListState | null, workflow_id: string): readonly Summary[] =>
  Object.values(list?.workflows ?? {}).filter((one) => one.retried_from === workflow_id);

function retriedBefore(retries: readonly Summary[]): QuestionText["before"] {
  const [newest] = retries.toSorted((one, other) => byStart(other) - byStart(one));
  if (!newest) return undefined;
  const { workflow_id, status } = newest;
  const text = `It was retried already: ${workflow_id}, ${lookOf(status).word.toLowerCase()}.`;
  return { text, workflow_id };
}

const byStart = ({ start_time }: Summary): number => parseTime(start_time) ?? 0;

/** Null where it is gone: nothing is asked of its last state. */
export const stateIn = ({ phase, closed, state }: View): WorkflowState | null =>
  phase === "closed" && closed !== "expired" ? null : state;

/** The same epoch of it, in the same situation, with the same steps done. */
const basisOf = ({ status, steps }: WorkflowState, position: View["position"]): string =>
  [position?.epoch, status, ...allSteps(steps).map((step) => `${step.action}=${step.status}`)].join(
    "\n",
  );
