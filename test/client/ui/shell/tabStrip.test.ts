// @vitest-environment happy-dom
/** Title and icon of the tab for each situation. */
import { afterEach, describe, expect, test } from "vitest";
import type { ConnectionView, WorkflowState } from "../../../../client/index.js";
import { iconAddress, stripOf } from "../../../../client/ui/look/titleAndIcon.js";
import { keepTabStrip } from "../../../../client/ui/shell/tabStrip.js";
import { newsBetween } from "../../../../client/ui/workflow/steps/stepNews.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { emptyView, LIVE, step, summary, workflow } from "../samples.js";

const strip = (part: Partial<WorkflowState>, connection: ConnectionView = LIVE) =>
  stripOf({ ...emptyView("w1"), state: workflow(part) }, connection);
const listTitle = (...statuses: ("running" | "failed" | "blocked")[]) => {
  const all = statuses.map((status, n) => [n, summary({ epoch: `e${n}`, status })]);
  return stripOf({ ...emptyView("*"), list: { workflows: Object.fromEntries(all) } }, LIVE).title;
};

describe("the title", () => {
  test.each<[Partial<WorkflowState>, string]>([
    [{ status: "running" }, "▶ 2/3 action-1 · Nightly backup"],
    [{ status: "completed" }, "✓ Nightly backup"],
    [{ status: "failed" }, "✕ Failed at “Copy” · Nightly backup"],
    [
      { status: "failed", current_step: 1, steps: [step(0, { status: "failed" }), step(1)] },
      "✕ Failed at “action-0” · Nightly backup",
    ],
    [
      {
        status: "failed",
        steps: [
          step(0, {
            status: "failed",
            action: "fails",
            error: "ssh: Could not resolve hostname web-7 (exit code 255)",
          }),
        ],
      },
      "✕ Failed at “fails”: ssh: Could not resolve hostname web-7 (exit code 255) · Nightly backup",
    ],
    [
      { status: "failed", steps: [step(0, { status: "failed", error: `no\n${"x".repeat(500)}` })] },
      "✕ Failed at “action-0”: no · Nightly backup",
    ],
    [{ status: "blocked" }, "? Needs input · Nightly backup"],
    [{ status: "interrupted" }, "! Interrupted · Nightly backup"],
    [{ status: "cancelled" }, "■ Cancelled · Nightly backup"],
    [{ queued: { since: "2026-03-04T09:50:00Z" } }, "○ Waiting for its turn · Nightly backup"],
    [{ status: "running", steps: [] }, "▶ Nightly backup"],
  ])("for %j is %s", (part, text) => expect(strip(part).title).toBe(text));

  test("the title says when the state is not current", () => {
    expect(strip({}, { ...LIVE, phase: "offline" }).title).toMatch(/^⌁ ▶/);
    const stale = { ...emptyView("w1"), phase: "stale" as const, state: workflow() };
    expect(stripOf(stale, { ...LIVE, phase: "waiting" }).title).toMatch(/^⌁ ▶/);
  });

  test("the title counts, for the list, what wants somebody, and else what runs", () => {
    expect(listTitle("running", "failed")).toBe("▶ 1 running · Instep");
    expect(listTitle("running", "blocked")).toBe("? 1 needs input · Instep");
    expect(listTitle("blocked", "blocked")).toBe("? 2 need input · Instep");
    expect(listTitle()).toBe("Instep");
  });
});

describe("the icon", () => {
  test("moves in steps of five percent only", () => {
    const at = (progress: number) =>
      strip({ steps: [step(0, { status: "in_progress", progress })] }).icon;
    expect(at(0.61)).toBe(at(0.62));
    expect(at(0.61)).not.toBe(at(0.7));
  });

  test("differs by status, and is a picture the policy allows", () => {
    const statuses = ["running", "completed", "failed", "blocked", "interrupted", "queued"];
    const addresses = statuses.map((status) => iconAddress({ status, percent: 50 }));
    expect(new Set(addresses).size).toBe(statuses.length);
    for (const address of addresses) expect(address).toMatch(/^data:image\/svg\+xml,/);
  });
});

describe("in the tab", () => {
  let fake: FakePage;
  let stop = () => {};
  afterEach(() => {
    stop();
    fake.stop();
  });
  const at = (current_step: number, part: Partial<WorkflowState> = {}) =>
    fake.show("w1", { phase: "live", state: workflow({ current_step, ...part }) });

  test("steps that fly by are told once a second, the last one too", async () => {
    fake = await openFakePage("/w/w1");
    stop = keepTabStrip(fake.page, document, navigator);
    await at(0);
    await fake.pass(400);
    await at(1);
    await fake.pass(400);
    await at(2);
    expect(document.title).toBe("▶ 1/3 action-0 · Nightly backup");
    await fake.pass(200);
    expect(document.title).toBe("▶ 3/3 action-2 · Nightly backup");
  });

  test("an end, a question and a lost link are told at once", async () => {
    fake = await openFakePage("/w/w1");
    stop = keepTabStrip(fake.page, document, navigator);
    await at(0);
    await at(0, { status: "blocked" });
    expect(document.title).toBe("? Needs input · Nightly backup");
    await fake.connect({ phase: "offline" });
    expect(document.title).toBe("⌁ ? Needs input · Nightly backup");
    await fake.connect({ phase: "live" });
    await at(0, { status: "completed" });
    expect(document.title).toBe("✓ Nightly backup");
  });
});

test("a screen reader hears which steps moved, and the end", () => {
  const after = workflow({
    status: "cancelled",
    steps: [
      step(0, { status: "completed" }),
      step(1, { status: "failed", title: "Copy" }),
      step(2),
    ],
  });
  expect(newsBetween(workflow(), after)).toEqual([
    "Step 2 of 3, Copy: Failed.",
    "Workflow: Cancelled.",
  ]);
});
