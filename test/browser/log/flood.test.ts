/** A step that prints as fast as it can: the page is in step with a raw socket, its reader is obeyed, and nothing of the output is lost. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest, sender } from "../pageTest.js";
import { atRest } from "../tab.js";

const LOG = "/workflow/state/steps/0/log?workflow_id=flood";
const LINES = 200_000;

const output = (tab: Page) => tab.locator("[data-testid=output]");

const start = (url: string) =>
  sender(url)("POST", "/workflow/state", {
    workflow_id: "flood",
    steps: [{ action: "print", status: "in_progress" }],
  });

const numbered = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, n) => `this is line ${from + n}\n`).join("");

async function print(url: string, body: string): Promise<void> {
  const headers = { "Content-Type": "text/plain" };
  expect((await fetch(url + LOG, { method: "POST", headers, body })).status).toBe(200);
}

describe("a flood of output", () => {
  pageTest(
    "a flood leaves the state in step while the log is still on its way, and then all of it is there",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await start(url);
      const tab = await openTab(`${url}/w/flood`);
      await output(tab).waitFor();
      // The most lines that one turn ever drew.
      await tab.evaluate(() => {
        const seen = { most: 0 };
        Object.assign(window, { flood: seen });
        const linesIn = (node: Node) =>
          node instanceof Element
            ? node.querySelectorAll(".output-line").length + Number(node.matches(".output-line"))
            : 0;
        new MutationObserver((records) => {
          const added = records.flatMap((record) => [...record.addedNodes]);
          seen.most = Math.max(
            seen.most,
            added.reduce((sum, node) => sum + linesIn(node), 0),
          );
        }).observe(document.querySelector("[data-testid=output]")!, {
          subtree: true,
          childList: true,
        });
      });
      for (let from = 1; from <= LINES; from += 20_000) await print(url, numbered(20_000, from));
      await sender(url)("PATCH", "/workflow/state/steps/0?workflow_id=flood", { status: "failed" });
      await tab.locator("[data-step='0'][data-status=failed]").waitFor();
      await tab.locator(".output-line", { hasText: `this is line ${LINES}` }).waitFor();
      const most = await tab.evaluate(
        () => (window as unknown as { flood: { most: number } }).flood.most,
      );
      expect(most).toBeLessThan(2_500);
      // What scrolled by unseen is there for who looks for it, up to the first line.
      await output(tab).press("g");
      await tab.locator("[data-number='1']").waitFor();
      await tab.locator("[data-number='1000']").waitFor();
    },
  );

  pageTest(
    "a flood is left by a turn of the wheel, and the line in view stays to the pixel whatever comes",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await start(url);
      await print(url, numbered(3_000));
      const tab = await openTab(`${url}/w/flood`);
      await tab.locator("[data-number='3000']").waitFor();
      const session = await tab.context().newCDPSession(tab);
      await session.send("Emulation.setCPUThrottlingRate", { rate: 6 });
      let isOver = false;
      let next = 3_001;
      // One piece a frame: as many as the page can hear of, and never more than the server lets one client send.
      const drawn = () => tab.evaluate(() => new Promise(requestAnimationFrame));
      const printing = async () => {
        for (; !isOver; next += 200) {
          await print(url, numbered(200, next));
          await drawn();
        }
      };
      const first = () =>
        output(tab).evaluate((log) => {
          const edge = log.getBoundingClientRect().top;
          const rows = [...log.querySelectorAll<HTMLElement>(".output-line")];
          const row = rows.find((one) => one.getBoundingClientRect().bottom > edge + 2)!;
          return [row.textContent, Math.round(row.getBoundingClientRect().top - edge)];
        });
      const reading = async () => {
        await output(tab).hover();
        await tab.mouse.wheel(0, -400);
        await tab.locator("[data-testid=log-follow][aria-pressed=false]").waitFor();
        // The wheel itself has come to rest.
        const before = await atRest(tab, first);
        const printedBefore = next;
        await expect.poll(() => next).toBeGreaterThan(printedBefore + 2_000);
        expect(await first()).toEqual(before);
      };
      const stop = () => {
        isOver = true;
      };
      await Promise.all([printing(), reading().finally(stop)]);
      await output(tab).press("End");
      await tab.locator(".output-line", { hasText: `this is line ${next - 1}` }).waitFor();
    },
  );
});
