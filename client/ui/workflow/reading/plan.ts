/** Says the fate of each step when a workflow is retried, resumed or cancelled. Pure. */
import {
  firstToRetry,
  isLeftOut,
  placeOfIndex,
  type Step,
  stepAtIndex,
  type WorkflowState,
  wentOn,
  whenOf,
} from "../../../index.js";
import type { QuestionText, StepGroup } from "../../page/asking.js";
import { workingSteps } from "./branches.js";

type Steps = WorkflowState["steps"];

export const titleOf = ({ title, action }: Pick<Step, "title" | "action">): string =>
  title ?? action;

/** Whether a retry may begin at this step: it ran, and nothing before it is left undone. */
export function canBeginAt(steps: Steps, index: number): boolean {
  const step = stepAtIndex({ steps }, index);
  if (!step || step.status === "skipped" || step.status === "pending") return false;
  return placeOfIndex(index).step <= (firstToRetry(steps) ?? steps.length);
}

/** The steps before stay as they are, those switched off stay off, and the rest runs. */
export const retryPlan = (steps: Steps, from: number): readonly StepGroup[] =>
  plan(steps, (step) =>
    isSwitchedOff(step) ? "leftOut" : isKeptFrom(steps, step, from) ? "kept" : "runs",
  );

/** The step that it begins at keeps its branches that are done, unless it begins at all of them or at this one. */
function isKeptFrom(steps: Steps, step: Step, from: number): boolean {
  const [place, first] = [placeOfIndex(step.index), placeOfIndex(from)];
  if (place.step !== first.step) return place.step < first.step;
  const isDone = step.status === "completed" || wentOn(step);
  if (place.branch === null || step.index === from || !isDone) return false;
  return first.branch !== null || from === firstToRetry(steps);
}

/** Where it goes on: what failed on the way was passed, and stays so. */
export function nextToRun(steps: Steps): number | null {
  const index = steps.findIndex(({ status }) => !isPassed(status));
  return index === -1 ? null : index;
}

/** `done` is the step that somebody says is done. */
export const resumePlan = (steps: Steps, done: number | null): readonly StepGroup[] =>
  plan(steps, ({ index, status }) =>
    status === "skipped" ? "leftOut" : index === done || isPassed(status) ? "kept" : "runs",
  );

/** Steps at work end, and steps that have not begun never do; but for those that clean up. */
export const cancelPlan = (steps: Steps): readonly StepGroup[] => [
  group("Ends", steps, (step) => isAtWork(step) && whenIn(steps, step) !== "always"),
  group("Still runs", steps, (step) => isOpen(step) && whenIn(steps, step) === "always"),
  group("Does not begin", steps, (step) => isPending(step) && whenIn(steps, step) !== "always"),
];

/** Nobody waits for what cleans up either. */
export const killPlan = (steps: Steps): readonly StepGroup[] => [
  group("Ends", steps, isAtWork),
  group("Does not begin", steps, isPending),
];

/** By what it is looked up which of the steps that run ask somebody. */
export const recipeOf = ({ definition, steps }: WorkflowState): QuestionText["recipe"] =>
  definition === undefined ? undefined : { definition, actions: steps.map(({ action }) => action) };

const isPassed = (status: Step["status"]): boolean =>
  status === "completed" || status === "skipped" || status === "failed";

/** A branch runs when its step does. */
const whenIn = (steps: Steps, { index }: Step) => whenOf(steps[placeOfIndex(index).step] ?? {});

const isPending = ({ status }: Step): boolean => status === "pending";
export const isAtWork = ({ status }: Step): boolean =>
  status === "in_progress" || status === "blocked";
const isOpen = (step: Step): boolean => isPending(step) || isAtWork(step);

/** At the start; what was left out on the way may run this time. */
const isSwitchedOff = (step: Step): boolean => step.status === "skipped" && !isLeftOut(step);

type Fate = "runs" | "kept" | "leftOut";

const plan = (steps: Steps, fateOf: (step: Step) => Fate): readonly StepGroup[] => [
  { ...group("Runs", steps, (step) => fateOf(step) === "runs"), isAhead: true },
  group("Kept as it is", steps, (step) => fateOf(step) === "kept"),
  group("Left out", steps, (step) => fateOf(step) === "leftOut"),
];

const group = (heading: string, steps: Steps, is: (step: Step) => boolean): StepGroup => ({
  heading,
  steps: workingSteps(steps)
    .filter(is)
    .map((step) => ({ index: step.index, name: titleOf(step) + WHEN[whenIn(steps, step)] })),
});

/** Behind a step's name, where it does not simply have its turn. */
const WHEN = { success: "", failure: " (only after a failure)", always: " (in any case)" } as const;
