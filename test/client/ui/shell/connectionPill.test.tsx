// @vitest-environment happy-dom
/** What the pill says for each state of the link, and which commands are open then. */
import { afterEach, describe, expect, test } from "vitest";
import type { ConnectionView } from "../../../../client/index.js";
import { pillOf } from "../../../../client/ui/look/pill.js";
import { commandObstacle } from "../../../../client/ui/page/inStep.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { LIVE, NOW } from "../samples.js";

let fake: FakePage;
afterEach(() => fake?.stop());

const PILL = "[data-testid=connection]";

describe("the pill", () => {
  test.each<[Partial<ConnectionView>, string]>([
    [{ phase: "live" }, "Live"],
    [{ phase: "idle" }, "Connecting…"],
    [{ phase: "connecting" }, "Connecting…"],
    [{ phase: "waiting", retryAt: NOW + 3_200 }, "Reconnecting in 4 s"],
    [{ phase: "waiting", retryAt: NOW - 5 }, "Reconnecting…"],
    [{ phase: "polling" }, "Polling every 2 s"],
    [{ phase: "offline" }, "Offline"],
    [{ phase: "stopped", why: "unauthorized" }, "Signed out"],
    [{ phase: "stopped", why: "version" }, "New version"],
    [{ phase: "stopped", why: "refused" }, "Refused"],
  ])("for %j it says %s", async (connection, text) => {
    fake = await openFakePage();
    await fake.connect(connection);
    expect(fake.text(PILL)).toContain(text);
    expect(fake.root.querySelector(`${PILL} svg`)).not.toBeNull();
  });

  test("the seconds to the next attempt count down", async () => {
    fake = await openFakePage();
    await fake.connect({ phase: "waiting", retryAt: NOW + 4_000 });
    await fake.pass(2_000);
    expect(fake.text(PILL)).toContain("Reconnecting in 2 s");
  });

  test("a gap of less than three seconds changes no colour, but says what it is", () => {
    const waiting = { ...LIVE, phase: "waiting" } as const;
    expect(pillOf(waiting, NOW + 2_900, 2_900)).toMatchObject({
      tone: "good",
      text: "Reconnecting…",
    });
    expect(pillOf({ ...LIVE, phase: "offline" }, NOW + 3_000, 3_000).tone).toBe("warning");
  });

  test("a gap of more than ten seconds looks like a warning", () => {
    const waiting = { ...LIVE, phase: "waiting" } as const;
    expect(pillOf(waiting, NOW + 9_000, 9_000).tone).toBe("quiet");
    expect(pillOf(waiting, NOW + 10_000, 10_000).tone).toBe("warning");
  });
});

describe("the link", () => {
  const spoken = (role: string) => fake.text(`[role=${role}].sr-only`);

  test("gone for ten seconds is told to a screen reader at once, and when it is back", async () => {
    fake = await openFakePage();
    await fake.connect({ phase: "waiting", retryAt: null });
    await fake.pass(9_000);
    expect(spoken("alert")).toBe("");
    await fake.pass(1_000);
    await fake.pass(500);
    expect(spoken("alert")).toMatch(/^Connection lost\. What you see is as of /);
    await fake.connect({ phase: "live" });
    await fake.pass(1_000);
    expect(spoken("status")).toBe("Connected again. What you see is current.");
  });

  test("refused for want of a token asks for one, and keeps it for this tab", async () => {
    fake = await openFakePage();
    await fake.connect({ phase: "stopped", why: "unauthorized" });
    await fake.within(() => fake.root.querySelector<HTMLElement>(`${PILL} .pill-offer`)?.click());
    const field = fake.root.querySelector<HTMLInputElement>("dialog [type=password]")!;
    await fake.within(() => {
      field.value = "may-drive-0123456789";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await fake.within(() => {
      field.form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    });
    expect(window.sessionStorage.getItem("instep.token")).toBe("may-drive-0123456789");
  });
});

describe("commands", () => {
  test("commands wait for a link, and need the right to drive", () => {
    expect(commandObstacle(LIVE)).toBeNull();
    expect(commandObstacle({ ...LIVE, phase: "polling" })).toBeNull();
    expect(commandObstacle({ ...LIVE, phase: "waiting" })).toMatch(/Not connected/);
    expect(commandObstacle({ ...LIVE, can: ["watch"] })).toMatch(/may watch/);
  });

  test("no command is held back where no socket ever opened, as nobody knows yet what is allowed", () => {
    expect(commandObstacle({ ...LIVE, phase: "polling", can: [] })).toBeNull();
  });
});
