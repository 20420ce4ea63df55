/** Finds failures that did not end the workflow: they are easily overseen once it goes on, or is completed. Pure. */
import type { Step, WorkflowState } from "../../../index.js";
import { workingSteps } from "./branches.js";

export interface Warnings {
  /** "1 step and 2 tasks failed". */
  readonly text: string;
  /** The first step that has one. */
  readonly step: number;
}

/** Null where there are none. */
export function warningsOf({
  status,
  steps,
}: Pick<WorkflowState, "status" | "steps">): Warnings | null {
  // The one that ended it is no warning but the reason.
  const working = workingSteps(steps);
  const reason = status === "failed" ? working.findLast(hasFailed) : undefined;
  const failed = working.filter((step) => hasFailed(step) && step !== reason);
  const withTasks = working.filter((step) => !hasFailed(step) && failedTasks(step) > 0);
  const tasks = withTasks.reduce((sum, step) => sum + failedTasks(step), 0);
  const said = [...counted(failed.length, "step"), ...counted(tasks, "task")];
  if (said.length === 0) return null;
  const first = working.find(
    (step) => step !== reason && (hasFailed(step) || failedTasks(step) > 0),
  )!;
  return { text: `${said.join(" and ")} failed`, step: first.index };
}

const hasFailed = ({ status }: Step): boolean => status === "failed";

const failedTasks = ({ tasks = [] }: Step): number =>
  tasks.filter(({ status }) => status === "failed").length;

const counted = (count: number, noun: string): string[] =>
  count === 0 ? [] : [`${count} ${noun}${count === 1 ? "" : "s"}`];
