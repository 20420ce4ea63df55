/** States that a start and a retry are prepared into, by what was chosen and what was done. */
import { describe, expect, test } from "vitest";
import { defineWorkflow } from "../../../../server/runner/definition/source/defineWorkflow.js";
import { prepareRetry, prepareStart } from "../../../../server/runner/start/preparing.js";
import { SyncError } from "../../../../shared/errors.js";
import type { StateInput, StepInput, WorkflowState } from "../../../../shared/schema/workflow.js";
import { stateOf } from "../../../support/disks/records.js";

const run = () => {};
const definition = defineWorkflow({
  name: "deploy",
  inputs: {
    host: { type: "string", required: true },
    key: { type: "secret" },
  },
  steps: [
    { action: "build", run },
    {
      action: "copy",
      parallel: [
        { action: "web", run },
        { action: "db", run },
      ],
    },
    { action: "extra", run, enabled: false },
    { action: "tidy", run, when: "always" },
  ],
});

/** `build:pending copy:pending(web:pending db:pending)`. */
const words = (steps: readonly StepInput[] = []): string =>
  steps
    .map((step) => {
      const { action, status, steps: branches } = step as StepInput & { steps?: StepInput[] };
      return `${action}:${status}${branches ? `(${words(branches)})` : ""}`;
    })
    .join(" ");

/** What it throws, as `code: message`. */
function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SyncError) return `${error.code}: ${error.message}`;
  }
  return "none";
}

const start = (chosen: { skip?: (string | number)[]; enable?: (string | number)[] } = {}) =>
  prepareStart(definition, { kind: "start", name: "deploy", inputs: { host: "h" }, ...chosen });

describe("a start", () => {
  const ALL = "build:pending copy:pending(web:pending db:pending) extra:skipped tidy:pending";
  test.each([
    ["all that is enabled", {}, ALL],
    [
      "a step that is switched on",
      { enable: ["extra"] },
      ALL.replace("extra:skipped", "extra:pending"),
    ],
    [
      "no step that is left out",
      { skip: ["build"] },
      ALL.replace("build:pending", "build:skipped"),
    ],
    ["a step named by its index", { skip: [0] }, ALL.replace("build:pending", "build:skipped")],
    ["no branch that is left out", { skip: ["db"] }, ALL.replace("db:pending", "db:skipped")],
    [
      "no parallel step without a branch",
      { skip: ["web", "db"] },
      "build:pending copy:skipped(web:skipped db:skipped) extra:skipped tidy:pending",
    ],
  ])("a start runs %s", (_, chosen, steps) => {
    expect(words(start(chosen).state.steps as StepInput[])).toBe(steps);
  });

  test("a start begins at the first step that runs", () => {
    expect(start({ skip: ["build"] }).state.current_step).toBe(1);
  });

  test("a start keeps a secret in clear beside the state, and masked in it", () => {
    const given = { host: "h", key: "s3cret" };
    const { state, inputs } = prepareStart(definition, {
      kind: "start",
      name: "deploy",
      inputs: given,
    });
    expect(inputs).toEqual(given);
    expect(state.inputs).toEqual({ host: "h", key: "***" });
    expect(state.hidden_inputs).toEqual(["key"]);
  });

  test.each([
    [{ skip: ["biuld"] }, /^bad_message: skip\.0: .*build/],
    [{ enable: ["nothing"] }, /^bad_message: enable\.0: /],
    [{ skip: ["build", "copy", "tidy"] }, /^bad_message: skip: leaves no step to run$/],
  ])("a start with %j is refused by name", (chosen, why) => {
    expect(refusal(() => start(chosen))).toMatch(why);
  });

  test("a start without a required input is refused by its name", () => {
    const without = () => prepareStart(definition, { kind: "start", name: "deploy" });
    expect(refusal(without)).toMatch(/^bad_message: inputs\.host: /);
  });
});

/** A state of the definition with these statuses, `build copy web db extra tidy`, that has ended so. */
function ended(statuses: string, status: WorkflowState["status"] = "failed"): WorkflowState {
  const [build, copy, web, db, extra, tidy] = statuses.split(" ");
  const steps = [
    { action: "build", status: build, index: 0 },
    {
      action: "copy",
      status: copy,
      index: 1,
      steps: [
        { action: "web", status: web, index: 1_001 },
        { action: "db", status: db, index: 2_001 },
      ],
    },
    { action: "extra", status: extra, index: 2 },
    { action: "tidy", status: tidy, index: 3, when: "always" },
  ];
  return stateOf({ status, steps: steps as WorkflowState["steps"] });
}

const FAILED_IN_COPY = "completed failed completed failed skipped completed";
const retry = (old: WorkflowState, from?: string | number): StateInput =>
  prepareRetry(definition, old, {
    kind: "retry",
    workflow_id: "deploy",
    ...(from === undefined ? {} : { from }),
  }).state;

describe("a retry", () => {
  const BUILT = "build:completed copy:pending(web:completed db:pending) extra:skipped tidy:pending";
  const AFRESH = "build:pending copy:pending(web:pending db:pending) extra:skipped tidy:pending";
  test.each([
    ["from what failed keeps the steps and branches that are done", undefined, BUILT],
    ["from the failed branch keeps the others", "db", BUILT],
    [
      "from a parallel step runs all its branches",
      "copy",
      BUILT.replace("web:completed", "web:pending"),
    ],
    ["from the first step keeps nothing", 0, AFRESH],
    [
      "from a later step skips the steps before it that were not done",
      "tidy",
      "build:completed copy:skipped(web:completed db:skipped) extra:skipped tidy:pending",
    ],
  ])("a retry %s", (_, from, steps) => {
    expect(words(retry(ended(FAILED_IN_COPY), from).steps as StepInput[])).toBe(steps);
  });

  test("a retry of an open workflow is refused", () => {
    expect(refusal(() => retry(ended(FAILED_IN_COPY, "interrupted")))).toMatch(/^not_waiting: /);
  });

  test("a retry from a step that was switched off is refused", () => {
    expect(refusal(() => retry(ended(FAILED_IN_COPY), "extra"))).toMatch(/^step_switched_off: /);
  });

  test("a retry without a step is refused where every step was done", () => {
    const done = ended("completed completed completed completed skipped completed", "completed");
    expect(refusal(() => retry(done))).toBe("bad_message: from: is required: every step was done");
  });

  test("a retry of a workflow with other steps is refused", () => {
    const other = stateOf({ status: "failed" });
    expect(refusal(() => retry(other))).toMatch(/^not_resumable: /);
  });
});
