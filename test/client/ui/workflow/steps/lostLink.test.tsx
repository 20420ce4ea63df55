// @vitest-environment happy-dom
/** A command on a machine that is not reached, and one that was taken up: in the row, the head, the details, the log and the list. */
import { afterEach, expect, test } from "vitest";
import type { View } from "../../../../../client/index.js";
import { cancelText } from "../../../../../client/ui/workflow/choices/questions.js";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { emptyView, NOW, process, step, summary, workflow } from "../../samples.js";

let fake: FakePage;
afterEach(() => fake.stop());

const at = (ms: number) => new Date(NOW + ms).toISOString();
const LOST = { since: at(-12_000), why: "Connection refused", next_try_at: at(4_000) };

const stateWith = (part: object, more = {}) =>
  workflow({
    definition: "backup",
    steps: [
      step(0, { status: "completed" }),
      step(1, {
        ...{ status: "in_progress", title: "Copy", progress: 0.5, log_bytes: 4 },
        data: { process: process(part) },
        started_at: at(-60_000),
        ...more,
      }),
      step(2),
    ],
  });

async function open(part: object, more = {}, view: Partial<View> = {}): Promise<void> {
  fake = await openFakePage("/w/w1");
  await fake.show("w1", { phase: "live", state: stateWith(part, more), ...view });
}

const details = async () => {
  await fake.within(() => fake.root.querySelector<HTMLElement>("#tab-details")!.click());
  return fake.text("[data-testid=command]");
};

test("a lost link has its sign in the row and in the head, counted live, while the step is in progress", async () => {
  await open({ link_lost: LOST });
  const row = () => fake.text('[data-step="1"] .step-lost');
  expect(row()).toBe("Link lost 12 s ago, trying again in 4s");
  expect(fake.text('[data-step="1"]')).toContain("Connection refused");
  expect(fake.root.querySelector('[data-step="1"]')?.getAttribute("data-status")).toBe(
    "in_progress",
  );
  expect(fake.root.querySelector('[data-step="1"]')?.className).toContain("tone-unlinked");
  expect(fake.text(".workflow-head .is-link dd")).toBe("Link lost 12 s ago, trying again in 4s");
  expect(fake.text("[data-testid=workflow-status]")).toBe("Running");
  await fake.pass(3_000);
  expect(row()).toBe("Link lost 15 s ago, trying again in 1s");
  await fake.pass(2_000);
  expect(row()).toBe("Link lost 17 s ago, trying again");
  await fake.show("w1", { phase: "live", state: stateWith({}) });
  expect(fake.all(".lost-link")).toEqual([]);
});

test("a link that is lost at a time to come, by another clock, is not lost for less than nothing", async () => {
  await open({ link_lost: { ...LOST, since: at(5_000), next_try_at: null } });
  expect(fake.text('[data-step="1"] .step-lost')).toBe("Link lost just now, trying again");
});

test("a page that is not current does not count on what it cannot know", async () => {
  await open({ link_lost: LOST }, {}, { phase: "stale", asOf: NOW });
  await fake.connect({ phase: "waiting" });
  await fake.pass(30_000);
  expect(fake.text('[data-step="1"] .step-lost')).toBe("Link lost 12 s ago, trying again in 4s");
  expect(fake.all(".lost-link.is-frozen").length).toBeGreaterThan(0);
});

test("while a link is lost nobody knows how long a step will still take, and what it printed is not followed", async () => {
  await open({});
  expect(fake.text(".workflow-head")).toContain("left");
  expect(fake.text("[data-testid=log-status]")).toContain("Following");
  await fake.show("w1", { phase: "live", state: stateWith({ link_lost: LOST }) });
  expect(fake.text(".workflow-head")).not.toContain("left");
  expect(fake.text("[data-testid=log-status]")).toContain(
    "Link lost: newer lines come once it is back",
  );
});

test("the details say where a command runs, when nobody watched it, and for how long", async () => {
  const taken_up = [
    { from: at(-50_000), to: at(-45_000), gone: "server" },
    { from: at(-40_000), to: at(-30_000), gone: "link" },
  ];
  await open({ over: "ssh", taken_up, unwatched_ms: 15_000 });
  const text = await details();
  expect(text).toContain("It runs on box, over SSH, as process 4711, since ");
  expect(text).toMatch(/The server was away from [\d:]{8} to [\d:]{8}; the command kept running\./);
  expect(text).toMatch(/The link was lost from [\d:]{8} to [\d:]{8}; the command kept running\./);
  expect(text).toContain("Nobody watched it for 15s in all.");
});

test("the details say of a command that ended while nobody watched when that was", async () => {
  const taken_up = [
    { from: at(-50_000), to: at(-45_000), gone: "server" },
    { from: at(-40_000), to: at(-30_000), gone: "server" },
  ];
  await open({ taken_up, unwatched_ms: 15_000 }, { status: "completed", finished_at: at(-38_000) });
  const text = await details();
  expect(text.match(/the command kept running/g)).toHaveLength(1);
  expect(text).toMatch(/the command ended at [\d:]{8}\./);
});

test("the details of a command that is not reached promise nothing of it", async () => {
  await open({ link_lost: LOST, unwatched_ms: 1_000 });
  const text = await details();
  expect(text).toMatch(/It was begun on box as process 4711 \(.+\)\.Link lost 12 s ago/);
  expect(text).toContain("How it is there, nobody knows until the link is back.");
  expect(text).toContain("Nobody watched it for 13s in all.");
});

test("the details of a step that never had a command, or keeps something else there, say nothing of one", async () => {
  await open({ pid: "4711" });
  await fake.within(() => fake.root.querySelector<HTMLElement>("#tab-details")!.click());
  expect(fake.all("[data-testid=command]")).toEqual([]);
});

test("the list shows a lost link beside the step, and the line runs on", async () => {
  fake = await openFakePage("/?status=running");
  const line = summary({ link_lost: at(-12_000) });
  await fake.show("*", { phase: "live", list: { workflows: { e1: line } } });
  expect(fake.text(".row-step")).toContain("Link lost 12 s ago");
  expect(fake.text(".row-status")).toContain("Running");
});

test("the list of a server that says nothing of links shows none", async () => {
  fake = await openFakePage("/?status=running");
  const { link_lost: _, ...line } = summary();
  await fake.show("*", { phase: "live", list: { workflows: { e1: line as never } } });
  expect(fake.all(".lost-link")).toEqual([]);
});

test("the question before a cancel says that a command that is not reached is told later", async () => {
  await open({});
  const asked = (part: object) => cancelText({ ...emptyView("w1"), state: stateWith(part) })?.text;
  expect(asked({ link_lost: LOST })).toContain("it is told to end as soon as that is back.");
  expect(asked({})).not.toContain("link");
});
