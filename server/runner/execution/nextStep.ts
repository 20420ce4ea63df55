/** The course of a workflow: from what is known of its steps and its end to what comes next. Pure. */

import type { Step } from "../../../shared/schema/workflow.js";
import type { Ending, SkipReason } from "../../../shared/state/cleanup.js";
import { isFinished } from "../../../shared/statuses.js";
import type { DefinedStep } from "../definition/definition.js";

/** The wishes for a workflow to stop: somebody's, or its time's. */
export interface Stops {
  readonly cancel: boolean;
  /** A cancel that waits for nothing, for no cleaning up either. */
  readonly now: boolean;
  /** The workflow's time is over: how long it may take, in words. */
  readonly tookLongerThan: string | null;
}

export type CourseStep = Pick<DefinedStep, "action" | "title" | "when" | "continueOnError">;

export interface Course {
  readonly defined: readonly CourseStep[];
  readonly steps: readonly Step[];
  /** How it will end, where that is decided already. */
  readonly ending: Ending | null;
  readonly stops: Stops;
}

/** `ending` is how the workflow will end by what is known now, null where all is well. */
export type Next =
  | { readonly do: "run"; readonly index: number; readonly ending: Ending | null }
  | ({ readonly do: "skip"; readonly index: number; readonly ending: Ending | null } & Skip)
  /** It was under way when the server ended, and does not go on. */
  | { readonly do: "cancel"; readonly index: number; readonly ending: Ending | null }
  | { readonly do: "end"; readonly end: End };

export interface End {
  readonly status: "completed" | "failed" | "cancelled";
  readonly error_message?: string;
}

interface Skip {
  readonly why: SkipReason;
  /** For people. */
  readonly note: string;
}

/** The next thing to do, the steps in their order; with nothing left to do, the end. */
export function nextStep(course: Course): Next {
  const { defined, steps, stops } = course;
  let ending = course.ending ?? causeIn(course);
  for (const [index, step] of steps.entries()) {
    if (isFinished(step)) continue;
    // A stop counts where it leaves something undone.
    ending ??= causeOf(stops);
    const fate = fateOf(defined[index]!, ending, stops);
    if (fate === "runs") return { do: "run", index, ending };
    // Its command is there, as an earlier server left it, and has to be ended first.
    if (step.status === "in_progress") return { do: "run", index, ending };
    if (UNDER_WAY.has(step.status)) return { do: "cancel", index, ending };
    if (fate !== "not reached") return { do: "skip", index, ending, ...fate };
  }
  return { do: "end", end: endOf(course, ending) };
}

/** Whether what was asked ends a step that is at work. Cleaning up goes on after a cancel, and after the workflow's time. */
export function isStopped(when: DefinedStep["when"], stops: Stops): boolean {
  switch (when) {
    case "success":
      return stops.now || stops.cancel || stops.tookLongerThan !== null;
    case "failure":
      return stops.now || stops.cancel;
    case "always":
      return stops.now;
  }
}

/** How a workflow ends that is stopped for this; null where it is not. */
export function causeOf({ cancel, now, tookLongerThan }: Stops): Ending | null {
  if (tookLongerThan !== null) {
    const error_message = `took longer than ${tookLongerThan} and was stopped`;
    return { status: "failed", error_message };
  }
  return cancel || now ? { status: "cancelled" } : null;
}

/** The workflow's error message for a step that failed. */
export const failureOf = (
  { title, action }: Pick<CourseStep, "title" | "action">,
  error: string | null | undefined,
): string => `${title ?? action}: ${error ?? "failed"}`;

/** By the first step that failed and is not passed over, or was stopped. */
function causeIn({ defined, steps, stops }: Course): Ending | null {
  const index = steps.findIndex(
    (step, at) => step.status === "cancelled" || hasFailed(step, defined[at]!),
  );
  const step = steps[index];
  if (!step) return null;
  if (step.status === "cancelled") return causeOf(stops) ?? { status: "cancelled" };
  return { status: "failed", error_message: failureOf(defined[index]!, step.error) };
}

/** A step whose turn has come: it runs, is left out for good, or was simply not reached. */
function fateOf(
  { when }: CourseStep,
  ending: Ending | null,
  { cancel, now }: Stops,
): "runs" | "not reached" | Skip {
  switch (when) {
    case "success":
      return ending === null ? "runs" : "not reached";
    case "failure":
      if (ending?.status !== "failed") return { why: "when", note: "Only runs after a failure." };
      return cancel || now
        ? { why: "stopped", note: "Left out: the workflow was cancelled." }
        : "runs";
    case "always":
      return now ? { why: "stopped", note: "Left out: the workflow was ended at once." } : "runs";
  }
}

/** The first cause counts. */
function endOf({ defined, steps }: Course, ending: Ending | null): End {
  if (ending === null) return { status: "completed" };
  const { status, error_message } = ending;
  if (error_message !== undefined) return { status, error_message };
  // Its status says what was asked for; that the cleaning up went wrong must not be lost.
  const index = steps.findIndex((step, at) => hasFailed(step, defined[at]!));
  if (index === -1) return { status };
  const failure = failureOf(defined[index]!, steps[index]!.error);
  return { status, error_message: `Cleaning up failed: ${failure}` };
}

const hasFailed = ({ status }: Step, { continueOnError }: CourseStep): boolean =>
  status === "failed" && !continueOnError;

const UNDER_WAY: ReadonlySet<Step["status"]> = new Set(["blocked", "interrupted"]);
