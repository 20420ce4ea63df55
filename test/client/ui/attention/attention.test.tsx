// @vitest-environment happy-dom
/** The counter of other runs that want somebody: whom it counts, and how it leads there. */
import { afterEach, describe, expect, test } from "vitest";
import type { Summary } from "../../../../client/index.js";
import { wantingAttention } from "../../../../client/ui/attention/attention.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, summary, workflow } from "../samples.js";

const HOUR = 3_600_000;
const at = (ms: number) => new Date(ms).toISOString();
const run = (workflow_id: string, part: Partial<Summary>) =>
  summary({
    workflow_id,
    epoch: `epoch of ${workflow_id}`,
    title: `Title ${workflow_id}`,
    ...part,
  });
const failed = (workflow_id: string, agoMs: number, part: Partial<Summary> = {}) =>
  run(workflow_id, { status: "failed", end_time: at(NOW - agoMs), ...part });
const ids = (all: Summary[], more = {}) =>
  wantingAttention(all, { now: NOW, shown: null, hasSeen: () => false, ...more }).map(
    ({ workflow_id }) => workflow_id,
  );

describe("somebody is wanted", () => {
  test("somebody is wanted by what waits for an answer before what was interrupted before what failed", () => {
    const all = [
      failed("f", HOUR),
      run("i", { status: "interrupted" }),
      run("b", { status: "blocked" }),
      run("r", { status: "running" }),
      run("c", { status: "completed" }),
      run("x", { status: "cancelled" }),
    ];
    expect(ids(all)).toEqual(["b", "i", "f"]);
  });

  test("nobody is wanted by the run that is looked at", () => {
    expect(ids([run("b", { status: "blocked" })], { shown: "b" })).toEqual([]);
  });

  test("a failure wants somebody for a day, until somebody looks at it or tries it again", () => {
    expect(ids([failed("f", 25 * HOUR)])).toEqual([]);
    expect(ids([failed("f", HOUR)], { hasSeen: () => true })).toEqual([]);
    expect(ids([failed("f", HOUR), run("again", { retried_from: "f" })])).toEqual([]);
    expect(ids([failed("f", HOUR)])).toEqual(["f"]);
  });

  test("a workflow that waits wants somebody however long it does", () => {
    const old = { last_update: at(NOW - 90 * 24 * HOUR) };
    expect(ids([run("b", { status: "blocked", ...old })])).toEqual(["b"]);
  });
});

describe("the counter", () => {
  let fake: FakePage;
  afterEach(() => fake.stop());
  const list = (...all: Summary[]) => ({
    phase: "live" as const,
    list: { workflows: Object.fromEntries(all.map((one) => [one.epoch, one])) } as never,
  });
  const button = () => fake.root.querySelector<HTMLButtonElement>("[data-testid=attention]");
  const press = (key: string) =>
    fake.within(() => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      (document.activeElement ?? document.body).dispatchEvent(event);
    });
  const focused = () => document.activeElement?.getAttribute("href") ?? null;

  test("the counter is nowhere where nobody is wanted", async () => {
    fake = await openFakePage("/start");
    await fake.show("*", list(run("r", { status: "running" })));
    expect(button()).toBeNull();
  });

  test("stands on a workflow's page a moment after what somebody came for", async () => {
    fake = await openFakePage("/w/w1");
    await fake.show("w1", { phase: "live", state: workflow(), asOf: NOW });
    await fake.show("*", list(run("b", { status: "blocked" })));
    expect(button()).toBeNull();
    await fake.pass(2_000);
    expect(button()?.textContent).toBe("1 needs you");
    expect(button()?.getAttribute("aria-label")).toBe("1 other run needs someone");
  });

  test("the counter names each workflow by title, id and status, and is gone through by arrows", async () => {
    fake = await openFakePage("/start");
    await fake.show("*", list(failed("f", HOUR), run("b", { status: "blocked" })));
    expect(button()?.textContent).toBe("2 need you");
    await fake.within(() => button()!.click());
    expect(fake.all(".attention-run").map((one) => one.textContent)).toEqual([
      "Title b bNeeds input",
      "Title f fFailed",
    ]);
    await fake.within(() => button()!.focus());
    await press("ArrowDown");
    expect(focused()).toMatch(/\/w\/b$/);
    await press("ArrowDown");
    await press("ArrowDown");
    expect(focused()).toMatch(/\/w\/f$/);
    await press("Escape");
    expect(document.activeElement).toBe(button());
    expect(fake.all(".attention-run")).toEqual([]);
  });

  test("the counter counts a failure no more once its page was shown, after a reload too", async () => {
    fake = await openFakePage("/w/f");
    await fake.pass(2_000);
    await fake.show("*", list(failed("f", HOUR)));
    fake.stop();
    fake = await openFakePage("/start", { keepMemory: true });
    await fake.show("*", list(failed("f", HOUR), failed("g", HOUR)));
    expect(button()?.getAttribute("aria-label")).toBe("1 other run needs someone");
  });

  test("lives with whatever the browser kept", async () => {
    fake = await openFakePage("/start");
    for (const kept of ["{", '{"a":1}', "[1,null]", "null"]) {
      window.localStorage.setItem("instep.seen-failures", kept);
      await fake.show("*", list(failed("f", HOUR)));
      expect(button()?.textContent).toBe("1 needs you");
      await fake.show("*", list());
    }
  });
});
