// @vitest-environment happy-dom
/** What is said of a workflow that was there when the page came up. */
import { afterEach, describe, expect, test } from "vitest";
import type { Found, WorkflowState } from "../../../../client/index.js";
import { situationOf } from "../../../../client/ui/look/situation.js";
import { wasDismissed } from "../../../../client/ui/page/dismissal.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, step, workflow } from "../samples.js";

let fake: FakePage;
afterEach(() => fake?.stop());

const viewpoint = { now: NOW, tabName: "browser tab test", isHere: false };
const say = (part: Partial<WorkflowState>, more = {}) => {
  const { title, text } = situationOf(workflow(part), { ...viewpoint, ...more });
  return `${title}: ${text}`.replaceAll("\u00a0", " ");
};

describe("the words", () => {
  test("running: by whom, and how old the last report is", () => {
    expect(say({ driver: { name: "host-7", since: "2026-03-04T09:50:00Z" } })).toBe(
      "Still running: Step 2 of 3, “Copy”, driven by host-7, last report 3 s ago.",
    );
    expect(say({})).toContain("driven by a REST client, last report 3 s ago");
  });

  test("running, driven by this very tab before it was loaded again", () => {
    const driver = { name: "browser tab test", since: "2026-03-04T09:50:00Z" };
    expect(say({ driver })).toContain("This tab was driving it before it was loaded again");
  });

  test.each([
    ["driver_gone", "the driver went away"],
    ["silent", "nothing was reported for a long time"],
    ["server_restart", "the server was started again"],
  ] as const)("interrupted by %s: since when, at which step, what is known", (reason, words) => {
    const interruption = { at: "2026-03-04T09:51:30Z", reason, step: 1 };
    const text = say({ status: "interrupted", interruption });
    expect(text).toMatch(/^Interrupted: At \d\d:\d\d:30 during step 2, “Copy”: /);
    expect(text).toContain(words);
    expect(text).toContain("1 of 3 steps is done");
    expect(text).toContain("Nothing runs until someone goes on.");
  });

  test("blocked: what it waits for", () => {
    expect(say({ status: "blocked", block_info: { prompt: "Switch over now?" } })).toBe(
      "Waiting for input: Switch over now?",
    );
  });

  test("ended moments ago: how, and why", () => {
    const steps = [step(0, { status: "failed" })];
    expect(
      say({
        status: "failed",
        end_time: "2026-03-04T09:51:51Z",
        error_message: "disk full",
        steps,
      }),
    ).toBe("Failed 12 s ago: 0 of 1 step is done. disk full.");
  });
});

describe("what was found when the page came up", () => {
  const found = (state: WorkflowState): Found => ({
    workflow_id: state.workflow_id,
    kind: "running",
    state,
    warning: "",
    steps: [],
  });
  const live = (state: WorkflowState) => ({ phase: "live" as const, state, asOf: NOW });

  test("still running: is said in the head, without a bar, and only while it is so", async () => {
    fake = await openFakePage("/w/w1");
    await fake.within(() => fake.page.showFound(found(workflow())));
    await fake.show("w1", live(workflow()));
    expect(fake.text("[data-testid=found]")).toBe("Restored: still running");
    expect(fake.all(".notice, .banner")).toEqual([]);
    const end = { status: "completed", end_time: "2026-03-04T09:52:01Z" } as const;
    await fake.show("w1", live(workflow(end)));
    expect(fake.root.querySelector("[data-testid=found]")).toBeNull();
    expect(fake.text(".is-ended")).toContain("2 s ago");
  });

  test("a workflow that was found is not told of from a state that is not current", async () => {
    fake = await openFakePage("/w/w1");
    await fake.within(() => fake.page.showFound(found(workflow())));
    await fake.show("w1", { ...live(workflow()), phase: "stale" });
    expect(fake.root.querySelector("[data-testid=found]")).toBeNull();
  });

  test("a workflow that was found is read aloud on every page, in whole sentences", async () => {
    fake = await openFakePage("/start");
    await fake.within(() => fake.page.showFound(found(workflow({ status: "failed" }))));
    await fake.pass(500);
    expect(fake.page.announcer.text.value).toMatch(
      /^Restored: Nightly backup\. Failed .*1 of 3 steps is done/,
    );
  });

  test("a found workflow of another run stands in no bar above this one", async () => {
    fake = await openFakePage("/w/w1");
    const other = workflow({ workflow_id: "w2", status: "failed", error_message: "disk full" });
    await fake.within(() => fake.page.showFound(found(other)));
    await fake.show("w1", live(workflow()));
    expect(fake.all(".notice, .banner, [data-testid=found]")).toEqual([]);
  });
});

describe("the notice of an interruption", () => {
  const interrupted = (more: Partial<WorkflowState> = {}) =>
    workflow({
      status: "interrupted",
      interruption: { at: "2026-03-04T09:51:30Z", reason: "server_restart", step: 1 },
      ...more,
    });
  const merged: unknown[] = [];
  const merge = async (part: unknown, options: unknown) => {
    merged.push([part, options]);
    return {} as never;
  };
  const close = async () => {
    await fake.within(() => fake.root.querySelector<HTMLElement>(".notice-close")?.click());
    // The answer comes a little later.
    await fake.within(() => {});
  };

  test("the notice of an interruption is put away on the server, and leaves every tab with the next state", async () => {
    fake = await openFakePage("/w/w1", { rest: { merge } });
    await fake.show("w1", { phase: "live", state: interrupted(), asOf: NOW });
    await close();
    expect(merged).toEqual([
      [
        { dismissed_interruption: "2026-03-04T09:51:30Z" },
        expect.objectContaining({ workflow_id: "w1" }),
      ],
    ]);
    expect(fake.root.querySelector("[data-testid=banner]")).not.toBeNull();
    const state = interrupted({ dismissed_interruption: "2026-03-04T09:51:30Z" });
    await fake.show("w1", { phase: "live", state });
    expect(fake.root.querySelector("[data-testid=banner]")).toBeNull();
    expect(wasDismissed(window.sessionStorage, state)).toBe(true);
    const again = { at: "2026-03-04T10:00:00Z", reason: "server_restart", step: 1 } as const;
    expect(wasDismissed(window.sessionStorage, { ...state, interruption: again })).toBe(false);
  });

  test("the notice of an interruption is put away for this tab only where only watching is allowed", async () => {
    fake = await openFakePage("/w/w1", {
      rest: { merge: () => Promise.reject(new Error("not asked")) },
    });
    await fake.connect({ can: ["watch"] });
    await fake.show("w1", { phase: "live", state: interrupted(), asOf: NOW });
    await close();
    expect(fake.root.querySelector("[data-testid=banner]")).toBeNull();
    expect(wasDismissed(window.sessionStorage, interrupted())).toBe(true);
  });

  test("the notice of an interruption comes back for whoever asks what happened", async () => {
    fake = await openFakePage("/w/w1");
    const state = interrupted({ dismissed_interruption: "2026-03-04T09:51:30Z" });
    await fake.show("w1", { phase: "live", state, asOf: NOW });
    expect(fake.root.querySelector("[data-testid=banner]")).toBeNull();
    await fake.within(() => fake.all(".what-happened")[0]!.click());
    expect(fake.text("[data-testid=banner]")).toContain("the server was started again");
  });
});
