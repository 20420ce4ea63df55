/** What a terminal says while a workflow cleans up, of what was passed over and left out, and of those who were told. */
import { describe, expect, it } from "vitest";
import {
  cleanupWords,
  hookLines,
  stepFate,
} from "../../../../server/cli/display/cleanupPhrases.js";
import type { ShownWorkflow } from "../../../../server/cli/display/display.js";

const workflow = (more: object): ShownWorkflow => ({
  workflow_id: "w",
  status: "running",
  steps: [
    { action: "build", status: "failed" },
    { action: "clean", status: "in_progress", when: "always" },
  ],
  ...more,
});

describe("a terminal", () => {
  it("a terminal says that it cleans up, and how it will end", () => {
    expect(cleanupWords(workflow({}))).toBeNull();
    expect(cleanupWords(workflow({ ending: { status: "cancelled" } }))).toBe(
      "is being cancelled: it cleans up",
    );
    const failed = { ending: { status: "failed", error_message: "build: exit code 3" } };
    expect(cleanupWords(workflow(failed))).toBe("has failed, and cleans up: build: exit code 3");
    expect(cleanupWords(workflow({ ...failed, status: "failed" }))).toBeNull();
  });

  it("a terminal says which failure was passed over, and why a step was left out", () => {
    expect(stepFate({ action: "a", status: "failed" })).toBeNull();
    expect(stepFate({ action: "a", status: "failed", continued: true })).toBe(
      "failed, and the workflow went on",
    );
    expect(
      stepFate({ action: "a", status: "failed", continued: true }, "after 3s, 2 attempts"),
    ).toBe("failed after 3s, 2 attempts, and the workflow went on");
    const completion_note = "Only runs after a failure.";
    expect(stepFate({ action: "a", status: "skipped", skip_reason: "when", completion_note })).toBe(
      "skipped: Only runs after a failure.",
    );
    expect(stepFate({ action: "a", status: "skipped" })).toBeNull();
  });

  it("a terminal says once who was told, and what went wrong there", () => {
    const begun = { kind: "end", status: "running", started_at: "t", attempt: 1 };
    const done = { ...begun, status: "failed", finished_at: "u", error: "exit code 7" };
    expect(hookLines(workflow({ hook_runs: [begun] }), undefined)).toEqual([]);
    const told = workflow({ hook_runs: [done] });
    expect(hookLines(told, workflow({ hook_runs: [begun] }))).toEqual([
      "on_end: failed: exit code 7",
    ]);
    expect(hookLines(told, told)).toEqual([]);
  });
});
