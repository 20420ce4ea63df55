// @vitest-environment happy-dom
/** Title and icon of the tab for each situation. */
import { afterEach, describe, expect, test } from "vitest";
import type { ConnectionView, WorkflowState } from "../../../../client/index.js";
import { iconAddress, stripOf } from "../../../../client/ui/look/titleAndIcon.js";
import { keepTabStrip } from "../../../../client/ui/shell/tabStrip.js";
import { newsBetween } from "../../../../client/ui/workflow/steps/stepNews.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { emptyView, LIVE, process, step, summary, workflow } from "../samples.js";

const LOST = step(1, {
  action: "copy",
  status: "in_progress",
  data: { process: process({ link_lost: { since: "2026-03-04T09:51:07.000Z" } }) },
});

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

  test("the title says since when a link is lost, as the clock of a hidden tab stands still, and the icon is another", () => {
    const title = strip({ steps: [step(0), LOST, step(2)] }).title;
    expect(title).toMatch(/^↯ link lost since \d\d:\d\d:07 · 2\/3 copy · Nightly backup$/);
    expect(strip({ steps: [step(0), LOST, step(2)] }).icon).not.toBe(strip({}).icon);
    expect(strip({ steps: [LOST], status: "interrupted" }).title).toBe(
      "! Interrupted · Nightly backup",
    );
  });

  test("the title of the list counts the workflows whose link is lost, behind those that want somebody", () => {
    const all = (...more: Parameters<typeof summary>[0][]) => ({
      ...emptyView("*"),
      list: { workflows: Object.fromEntries(more.map((one, n) => [n, summary(one)])) },
    });
    const lost = { link_lost: "2026-03-04T09:51:07.000Z" };
    expect(stripOf(all(lost, {}), LIVE).title).toBe("↯ 1 of 2 running: link lost · Instep");
    expect(stripOf(all(lost, { status: "blocked" }), LIVE).title).toBe("? 1 needs input · Instep");
  });

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

describe("a screen reader", () => {
  const at = (part: object, more = {}) =>
    workflow({
      steps: [
        step(0),
        step(1, {
          status: "in_progress",
          title: "Copy",
          data: { process: process(part) },
          ...more,
        }),
      ],
    });
  const lost = (next_try_at: string | null) => ({
    link_lost: { since: "2026-03-04T09:51:07.000Z", why: "reset", next_try_at },
  });

  test("a screen reader hears once that a link is lost, and that it is back", () => {
    expect(newsBetween(at({}), at(lost(null)))).toEqual([
      "Step 2 of 2, Copy: Link lost, trying again.",
    ]);
    const later = lost("2026-03-04T09:51:30.000Z");
    expect(newsBetween(at(lost(null)), at(later))).toEqual([]);
    const taken_up = [{ from: "2026-03-04T09:51:07Z", to: "2026-03-04T09:51:40Z", gone: "link" }];
    expect(newsBetween(at(later), at({ taken_up }))).toEqual([
      "Step 2 of 2, Copy: The link is back.",
    ]);
  });

  test("a screen reader hears that the server was away while the command ran, and nothing of links of a command that ended", () => {
    const taken_up = [{ from: "2026-03-04T09:51:07Z", to: "2026-03-04T09:51:40Z" }];
    expect(newsBetween(at({}), at({ taken_up }))).toEqual([
      "Step 2 of 2, Copy: The server was away, its command went on.",
    ]);
    expect(newsBetween(at(lost(null)), at({ pid: 4712 }))).toEqual([]);
    expect(newsBetween(at(lost(null)), at({}, { retry_at: "2026-03-04T09:52:00Z" }))).toEqual([]);
    expect(newsBetween(at(lost(null)), at({}, { status: "failed" }))).toEqual([
      "Step 2 of 2, Copy: Failed.",
    ]);
  });
});
