// @vitest-environment happy-dom
/** The bell: who is told, when, once, and only while nobody looks. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WorkflowState } from "../../../../client/index.js";
import type { BellBrowser, BellPermission } from "../../../../client/ui/bell/bellBrowser.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { step, workflow } from "../samples.js";

let fake: FakePage;
let told: string[];
let clicks: (() => void)[];
let asked: number;
let isVisible: boolean;
let permission: BellPermission;
let answer: BellPermission;

const browser: BellBrowser = {
  permission: () => permission,
  async ask() {
    asked += 1;
    permission = answer;
  },
  show({ title, body }, _, onClick) {
    told.push(`${title} | ${body}`);
    clicks.push(onClick);
  },
  lead: (run) => run(),
  isAnyTabVisible: async () => isVisible,
  stop: () => {},
};

beforeEach(() => {
  told = [];
  clicks = [];
  asked = 0;
  isVisible = false;
  permission = "default";
  answer = "granted";
});
afterEach(() => fake.stop());

const open = (keepMemory = false) => openFakePage("/w/w1", { bellBrowser: browser, keepMemory });
const show = (part: Partial<WorkflowState> = {}) =>
  fake.show("w1", { phase: "live", state: workflow(part) });
const bell = () => fake.root.querySelector<HTMLElement>("[data-testid=bell]");
const press = async () => {
  await fake.within(() => bell()?.click());
  // The browser's answer comes a little later.
  await fake.within(() => {});
};
const ended = { end_time: "2026-03-04T09:52:01Z" };

describe("the bell", () => {
  test("the bell asks for leave on a click and not before", async () => {
    fake = await open();
    await show();
    expect([asked, bell()?.getAttribute("aria-pressed")]).toEqual([0, "false"]);
    await press();
    expect([asked, bell()?.getAttribute("aria-pressed")]).toEqual([1, "true"]);
  });

  test.each<[BellPermission, string]>([
    ["denied", "The browser blocks notifications of this address."],
    ["insecure", "only for secure addresses"],
    ["missing", "has no notifications"],
  ])("where the browser says %s it explains that", async (what, words) => {
    answer = what;
    permission = what === "denied" ? "default" : what;
    fake = await open();
    await show();
    await press();
    expect(fake.text("[data-testid=bell-dialog]")).toContain(words);
    expect(fake.text("[data-testid=bell-dialog]")).toContain("title");
    expect(bell()?.getAttribute("aria-pressed")).toBe("false");
  });

  test("the bell is not there for a workflow that is over", async () => {
    fake = await open();
    await show({ status: "completed", ...ended });
    expect(bell()).toBeNull();
  });
});

describe("a notification", () => {
  test.each<[string, Partial<WorkflowState>, string]>([
    ["the end", { status: "completed", ...ended }, "Completed: Nightly backup | 3 steps"],
    [
      "a failure",
      { status: "failed", ...ended, steps: [step(0, { status: "failed", error: "exit 1" })] },
      "Failed: Nightly backup | Step 1, action-0: exit 1",
    ],
    [
      "the failure that ended it, not one that was passed over",
      {
        status: "failed",
        ...ended,
        steps: [
          step(0, { status: "failed", error: "exit 1" }),
          step(1, { status: "failed", error: "exit 2" }),
        ],
      },
      "Failed: Nightly backup | Step 2, action-1: exit 2",
    ],
    [
      "a question",
      { status: "blocked", block_info: { id: "q1", prompt: "Switch it?" } },
      "Needs input: Nightly backup | Switch it?",
    ],
  ])("tells of %s, once, and a click goes there", async (_, part, words) => {
    fake = await open();
    await show();
    await press();
    await show(part);
    await show({ ...part, last_update: "2026-03-04T09:52:09Z" });
    expect(told).toEqual([words]);
    await fake.within(() => fake.page.router.go({ name: "list" }));
    await fake.within(() => clicks[0]?.());
    expect(window.location.pathname).toBe("/w/w1");
  });

  test("a notification of an interruption says why", async () => {
    fake = await open();
    await show();
    await press();
    const interruption = { at: "2026-03-04T09:51:30Z", reason: "server_restart", step: 1 } as const;
    await show({ status: "interrupted", interruption });
    expect(told[0]).toMatch(/^Interrupted: Nightly backup \| .*server was started again/);
  });

  test("a notification is not shown to somebody who looks, nor for what nobody asked for", async () => {
    fake = await open();
    await show();
    await show({ status: "blocked", block_info: { id: "q1" } });
    await press();
    isVisible = true;
    await show({ status: "failed", ...ended });
    expect(told).toEqual([]);
  });

  test("a notification comes also for what happened while no tab was open", async () => {
    fake = await open();
    await show();
    await press();
    fake.stop();
    fake = await open(true);
    await show({ status: "failed", ...ended });
    expect(told).toHaveLength(1);
    expect(fake.page.bells.on.value.size).toBe(0);
  });

  test("a second question is told as well", async () => {
    fake = await open();
    await show();
    await press();
    await show({ status: "blocked", block_info: { id: "q1", prompt: "One?" } });
    await show({});
    await show({ status: "blocked", block_info: { id: "q2", prompt: "Two?" } });
    expect(told).toHaveLength(2);
  });
});
