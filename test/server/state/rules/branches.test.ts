/** Parallel steps in a state: what is filled in, stamped, interrupted and cancelled of their branches. */
import { describe, expect, it } from "vitest";
import { withDone } from "../../../../server/state/rules/markedDone.js";
import {
  settleCancelled,
  settleInterruption,
  settleMerge,
  settleStepUpdate,
  settleWhole,
} from "../../../../server/state/rules/settle.js";
import { finishesSteps, withOutputFacts } from "../../../../server/state/rules/stepOutput.js";
import { diff } from "../../../../shared/json/diff.js";
import { apply } from "../../../../shared/json/patch.js";
import type { StateInput, StepUpdate, WorkflowState } from "../../../../shared/schema/workflow.js";
import { branchesOf, stepAtIndex } from "../../../../shared/state/stepPlace.js";
import { summaryOf } from "../../../../shared/state/summary.js";
import { NOW } from "../../../support/disks/records.js";

const LATER = "2026-01-01T00:05:00.000Z";
const SENT: StateInput = {
  steps: [
    { action: "build" },
    {
      action: "copy",
      steps: [{ action: "web-1" }, { action: "web-2" }, { action: "web-3", own: { kept: true } }],
    },
    { action: "switch" },
  ],
};
const FRESH = settleWhole(SENT, "deploy", null, NOW);

const report = (state: WorkflowState, ...reports: [number, StepUpdate][]): WorkflowState =>
  reports.reduce(
    (before, [index, update]) => settleStepUpdate(index, update, before, LATER),
    state,
  );
/** The parallel step and two of its branches are at work. */
const AT_WORK = report(
  FRESH,
  [0, { status: "completed" }],
  [1, { status: "in_progress" }],
  [1001, { status: "in_progress" }],
  [2001, { status: "in_progress", progress: 0.5 }],
);

const statusesOf = ({ steps }: WorkflowState) =>
  steps.map((step) => {
    const branches = branchesOf(step).map(({ status }) => status);
    return branches.length === 0 ? step.status : [step.status, ...branches];
  });

describe("a parallel step that is saved", () => {
  it("a parallel step that is saved has its branches numbered by their addresses, and their gaps filled", () => {
    expect(FRESH.steps[1]).toEqual({
      action: "copy",
      status: "pending",
      index: 1,
      steps: [
        { action: "web-1", status: "pending", index: 1001 },
        { action: "web-2", status: "pending", index: 2001 },
        { action: "web-3", status: "pending", index: 3001, own: { kept: true } },
      ],
    });
  });

  it("a parallel step that is saved has the times filled in that a whole save leaves out", () => {
    const again = settleWhole(
      {
        steps: [
          { action: "build", status: "completed" },
          {
            action: "copy",
            status: "in_progress",
            steps: [
              { action: "web-1", status: "completed" },
              { action: "web-2", status: "in_progress" },
              { action: "another", status: "in_progress" },
            ],
          },
        ],
      },
      "deploy",
      AT_WORK,
      "2026-01-01T00:09:00.000Z",
    );
    expect(branchesOf(again.steps[1])).toMatchObject([
      { started_at: LATER, finished_at: "2026-01-01T00:09:00.000Z", attempt: 1 },
      { started_at: LATER, attempt: 1 },
      { action: "another", index: 3001 },
    ]);
    // Another action is another branch, of which nothing was seen before.
    expect(branchesOf(again.steps[1])[2]).not.toHaveProperty("started_at");
  });

  it("a parallel step is filled in by a merge and by a report of the step as well", () => {
    const steps = SENT.steps!;
    expect(settleMerge({ steps }, FRESH, NOW).steps).toEqual(FRESH.steps);
    const branches = [{ action: "web-9", status: "in_progress" as const }];
    const told = report(FRESH, [2, { steps: branches }]);
    expect(told.steps[2]).toMatchObject({ action: "switch", steps: [{ index: 1002 }] });
  });
});

describe("a report of a branch", () => {
  it("changes that branch alone, stamps it, and leads the workflow to its parent", () => {
    const after = report(AT_WORK, [3001, { status: "in_progress" }]);
    expect(after.current_step).toBe(1);
    expect(stepAtIndex(after, 3001)).toMatchObject({ attempt: 1, started_at: LATER });
    expect(after.steps[0]).toBe(AT_WORK.steps[0]);
    expect(branchesOf(after.steps[1])[0]).toBe(branchesOf(AT_WORK.steps[1])[0]);
  });

  it("a report of a branch is told to watchers in a patch of that branch alone", () => {
    const after = report(AT_WORK, [2001, { progress: 0.6 }]);
    const patch = diff(AT_WORK, after);
    expect(patch).toEqual([{ op: "replace", path: "/steps/1/steps/1/progress", value: 0.6 }]);
    expect(apply(AT_WORK, patch)).toEqual(after);
  });

  it("a report of a branch keeps the patch small, too, where a step comes before the parallel one", () => {
    const text = "x".repeat(2_000);
    const before = report(AT_WORK, [1001, { data: { text } }], [2001, { data: { text } }]);
    const after = settleWhole(
      { ...before, steps: [{ action: "first" }, ...before.steps] },
      "deploy",
      null,
      LATER,
    );
    const patch = diff(before, after);
    expect(apply(before, patch)).toEqual(after);
    expect(JSON.stringify(patch).length).toBeLessThan(1_500);
  });

  it("wakes what was taken for interrupted: the branch and its parent, and no other branch", () => {
    const silent = settleInterruption("silent", AT_WORK, LATER);
    const woken = report(silent, [2001, { progress: 0.7 }]);
    expect(woken.status).toBe("running");
    expect(statusesOf(woken)[1]).toEqual(["in_progress", "interrupted", "in_progress", "pending"]);
  });

  it("a report that ends one branch keeps the others as they were", () => {
    const after = report(AT_WORK, [1001, { status: "failed", error: "no room" }]);
    expect(statusesOf(after)[1]).toEqual(["in_progress", "failed", "in_progress", "pending"]);
    expect(finishesSteps(AT_WORK, after)).toBe(true);
    expect(finishesSteps(after, report(after, [2001, { progress: 0.9 }]))).toBe(false);
  });

  it("a report of a branch says how much it printed under its own address", () => {
    const bytes = new Map([
      [1001, 7],
      [1, 3],
    ]);
    const after = report(AT_WORK, [1001, { progress: 0.1 }]);
    const told = withOutputFacts(after, AT_WORK, {
      bytesOf: (index) => bytes.get(index) ?? 0,
    });
    expect(stepAtIndex(told, 1001)?.log_bytes).toBe(7);
    expect(stepAtIndex(told, 2001)).toBe(stepAtIndex(after, 2001));
  });
});

describe("the end of whoever drove", () => {
  it("interrupts each branch at work, and names the step and its branches", () => {
    const gone = settleInterruption("driver_gone", AT_WORK, LATER);
    expect(statusesOf(gone)).toEqual([
      "completed",
      ["interrupted", "interrupted", "interrupted", "pending"],
      "pending",
    ]);
    expect(gone.interruption).toMatchObject({ step: 1, branches: [1001, 2001], since: LATER });
    const between = report(AT_WORK, [1001, { status: "completed" }], [2001, { status: "failed" }]);
    expect(settleInterruption("driver_gone", between, LATER).interruption).not.toHaveProperty(
      "branches",
    );
  });

  it("cancels each branch at work, and lets those be that have ended or never began", () => {
    const ended = report(AT_WORK, [1001, { status: "completed" }]);
    expect(statusesOf(settleCancelled(ended, LATER, null))[1]).toEqual([
      "cancelled",
      "completed",
      "cancelled",
      "pending",
    ]);
  });
});

describe("somebody who says that it is done", () => {
  const gone = settleInterruption("server_restart", AT_WORK, LATER);

  it("a branch that is said to be done is that one alone, by its index or its action", () => {
    for (const named of [2001, "web-2"]) {
      const steps = withDone(gone, named, { by: "ada", now: LATER });
      expect(statusesOf({ ...gone, steps })[1]).toEqual([
        "interrupted",
        "interrupted",
        "completed",
        "pending",
      ]);
    }
  });

  it("a parallel step that is said to be done is done with its interrupted branches, and skips the others", () => {
    const steps = withDone(gone, "copy", { by: "ada", now: LATER });
    expect(statusesOf({ ...gone, steps })[1]).toEqual([
      "completed",
      "completed",
      "completed",
      "skipped",
    ]);
  });

  it("a branch that was not interrupted, or is not there, cannot be said to be done", () => {
    const say = (named: string | number) => () =>
      withDone(gone, named, { by: undefined, now: LATER });
    expect(say("web-3")).toThrow("is pending; only a step that was interrupted");
    expect(say(4001)).toThrow("is no step of it");
    expect(say("web-4")).toThrow("web-");
  });
});

describe("a summary", () => {
  it("a summary counts a parallel step by its own progress, or by its branches where it has none", () => {
    expect(summaryOf(AT_WORK, "e", false)).toMatchObject({ total_steps: 3, step: "copy" });
    expect(summaryOf(AT_WORK, "e", false).done).toBeCloseTo((1 + 0.5 / 3) / 3, 3);
    const told = report(AT_WORK, [1, { progress: 0.9 }]);
    expect(summaryOf(told, "e", false).done).toBeCloseTo(1.9 / 3, 3);
  });
});
