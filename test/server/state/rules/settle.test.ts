/** The server's part of a state: fields it fills in, times it stamps, fields it takes away. */
import { describe, expect, it } from "vitest";
import {
  settleCancelled,
  settleInterruption,
  settleMerge,
  settleStepUpdate,
  settleWhole,
} from "../../../../server/state/rules/settle.js";
import type { StepUpdate, WorkflowState } from "../../../../shared/schema/workflow.js";
import { NOW, stateOf } from "../../../support/disks/records.js";

const LATER = "2026-01-01T00:05:00.000Z";

describe("a whole state", () => {
  it("a whole state has its gaps filled", () => {
    expect(settleWhole({ steps: [{ action: "copy" }] }, "deploy", null, NOW)).toEqual({
      workflow_id: "deploy",
      status: "running",
      current_step: 0,
      steps: [{ action: "copy", status: "pending", index: 0 }],
      start_time: NOW,
      last_update: NOW,
    });
  });

  it("a whole state keeps the driver's own fields, and ignores what is the server's", () => {
    const state = settleWhole(
      { note: { deep: [1] }, last_update: "never", driver: { name: "me" }, interruption: 5 },
      "deploy",
      null,
      NOW,
    );
    expect(state).toMatchObject({ note: { deep: [1] }, last_update: NOW });
    expect(state).not.toHaveProperty("driver");
    expect(state).not.toHaveProperty("interruption");
  });

  it("a whole state keeps the start it had, and stamps the steps that moved", () => {
    const after = settleWhole(
      {
        steps: [
          { action: "copy", status: "completed" },
          { action: "switch", status: "in_progress" },
        ],
      },
      "deploy",
      stateOf(),
      LATER,
    );
    expect(after.start_time).toBe(NOW);
    expect(after.steps).toMatchObject([
      { status: "completed", finished_at: LATER },
      { status: "in_progress", started_at: LATER, attempt: 1 },
    ]);
  });

  it("a whole state of an end has an end time; before it none", () => {
    expect(settleWhole({ status: "failed" }, "deploy", null, NOW).end_time).toBe(NOW);
    expect(settleWhole({ status: "failed", end_time: LATER }, "deploy", null, NOW).end_time).toBe(
      LATER,
    );
    expect(
      settleWhole({ status: "running", end_time: LATER }, "deploy", null, NOW),
    ).not.toHaveProperty("end_time");
  });
});

describe("a merge", () => {
  it("changes what it names, removes what is null, and leaves the rest", () => {
    const after = settleMerge(
      { title: "T", error_message: null },
      stateOf({ error_message: "old", x: 1 }),
      LATER,
    );
    expect(after).toMatchObject({ title: "T", x: 1, steps: stateOf().steps, last_update: LATER });
    expect(after).not.toHaveProperty("error_message");
  });

  it("a merge cannot rename a workflow or take its start", () => {
    const after = settleMerge({ start_time: null, workflow_id: "other" }, stateOf(), LATER);
    expect(after).toMatchObject({ workflow_id: "deploy", start_time: NOW });
  });
});

describe("a step's report", () => {
  const report = (index: number, update: StepUpdate, before: WorkflowState = stateOf()) =>
    settleStepUpdate(index, update, before, LATER);

  it("moves the current step, and stamps start and end", () => {
    const started = report(1, { status: "in_progress" });
    expect(started).toMatchObject({
      current_step: 1,
      steps: [{}, { started_at: LATER, attempt: 1 }],
    });
    const finished = report(1, { status: "completed", data: { files: 3 } }, started);
    expect(finished.steps[1]).toMatchObject({ finished_at: LATER, data: { files: 3 }, index: 1 });
  });

  it("a step's report that only brings progress moves nothing", () => {
    expect(report(1, { progress: 0.5 })).toMatchObject({ current_step: 0, status: "running" });
  });

  it("shares the steps it is not about", () => {
    const before = stateOf();
    expect(report(1, { progress: 0.5 }, before).steps[0]).toBe(before.steps[0]);
  });

  it("a step's report of a new attempt starts with a clean slate", () => {
    const failed = report(0, {
      status: "failed",
      error: "no route",
      progress: 0.4,
      started_at: NOW,
    });
    const again = report(0, { status: "in_progress" }, failed).steps[0]!;
    expect(again).toMatchObject({ attempt: 2, started_at: LATER });
    for (const gone of ["error", "progress", "finished_at"]) expect(again).not.toHaveProperty(gone);
  });

  it("a step's report of a new attempt keeps when the first one began, whoever drives", () => {
    const first = report(0, { status: "failed", started_at: NOW });
    const second = report(0, { status: "in_progress" }, first);
    expect(second.steps[0]).toMatchObject({ started_at: LATER, first_started_at: NOW });
    const failed = report(0, { status: "failed" }, second);
    const third = report(0, { status: "in_progress" }, failed);
    expect(third.steps[0]).toMatchObject({ attempt: 3, first_started_at: NOW });
    expect(report(0, { status: "pending" }, third).steps[0]).not.toHaveProperty("first_started_at");
  });

  it("a step's report of its end takes away a message that was only printed, and leaves one that was meant", () => {
    const saying = (update: StepUpdate) => report(0, { status: "in_progress", ...update });
    const printed = saying({ message: "cleanup 30", message_from: "output" });
    const ended = report(0, { status: "completed" }, printed).steps[0];
    expect(ended).not.toHaveProperty("message");
    expect(ended).not.toHaveProperty("message_from");
    const meant = report(0, { message: "Copied" }, printed);
    expect(report(0, { status: "completed" }, meant).steps[0]).toMatchObject({ message: "Copied" });
    expect(settleCancelled(printed, LATER, null).steps[0]).not.toHaveProperty("message");
  });

  it("a step's report after its end is a new attempt, also where nobody said when it began", () => {
    const again = (status: "failed" | "interrupted" | "skipped") => {
      const before = stateOf({ steps: [{ action: "copy", status, index: 0 }] });
      return report(0, { status: "in_progress" }, before).steps[0]?.attempt;
    };
    expect([again("failed"), again("interrupted"), again("skipped")]).toEqual([2, 2, 1]);
  });

  it("a step's report that asks blocks the workflow, and the next one frees it", () => {
    const blocked = report(0, { status: "blocked" });
    expect(blocked.status).toBe("blocked");
    expect(report(0, { message: "still waiting" }, blocked).status).toBe("blocked");
    expect(report(0, { status: "in_progress" }, blocked).status).toBe("running");
  });

  it("wakes a workflow that was taken for silent", () => {
    const silent = settleInterruption("silent", stateOf(), NOW);
    const awake = report(0, { progress: 0.7 }, silent);
    expect(awake).toMatchObject({
      status: "running",
      steps: [{ status: "in_progress", progress: 0.7 }, {}],
    });
    expect(awake).not.toHaveProperty("interruption");
  });
});

describe("an interruption", () => {
  it("an interruption says when, why and where, and takes the driver and the question away", () => {
    const before = stateOf({
      driver: { name: "tab", since: NOW },
      status: "blocked",
      block_info: { prompt: "?" },
    });
    const after = settleInterruption("driver_gone", before, LATER);
    expect(after).toMatchObject({
      status: "interrupted",
      interruption: {
        at: LATER,
        reason: "driver_gone",
        step: 0,
        last_seen: before.last_update,
      },
      steps: [{ status: "interrupted" }, { status: "pending" }],
    });
    expect(after).not.toHaveProperty("driver");
    expect(after).not.toHaveProperty("block_info");
  });

  it("between two steps names none", () => {
    const idle = stateOf({ steps: [{ action: "copy", status: "completed", index: 0 }] });
    expect(settleInterruption("silent", idle, LATER).interruption).toMatchObject({ step: null });
  });
});
