/** Which step is looked at, and what a form's texts mean. */
import { describe, expect, test } from "vitest";
import { firstToRetry, type StepStatus } from "../../../../../client/index.js";
import { byName, checkTexts, fieldsIn } from "../../../../../client/ui/form/formValues.js";
import { canBeginAt } from "../../../../../client/ui/workflow/reading/plan.js";
import {
  namedStep,
  stepName,
  stepText,
  urgentStep,
} from "../../../../../client/ui/workflow/reading/selection.js";
import { step, workflow } from "../../samples.js";

const withStatuses = (...statuses: StepStatus[]) =>
  workflow({ steps: statuses.map((status, index) => step(index, { status })) });

describe("the step that is shown by itself", () => {
  test.each<[StepStatus[], number]>([
    [["completed", "failed", "pending"], 1],
    [["completed", "failed", "in_progress"], 1],
    [["completed", "blocked", "pending"], 1],
    [["completed", "completed", "in_progress", "pending"], 2],
    [["completed", "interrupted", "pending"], 1],
    [["completed", "completed", "completed"], 2],
    [["completed", "skipped", "skipped"], 0],
    [["pending", "pending"], 1],
  ])("of %j is number %i", (statuses, index) => {
    expect(urgentStep(withStatuses(...statuses))).toBe(index);
  });
});

describe("the name of a step in an address", () => {
  const steps = [
    step(0, { action: "copy" }),
    step(1, { action: "copy" }),
    step(2, { action: "7" }),
    step(3, { action: "sure" }),
  ];
  test("the name of a step in an address is its action, or its number from 1 where that could mean another", () => {
    expect(steps.map((_, index) => stepName(steps, index))).toEqual(["1", "2", "3", "sure"]);
    expect(steps.map((_, index) => namedStep(steps, stepName(steps, index)))).toEqual([0, 1, 2, 3]);
  });
  test("a step in an address that is not there names none", () => {
    expect([
      namedStep(steps, "nowhere"),
      namedStep(steps, "0"),
      namedStep(steps, "5"),
      namedStep(steps, undefined),
    ]).toEqual([null, null, null, null]);
  });
  test("the full name of a step says everything to those who hear it", () => {
    const copy = step(3, { title: "Copy", status: "in_progress", progress: 0.62, attempt: 2 });
    expect(stepText(copy, 9, "Running")).toBe("Step 4 of 9, Copy, running, 62 percent, attempt 2");
  });
});

describe("a retry", () => {
  test.each<[StepStatus[], number | null]>([
    [["completed", "failed", "pending"], 1],
    [["skipped", "failed", "pending"], 1],
    [["completed", "cancelled"], 1],
    [["completed", "completed"], null],
  ])("of %j begins at %s, the first that is not done", (statuses, from) => {
    expect(firstToRetry(withStatuses(...statuses).steps)).toBe(from);
  });

  test.each<[StepStatus[], number, boolean]>([
    [["completed", "failed", "pending"], 0, true],
    [["completed", "failed", "pending"], 2, false],
    [["skipped", "failed", "pending"], 0, false],
    [["completed", "failed", "completed"], 2, false],
    [["completed", "completed"], 1, true],
  ])("of %j can begin at step %s: %s", (statuses, index, can) => {
    expect(canBeginAt(withStatuses(...statuses).steps, index)).toBe(can);
  });
});

describe("the texts of a form", () => {
  const fields = {
    host: { type: "string", required: true, pattern: "^[a-z]+$" },
    times: { type: "number", max: 5 },
    go: { type: "boolean" },
  } as const;
  test("become typed values", () => {
    expect(checkTexts(fields, { host: "abc", times: "3", go: "false" })).toEqual({
      values: { host: "abc", times: 3, go: false },
      problems: {},
      isForServer: true,
    });
  });
  test("the texts of a form are wrong field by field", () => {
    expect(checkTexts(fields, { host: "", times: "many" })).toEqual({
      values: { times: "many" },
      problems: { host: "Give the host.", times: "Times must be a number." },
      isForServer: false,
    });
  });
  test("texts are the server's to judge where one of them has a pattern, whatever else is wrong", () => {
    expect(checkTexts(fields, { host: "NOT", times: "9" })).toEqual({
      values: { host: "NOT", times: 9 },
      problems: { times: "Times must be at most 5." },
      isForServer: true,
    });
  });
  test("texts are told apart by field also where the server found the mistake", () => {
    const errors = [
      { path: "inputs.host", message: "is required" },
      { path: "answer.go", message: "must be true or false" },
      { path: "skip.0", message: "is no step of it; the only one is copy" },
    ];
    expect(byName(fields, errors)).toEqual({
      host: "Give the host.",
      go: "Go must be true or false.",
      "skip.0": "Skip.0 is no step of it; the only one is copy.",
    });
  });
  test("a question has fields only where those are fields", () => {
    const known = { type: "string" };
    const given = { known, odd: { type: "file" }, none: null, open: { type: "choice" } };
    expect(fieldsIn(given)).toEqual({ known });
    expect([fieldsIn("x"), fieldsIn(null)]).toEqual([{}, {}]);
  });
});
