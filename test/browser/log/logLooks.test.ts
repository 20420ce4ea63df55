/** The log to see and to hear: readable in both themes, on a narrow screen, with forced colours, and by a screen reader. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest, sender } from "../pageTest.js";

const LOG = "/workflow/state/steps/0/log";
const COLOURS = Array.from({ length: 8 }, (_, colour) =>
  [30, 90, 40, 100].map((first) => `\u001b[${first + colour}m colour ${first + colour} \u001b[0m`),
).flat();
const TEXT = [
  ...COLOURS,
  "\u001b[2mdim\u001b[0m \u001b[7mturned round\u001b[0m \u001b[38;2;30;30;30mtrue\u001b[0m",
  "::group::A group",
  "in it",
  "::endgroup::",
  "::progress 10::Copying",
  "::task failed::node",
  `long ${"line without a break ".repeat(30)}`,
  "x".repeat(500),
  "match",
  " 10%\r 20%",
].join("\n");

async function showLog(url: string): Promise<void> {
  const steps = [{ action: "copy", status: "in_progress", attempt: 2 }];
  const attempts = [{ attempt: 1, status: "failed" }];
  await sender(url)("POST", "/workflow/state", {
    workflow_id: "logs",
    steps: steps.map((one) => ({ ...one, attempts })),
  });
  const headers = { "Content-Type": "text/plain" };
  await fetch(`${url}${LOG}`, { method: "POST", headers, body: TEXT });
}

async function search(tab: Page): Promise<void> {
  await tab.locator(".output-search-text").fill("match");
  await tab.locator(".output-search-text").press("Enter");
  await tab.locator("mark.is-current").waitFor();
}

describe("the log", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    pageTest(
      `the log has no barrier that can be measured, ${colorScheme}`,
      async ({ startServer, openTab }) => {
        const { url } = await startServer();
        await showLog(url);
        const tab = await openTab("about:blank");
        await tab.emulateMedia({ colorScheme });
        await tab.goto(`${url}/w/logs?step=copy&attempt=2#L3-L4`);
        await tab.locator(".is-selected").first().waitFor();
        await search(tab);
        const { violations } = await new AxeBuilder({ page: tab }).include(".output").analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      },
    );
  }

  pageTest(
    "the log on a narrow screen wraps, has no numbers, and moves nothing sideways",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await showLog(url);
      const tab = await openTab("about:blank");
      await tab.setViewportSize({ width: 320, height: 640 });
      await tab.goto(`${url}/w/logs`);
      await tab.locator("#tab-log").click();
      await tab.locator(".output-line", { hasText: "match" }).waitFor();
      expect(await tab.locator(".output-number:visible").count()).toBe(0);
      const isWider = await tab.evaluate(() => {
        const log = document.querySelector("[data-testid=output]")!;
        const root = document.documentElement;
        return [log.scrollWidth > log.clientWidth, root.scrollWidth > root.clientWidth];
      });
      expect(isWider).toEqual([false, false]);
    },
  );

  pageTest(
    "the log keeps chosen and found lines apart with forced colours, and nothing blinks where motion is unwanted",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await showLog(url);
      const tab = await openTab("about:blank");
      await tab.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
      await tab.goto(`${url}/w/logs?step=copy&attempt=2#L3-L4`);
      const selected = tab.locator(".output-line.is-selected").first();
      await selected.waitFor();
      expect(await selected.evaluate((one) => getComputedStyle(one).outlineStyle)).toBe("solid");
      const cursor = await tab
        .locator(".is-live .output-text")
        .evaluate((one) => getComputedStyle(one, "::after").animationName);
      expect(cursor).toBe("none");
    },
  );

  pageTest(
    "the log without wrapping scrolls sideways, and goes on following",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await showLog(url);
      const tab = await openTab(`${url}/w/logs`);
      await tab.locator(".output-line", { hasText: "match" }).waitFor();
      await tab.locator("[data-testid=log-wrap]").click();
      const log = tab.locator("[data-testid=output]");
      await expect.poll(() => log.evaluate((one) => one.scrollWidth > one.clientWidth)).toBe(true);
      expect(await tab.locator("[data-testid=log-follow]").getAttribute("aria-pressed")).toBe(
        "true",
      );
      await tab.setViewportSize({ width: 900, height: 500 });
      const isAtEnd = () =>
        log.evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight <= 16);
      await expect.poll(isAtEnd).toBe(true);
      expect(await tab.locator("[data-testid=log-follow]").getAttribute("aria-pressed")).toBe(
        "true",
      );
    },
  );

  pageTest(
    "what is selected and copied is what was printed: no numbers, long lines whole, also far beyond the window",
    async ({ browser, startServer }) => {
      const { url } = await startServer();
      const printed = Array.from({ length: 3_000 }, (_, line) => `line  ${line + 1}`);
      printed[1] = "\u001b[31mred\u001b[0m https://example.org/a";
      printed[2] = "x".repeat(20_000);
      printed[3] = "";
      await sender(url)("POST", "/workflow/state", {
        workflow_id: "logs",
        steps: [{ action: "copy", status: "in_progress" }],
      });
      const headers = { "Content-Type": "text/plain" };
      await fetch(`${url}${LOG}`, { method: "POST", headers, body: `${printed.join("\n")}\n` });
      const context = await browser.newContext({ permissions: ["clipboard-read"] });
      const tab = await context.newPage();
      await tab.goto(`${url}/w/logs?step=copy#L2`);
      await tab.locator(".is-selected").waitFor();
      // What is far from the window is drawn when there is time.
      await tab.locator('[data-number="1500"]').waitFor({ state: "attached" });
      await tab.evaluate(() => {
        const row = (number: number) =>
          document.querySelector(`[data-number="${number}"]`)!.parentElement!;
        const texts = (element: Element) =>
          document.createTreeWalker(element.querySelector(".output-text")!, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        range.setStart(texts(row(1)).nextNode()!, 2);
        range.setEnd(texts(row(1_500)).nextNode()!, 6);
        document.getSelection()!.removeAllRanges();
        document.getSelection()!.addRange(range);
      });
      await tab.keyboard.press("ControlOrMeta+c");
      const copied = await tab.evaluate(() => navigator.clipboard.readText());
      const expected = ["ne  1", "red https://example.org/a", ...printed.slice(2, 1_499), "line  "];
      expect(copied.split("\n")).toEqual(expected);
      await context.close();
    },
  );
});
