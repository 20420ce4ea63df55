/** One step of a report: its gaps filled, its times stamped, its branches numbered. Pure. */
import type { Step, StepInput, StepUpdate } from "../../../shared/schema/workflow.js";
import { attemptOf } from "../../../shared/state/attempt.js";
import { branchesOf, indexOfPlace } from "../../../shared/state/stepPlace.js";
import type { StepStatus } from "../../../shared/statuses.js";
import { isFinished } from "../../../shared/statuses.js";

/** Whether a driver is at a step with this status, or waits in it for an answer. */
export const isUnderWay = (status: StepStatus): boolean =>
  status === "in_progress" || status === "blocked";

/** A step with one of these statuses was under way before, also where nobody said since when. */
const HAD_RUN: ReadonlySet<StepStatus> = new Set([
  "completed",
  "failed",
  "cancelled",
  "interrupted",
]);

/** A step of a whole state: times that the driver leaves out are taken from `before`, the step that stood at this index. */
export function settleStep(
  input: StepInput,
  index: number,
  before: Step | undefined,
  now: string,
): Step {
  const old = before?.action === input.action ? before : undefined;
  const { steps, ...own } = input;
  const status = input.status ?? "pending";
  const step: Step = { ...own, ...settledBranches(steps, index, old, now), status, index };
  if (!old) return step;
  for (const key of ["attempt", "started_at", "first_started_at", "finished_at"] as const) {
    if (input[key] === undefined && old[key] !== undefined)
      Object.assign(step, { [key]: old[key] });
  }
  if (step.status !== old.status) stamp(step, old, input, now);
  keepFirstStart(step, old, input);
  return step;
}

/** A step takes as long as all its attempts and the time between them. */
function keepFirstStart(step: Step, old: Step, update: StepUpdate): void {
  const isNext = attemptOf(step) > attemptOf(old) && old.started_at != null;
  if (isNext && update.first_started_at === undefined)
    step.first_started_at = old.first_started_at ?? old.started_at;
}

/** The step without its message, where that was its newest line of output: after the end such a line says nothing of the step. */
export function withoutPrinted(step: Step): Step {
  if (step.message_from !== "output") return step;
  const { message: _printed, message_from: _from, ...rest } = step;
  return rest as Step;
}

/** One step's part of a report. `waking`: the workflow was taken for interrupted, and this is a sign of life. */
export function updatedStep(
  old: Step,
  {
    index,
    update,
    waking,
  }: { readonly index: number; readonly update: StepUpdate; readonly waking: boolean },
  now: string,
): Step {
  const isWoken = waking && old.status === "interrupted";
  const status = update.status ?? (isWoken ? "in_progress" : old.status);
  const step: Step = { ...old };
  for (const key of Object.keys(update))
    if (key !== "steps" && update[key] !== undefined) step[key] = update[key];
  Object.assign(step, settledBranches(update.steps, index, old, now));
  step.status = status;
  step.index = index;
  if (update.message !== undefined && update.message_from === undefined) delete step.message_from;
  if (update.status !== undefined) stamp(step, old, update, now);
  keepFirstStart(step, old, update);
  return step;
}

/** The branches of the step at `index`, as they were sent; nothing where none were. */
function settledBranches(
  sent: StepInput["steps"],
  index: number,
  before: Step | undefined,
  now: string,
): Pick<Step, "steps"> {
  if (sent === undefined) return {};
  const old = branchesOf(before);
  const settled = (input: NonNullable<typeof sent>[number], branch: number) =>
    settleStep(input as StepInput, indexOfPlace({ step: index, branch }), old[branch], now);
  return { steps: sent.map(settled) };
}

function stamp(step: Step, old: Step, update: StepUpdate, now: string): void {
  if (step.status === "pending") {
    clear(step, ["started_at", "first_started_at", "finished_at"], update);
  } else if (
    step.status === "in_progress" &&
    old.status !== "in_progress" &&
    old.status !== "blocked"
  ) {
    const again = old.started_at != null || HAD_RUN.has(old.status);
    if (update.attempt === undefined)
      step.attempt = again ? (old.attempt ?? 1) + 1 : (old.attempt ?? 1);
    if (update.started_at === undefined) step.started_at = now;
    // A new attempt starts with a clean slate, apart from what its own report says.
    clear(
      step,
      [
        "finished_at",
        "error",
        "error_line",
        "progress",
        "message",
        "message_from",
        "completion_note",
      ],
      update,
    );
  } else if (isFinished(step) && !isFinished(old)) {
    if (update.finished_at === undefined) step.finished_at = now;
    if (step.message_from === "output") clear(step, ["message", "message_from"], {});
  }
}

function clear(step: Step, keys: readonly (keyof Step)[], except: StepUpdate): void {
  for (const key of keys) if (except[key] === undefined) delete step[key];
}
