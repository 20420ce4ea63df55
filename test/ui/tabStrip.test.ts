/** Title and icon of the tab for each situation. */
import { describe, expect, test } from "vitest";
import type { ConnectionView, WorkflowState } from "../../client/index.js";
import { iconAddress, iconOf, titleOf } from "../../client/ui/look/titleAndIcon.js";
import { newsBetween } from "../../client/ui/workflow/stepNews.js";
import { emptyView, LIVE, step, summary, workflow } from "./samples.js";

const title = (part: Partial<WorkflowState>, connection: ConnectionView = LIVE) =>
  titleOf({ ...emptyView("w1"), state: workflow(part) }, connection);

describe("the title", () => {
  test.each<[Partial<WorkflowState>, string]>([
    [{ status: "running" }, "▶ 2/3 action-1 · Nightly backup"],
    [{ status: "completed" }, "✓ Nightly backup"],
    [{ status: "failed" }, "✕ action-1 failed · Nightly backup"],
    [{ status: "blocked" }, "? Needs input · Nightly backup"],
    [{ status: "interrupted" }, "! Interrupted · Nightly backup"],
    [{ status: "running", steps: [] }, "▶ Nightly backup"],
  ])("for %j is %s", (part, text) => expect(title(part)).toBe(text));

  test("says when the picture is not current", () => {
    expect(title({}, { ...LIVE, phase: "offline" })).toMatch(/^⌁ ▶/);
    const stale = { ...emptyView("w1"), phase: "stale" as const, state: workflow() };
    expect(titleOf(stale, { ...LIVE, phase: "waiting" })).toMatch(/^⌁ ▶/);
  });

  test("counts what runs, for the list", () => {
    const workflows = { e1: summary(), e2: summary({ epoch: "e2", status: "failed" }) };
    expect(titleOf({ ...emptyView("*"), list: { workflows } }, LIVE)).toBe("▶ 1 running · Instep");
    expect(titleOf({ ...emptyView("*"), list: { workflows: {} } }, LIVE)).toBe("Instep");
  });
});

describe("the icon", () => {
  test("moves in steps of five percent only", () => {
    const at = (progress: number) =>
      iconOf({
        ...emptyView("w1"),
        state: workflow({ steps: [step(0, { status: "in_progress", progress })] }),
      });
    expect(at(0.61)).toEqual(at(0.62));
    expect(at(0.61)).not.toEqual(at(0.7));
  });

  test("differs by status, and is a picture the policy allows", () => {
    const addresses = ["running", "completed", "failed", "blocked", "interrupted"].map((status) =>
      iconAddress({ status, percent: 50 }),
    );
    expect(new Set(addresses).size).toBe(5);
    for (const address of addresses) expect(address).toMatch(/^data:image\/svg\+xml,/);
  });
});

test("a screen reader hears which steps moved, and the end", () => {
  const after = workflow({
    status: "failed",
    steps: [
      step(0, { status: "completed" }),
      step(1, { status: "failed", title: "Copy" }),
      step(2),
    ],
  });
  expect(newsBetween(workflow(), after)).toEqual([
    "Step 2 of 3, Copy: Failed.",
    "Workflow: Failed.",
  ]);
});
