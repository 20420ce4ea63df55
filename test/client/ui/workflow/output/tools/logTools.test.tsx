// @vitest-environment happy-dom
/** The row of tools above a log, and the menu at its end. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakePage, openFakePage } from "../../../fakePage.js";
import { NOW, step, workflow } from "../../../samples.js";

let fake: FakePage;
const tool = (name: string) => fake.all(`[data-testid=log-${name}]`)[0]!;
const menu = () => fake.all(".menu-panel")[0];
const openMenu = () => fake.within(() => tool("more").click());
const press = (target: EventTarget, key: string) =>
  fake.within(() => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
const show = (status: "in_progress" | "completed") =>
  fake.show("w1", {
    phase: "live",
    state: workflow({ steps: [step(0, { status, log_bytes: 4 })] }),
    asOf: NOW,
  });

beforeEach(async () => {
  fake = await openFakePage("/w/w1");
  await show("in_progress");
});
afterEach(() => fake.stop());

describe("the menu of a log", () => {
  test("closes on Escape, and gives the focus back", async () => {
    await openMenu();
    expect(tool("more").getAttribute("aria-expanded")).toBe("true");
    const first = menu()!.querySelector<HTMLElement>("button, input")!;
    first.focus();
    await press(first, "Escape");
    expect(menu()).toBeUndefined();
    expect(document.activeElement).toBe(tool("more"));
    expect(tool("more").getAttribute("aria-expanded")).toBe("false");
  });

  test("closes by a press elsewhere, and stays for one within", async () => {
    await openMenu();
    const down = (target: Element) =>
      fake.within(() => void target.dispatchEvent(new Event("pointerdown", { bubbles: true })));
    await down(menu()!.querySelector("legend")!);
    expect(menu()).toBeDefined();
    await down(tool("follow"));
    expect(menu()).toBeUndefined();
  });

  test("closes when the focus goes on behind it", async () => {
    await openMenu();
    const leave = new FocusEvent("focusout", { bubbles: true, relatedTarget: tool("follow") });
    await fake.within(() => void menu()!.querySelector("button")!.dispatchEvent(leave));
    expect(menu()).toBeUndefined();
  });

  test("the menu of a log has names for all of its controls", async () => {
    await openMenu();
    expect(tool("more").getAttribute("aria-label")).toBe("More for this log");
    const names = [...menu()!.querySelectorAll("button, a, label")].map((one) => one.textContent);
    expect(names).toEqual([
      "Next error",
      "Download so far",
      "Copy last 200 lines",
      "Copy link",
      "Copy link to raw output",
      "Search by expression",
      "Wrap long lines",
      "Read new lines aloud",
      "off",
      "local time",
      "UTC",
    ]);
  });
});

describe("the tools of a log", () => {
  test("switch timestamps on and off, by button, key and menu, and keep the way they were shown", async () => {
    const isOn = () => tool("times").getAttribute("aria-pressed");
    const kept = () => JSON.parse(window.localStorage.getItem("instep.log.settings")!).timestamps;
    expect(isOn()).toBe("false");
    await fake.within(() => tool("times").click());
    expect([isOn(), kept()]).toEqual(["true", "local"]);
    await openMenu();
    await fake.within(() => tool("timestamps-utc").click());
    expect(kept()).toBe("utc");
    await press(document.body, "T");
    expect([isOn(), kept()]).toEqual(["false", "off"]);
    await press(document.body, "T");
    expect([isOn(), kept()]).toEqual(["true", "utc"]);
  });

  test("wrap lines by a key, too", async () => {
    await press(document.body, "w");
    expect(tool("wrap").getAttribute("aria-pressed")).toBe("false");
  });

  test("all have keys that are listed", async () => {
    const labels = fake.page.keys.known().map(({ key, label }) => `${key}: ${label}`);
    expect(labels).toContain("w: Wrap long lines, or not");
    expect(labels).toContain("T: Show when each line came, or not");
  });

  test("offer the raw output under the name everybody looks for, and say while it is not all", async () => {
    expect(tool("download").textContent).toBe("Download so far");
    await show("completed");
    expect(tool("download").textContent).toBe("Download");
    expect(tool("download").getAttribute("download")).toBe("w1.step-1.attempt-1.log");
  });

  test("the tools of a log say where the server has not kept all of it", async () => {
    fake.stop();
    const answer = { attempt: 1, from: 4, next: 4, bytes: new Uint8Array(), isWhole: false };
    fake = await openFakePage("/w/w1", { rest: { log: async () => answer } });
    await show("completed");
    await fake.pass(0);
    expect(tool("download").textContent).toBe("Download what is left");
    expect(tool("download").title).toContain("left out a part");
  });
});
