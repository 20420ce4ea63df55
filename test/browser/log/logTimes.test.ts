/** The times beside a log's lines in Chromium: of any part of it, without moving what is read, and never copied. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { manualClock } from "../../support/clocks/manualClock.js";
import { pageTest, sender } from "../pageTest.js";
import { atRest } from "../tab.js";

const LOG = "/workflow/state/steps/0/log?workflow_id=logs";
const MIDNIGHT = Date.UTC(2026, 10, 26);
const PIECE = 100;

/** Lines, so many at a time and a minute between them, that end at midnight. */
async function show(
  startServer: (options?: object) => Promise<{ url: string }>,
  lines: number,
  text = "this is line",
): Promise<string> {
  const clock = manualClock(MIDNIGHT - (lines / PIECE / 2) * 60_000);
  const { url } = await startServer({ clock });
  const steps = [{ action: "copy", status: "in_progress" }];
  await sender(url)("POST", "/workflow/state", { workflow_id: "logs", steps });
  for (let from = 1; from <= lines; from += PIECE) {
    const body = Array.from({ length: PIECE }, (_, i) => `${text} ${from + i}\n`).join("");
    const headers = { "Content-Type": "text/plain" };
    expect((await fetch(url + LOG, { method: "POST", headers, body })).status).toBe(200);
    clock.advance(60_000);
  }
  return url;
}

const output = (tab: Page) => tab.locator("[data-testid=output]");
const line = (tab: Page, number: number) =>
  tab.locator(".output-line", { has: tab.locator(`[data-number="${number}"]`) });
const timeOf = async (tab: Page, number: number) => {
  const time = line(tab, number).locator(".output-time[data-time]");
  await time.waitFor();
  return [await time.getAttribute("data-time"), await time.getAttribute("title")];
};

/** The first line in view, and how far below the upper edge it is. */
const placeOf = (tab: Page) =>
  output(tab).evaluate((log) => {
    const top = log.getBoundingClientRect().top + log.clientTop;
    const first = [...log.querySelectorAll<HTMLElement>(".output-line")].find(
      (one) => one.getBoundingClientRect().bottom > top + 1,
    );
    return { key: first?.dataset.key, delta: (first?.getBoundingClientRect().top ?? 0) - top };
  });

const chooseUtc = async (tab: Page) => {
  await tab.locator("[data-testid=log-more]").click();
  await tab.locator("[data-testid=log-timestamps-utc]").click();
  await tab.keyboard.press("Escape");
};

describe("the times of a log", () => {
  pageTest(
    "times are there for any part of a log, by one key",
    async ({ startServer, openTab }) => {
      const url = await show(startServer, 20_000);
      const tab = await openTab(`${url}/w/logs?step=copy#L10051`);
      await line(tab, 10_051).waitFor();
      await chooseUtc(tab);
      expect(await timeOf(tab, 10_051)).toEqual(["00:00:00Z", "Thu 26 Nov 2026, 00:00:00.000 UTC"]);
      expect(await timeOf(tab, 9_950)).toEqual(["23:59:00Z", "Wed 25 Nov 2026, 23:59:00.000 UTC"]);
      const dayOf = (number: number) => line(tab, number).getAttribute("data-day");
      await expect.poll(() => dayOf(10_001)).toBe("Thu 26 Nov 2026, UTC");
      expect(await dayOf(10_002)).toBeNull();
      // At its start, which was not here: the day stands above the first line.
      await output(tab).press("g");
      expect(await timeOf(tab, 1)).toEqual(["22:20:00Z", "Wed 25 Nov 2026, 22:20:00.000 UTC"]);
      await expect.poll(() => dayOf(1)).toBe("Wed 25 Nov 2026, UTC");
      await output(tab).press("T");
      await expect.poll(() => tab.locator(".output-time").count()).toBe(0);
      await output(tab).press("T");
      expect((await timeOf(tab, 1))[0]).toBe("22:20:00Z");
    },
  );

  pageTest("move nothing that is read, also where lines wrap", async ({ startServer, openTab }) => {
    const url = await show(startServer, 1_000, "a line that is so long that it wraps ".repeat(6));
    const tab = await openTab(`${url}/w/logs?step=copy#L500`);
    await line(tab, 500).waitFor();
    await output(tab).evaluate((log) => {
      log.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }));
      log.scrollTop -= 73;
    });
    const before = await atRest(tab, () => placeOf(tab));
    const place = () => atRest(tab, () => placeOf(tab));
    await output(tab).press("T");
    await tab.locator(".output-time[data-time]").first().waitFor();
    const withTimes = await place();
    expect(withTimes.key).toBe(before.key);
    expect(Math.abs(withTimes.delta - before.delta)).toBeLessThanOrEqual(1);
    await output(tab).press("T");
    await expect.poll(() => tab.locator(".output-time").count()).toBe(0);
    const without = await place();
    expect(without.key).toBe(before.key);
    expect(Math.abs(without.delta - before.delta)).toBeLessThanOrEqual(1);
  });

  pageTest("times are no part of what is selected", async ({ startServer, openTab }) => {
    const url = await show(startServer, 100);
    const tab = await openTab(`${url}/w/logs?step=copy`);
    await line(tab, 100).waitFor();
    await chooseUtc(tab);
    await timeOf(tab, 100);
    const selected = await tab.evaluate(() => {
      const selection = document.getSelection()!;
      selection.selectAllChildren(document.querySelector("[data-testid=output]")!);
      return selection.toString();
    });
    expect(selected).toContain("this is line 99");
    expect(selected).not.toMatch(/Z|Nov|:/);
  });

  pageTest(
    "times come with each new line while the log is followed",
    async ({ startServer, openTab }) => {
      const url = await show(startServer, 200);
      const tab = await openTab(`${url}/w/logs?step=copy`);
      await line(tab, 200).waitFor();
      await chooseUtc(tab);
      expect((await timeOf(tab, 200))[0]).toBe("00:00:00Z");
      const calls: string[] = [];
      tab.on("request", (request) => calls.push(request.url()));
      const headers = { "Content-Type": "text/plain" };
      await fetch(url + LOG, { method: "POST", headers, body: "and one more\n" });
      expect((await timeOf(tab, 201))[0]).toBe("00:01:00Z");
      expect(calls.filter((one) => one.includes("/log/times"))).toEqual([]);
      const isAtEnd = () =>
        output(tab).evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight <= 16);
      await expect.poll(isAtEnd).toBe(true);
    },
  );
});
