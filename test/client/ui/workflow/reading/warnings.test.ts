/** What failed without ending the workflow is counted; what ended it is not. */
import { describe, expect, test } from "vitest";
import type { Step, StepStatus, WorkflowStatus } from "../../../../../client/index.js";
import { warningsOf } from "../../../../../client/ui/workflow/reading/warnings.js";
import { step } from "../../samples.js";

const steps = (...statuses: StepStatus[]) =>
  statuses.map((status, index) => step(index, { status }));
const withTasks = (index: number, ...statuses: StepStatus[]): Step =>
  step(index, {
    status: "completed",
    tasks: statuses.map((status, at) => ({ name: `task-${at}`, status })),
  });

describe("warnings", () => {
  test.each<[string, WorkflowStatus, Step[], ReturnType<typeof warningsOf>]>([
    ["nothing failed", "completed", steps("completed", "completed"), null],
    [
      "a step that was passed over",
      "completed",
      steps("completed", "failed", "completed"),
      { text: "1 step failed", step: 1 },
    ],
    [
      "two of them, while it goes on",
      "running",
      steps("failed", "failed", "in_progress"),
      { text: "2 steps failed", step: 0 },
    ],
    ["the step that ended it", "failed", steps("completed", "failed", "pending"), null],
    [
      "one before the step that ended it",
      "failed",
      steps("failed", "completed", "failed"),
      { text: "1 step failed", step: 0 },
    ],
    [
      "tasks of a step that did not fail",
      "completed",
      [withTasks(0, "completed"), withTasks(1, "failed", "completed", "failed")],
      { text: "2 tasks failed", step: 1 },
    ],
    [
      "both",
      "completed",
      [withTasks(0, "failed"), step(1, { status: "failed" })],
      { text: "1 step and 1 task failed", step: 0 },
    ],
  ])("%s", (_, status, of, expected) => {
    expect(warningsOf({ status, steps: of })).toEqual(expected);
  });
});
