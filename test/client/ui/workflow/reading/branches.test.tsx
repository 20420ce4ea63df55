// @vitest-environment happy-dom
/** A parallel step as it is shown: its branches below it, each with its place, its status and a log of its own. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Step, StepStatus, WorkflowState } from "../../../../../client/index.js";
import {
  canBeginAt,
  resumePlan,
  retryPlan,
} from "../../../../../client/ui/workflow/reading/plan.js";
import {
  namedStep,
  stepName,
  urgentStep,
} from "../../../../../client/ui/workflow/reading/selection.js";
import { warningsOf } from "../../../../../client/ui/workflow/reading/warnings.js";
import { newsBetween } from "../../../../../client/ui/workflow/steps/stepNews.js";
import { timelineOf } from "../../../../../client/ui/workflow/timeline/timelineOf.js";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { NOW, step, workflow } from "../../samples.js";

/** Steps `build`, `fetch` with the branches `red`, `green` and `blue`, and `ship`. */
function withBranches(
  parent: StepStatus,
  branches: readonly [StepStatus, StepStatus, StepStatus],
  more: Partial<WorkflowState> = {},
) {
  const names = ["red", "green", "blue"];
  const steps: Step[] = names.map((action, branch) =>
    step(1_000 * (branch + 1) + 1, { action, title: undefined, status: branches[branch]! }),
  );
  return workflow({
    steps: [
      step(0, { action: "build", status: "completed" }),
      step(1, { action: "fetch", title: "Fetch", status: parent, steps }),
      step(2, { action: "ship", status: "pending" }),
    ],
    current_step: 1,
    ...more,
  });
}

describe("branches in a workflow's page", () => {
  let fake: FakePage;
  beforeEach(async () => {
    fake = await openFakePage("/w/w1");
  });
  afterEach(() => fake.stop());
  const show = (state: WorkflowState) => fake.show("w1", { phase: "live", state, asOf: NOW });

  test("stand below their step with their places, and lead to themselves", async () => {
    await show(withBranches("in_progress", ["completed", "in_progress", "pending"]));
    expect(
      fake.all("[data-step]").map((row) => row.querySelector(".step-number")?.textContent),
    ).toEqual(["1", "2", "2.1", "2.2", "2.3", "3"]);
    expect(fake.text("[data-step='1'] .step-note")).toBe("1 of 3 done");
    expect(fake.text("[data-step='2001'] .step-status")).toBe("Running");
    // The one that is shown by itself is the one at work.
    expect(fake.text(".pane-step")).toBe("2.2. green");
    const link = fake.root.querySelector("[data-step='3001'] a.step-name");
    expect(link?.getAttribute("href")).toMatch(/\/w\/w1\?step=blue$/);
    expect(link?.textContent).toContain("Step 2.3 of 3, blue, pending");
  });

  test("branches are listed where their step has no output of its own", async () => {
    await show(withBranches("completed", ["completed", "completed", "completed"]));
    expect(fake.text("[data-testid=branches] p")).toBe(
      "3 of 3 done. Each branch has a log of its own.",
    );
    expect(fake.all("[data-testid=branches] a").map((link) => link.textContent)).toEqual([
      "2.1 red",
      "2.2 green",
      "2.3 blue",
    ]);
  });

  test("branches of a step that failed are counted, and shown below their step where only those are wanted", async () => {
    await show(withBranches("failed", ["completed", "failed", "failed"], { status: "failed" }));
    const only = fake.all("button").find((button) => button.textContent === "2 failed only");
    await fake.within(() => only!.click());
    expect(fake.all("[data-step]").map((row) => row.dataset.step)).toEqual(["1", "2001", "3001"]);
  });

  test("branches are told by place and name to those who hear the page", () => {
    const before = withBranches("in_progress", ["in_progress", "in_progress", "pending"]);
    const after = withBranches("in_progress", ["completed", "in_progress", "pending"]);
    expect(newsBetween(before, after)).toEqual(["Step 2.1 of 3, red: Completed."]);
  });

  test("branches have rows of their own in the timeline", () => {
    const { rows } = timelineOf(withBranches("completed", ["completed", "failed", "completed"]));
    expect(rows.map(({ index, name }) => [index, name])).toEqual([
      [0, "build"],
      [1, "Fetch"],
      [1001, "red"],
      [2001, "green"],
      [3001, "blue"],
      [2, "ship"],
    ]);
  });

  test("branches of a step that failed on the way are counted, and their step is not counted again", () => {
    const state = withBranches("completed", ["failed", "completed", "failed"], {
      status: "completed",
    });
    expect(warningsOf(state)).toEqual({ text: "2 steps failed", step: 1001 });
  });
});

describe("the branch that is shown by itself", () => {
  test.each<[StepStatus, [StepStatus, StepStatus, StepStatus], number]>([
    ["in_progress", ["completed", "in_progress", "in_progress"], 2001],
    ["in_progress", ["in_progress", "pending", "pending"], 1001],
    ["failed", ["completed", "completed", "failed"], 3001],
    ["interrupted", ["completed", "interrupted", "interrupted"], 2001],
    ["completed", ["completed", "completed", "completed"], 1],
  ])("of %s with %j is number %i", (parent, branches, index) => {
    expect(urgentStep(withBranches(parent, branches))).toBe(index);
  });
});

describe("the name of a branch in an address", () => {
  const { steps } = withBranches("in_progress", ["completed", "in_progress", "pending"]);
  test("the name of a branch in an address is its action, and its place is understood, too", () => {
    expect(stepName(steps, 2001)).toBe("green");
    expect([namedStep(steps, "green"), namedStep(steps, "2.2")]).toEqual([2001, 2001]);
    expect([namedStep(steps, "2.4"), namedStep(steps, "1.1"), namedStep(steps, "2.")]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe("what becomes of the branches", () => {
  const { steps } = withBranches("failed", ["completed", "failed", "cancelled"]);
  const names = (plan: ReturnType<typeof retryPlan>) =>
    Object.fromEntries(plan.map(({ heading, steps }) => [heading, steps.map(({ name }) => name)]));

  test("a retry runs those that are not done", () => {
    expect(names(retryPlan(steps, 1))).toMatchObject({
      Runs: ["green", "blue", "ship"],
      "Kept as it is": ["build", "red"],
    });
  });
  test("a retry keeps a branch whose failure was passed over, as the server does", () => {
    const parallel = steps[1]!;
    const branches = (parallel.steps as Step[]).with(1, {
      ...(parallel.steps as Step[])[1]!,
      continued: true,
    });
    const passed = steps.with(1, { ...parallel, steps: branches });
    expect(names(retryPlan(passed, 1))).toMatchObject({
      Runs: ["blue", "ship"],
      "Kept as it is": ["build", "red", "green"],
    });
  });
  test("a retry from a branch that is done runs it again, too", () => {
    expect(canBeginAt(steps, 1001)).toBe(true);
    expect(names(retryPlan(steps, 1001))).toMatchObject({
      Runs: ["red", "green", "blue", "ship"],
    });
  });
  test("a retry from a parallel step that is done runs all of it", () => {
    const done = withBranches("completed", ["completed", "completed", "completed"]).steps;
    expect(names(retryPlan(done, 1))).toMatchObject({ Runs: ["red", "green", "blue", "ship"] });
  });
  test("a resume runs those that are not done", () => {
    const stopped = withBranches("interrupted", ["completed", "interrupted", "pending"]).steps;
    expect(names(resumePlan(stopped, null))).toMatchObject({
      Runs: ["green", "blue", "ship"],
      "Kept as it is": ["build", "red"],
    });
  });
});
