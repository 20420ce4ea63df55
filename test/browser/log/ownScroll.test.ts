/** The reader's own scroll goes as far as he means it to, whatever is drawn above and below it meanwhile. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest, sender } from "../pageTest.js";
import { atRest } from "../tab.js";

const LOG = "/workflow/state/steps/0/log?workflow_id=own";

const numbered = (count: number, from: number): string =>
  Array.from({ length: count }, (_, n) => `this is line ${from + n}\n`).join("");

async function print(url: string, body: string): Promise<void> {
  const headers = { "Content-Type": "text/plain" };
  expect((await fetch(url + LOG, { method: "POST", headers, body })).status).toBe(200);
}

const output = (tab: Page) => tab.locator("[data-testid=output]");

/** The first line in view, and how many there is room for. */
const view = (tab: Page) =>
  output(tab).evaluate((log) => {
    const edge = log.getBoundingClientRect().top + log.clientTop;
    const rows = [...log.querySelectorAll<HTMLElement>(".output-line")];
    const row = rows.find((one) => one.getBoundingClientRect().bottom > edge + 2)!;
    const { top, height } = row.getBoundingClientRect();
    const first = Number(/this is line (\d+)/.exec(row.textContent ?? "")![1]);
    return { first, place: Math.round(top - edge), room: Math.floor(log.clientHeight / height) };
  });

describe("a reader's own scroll", () => {
  pageTest(
    "keys and the wheel move a log as far as they do elsewhere, while it grows at both ends",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await sender(url)("POST", "/workflow/state", {
        workflow_id: "own",
        steps: [{ action: "print", status: "in_progress" }],
      });
      await print(url, numbered(500, 1));
      const tab = await openTab(`${url}/w/own`);
      await tab.locator("[data-number='500']").waitFor();
      const session = await tab.context().newCDPSession(tab);
      await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      // More than is drawn at once: what stands above the newest is drawn while the reader goes there.
      await print(url, numbered(2_500, 501));
      await tab.locator("[data-number='3000']").waitFor();
      let next = 3_001;
      const movesUp = async (windows: number, move: () => Promise<void>) => {
        const before = await view(tab);
        await move();
        await expect
          .poll(async () => {
            await print(url, numbered(20, next));
            next += 20;
            return before.first - (await view(tab)).first;
          })
          .toBeGreaterThan(windows * before.room);
      };
      await output(tab).focus();
      for (const key of ["PageUp", "PageUp", "Shift+Space", "PageUp"])
        await movesUp(0.7, () => output(tab).press(key));
      await output(tab).hover();
      const half = await output(tab).evaluate((log) => log.clientHeight / 2);
      for (let turn = 0; turn < 5; turn++) await movesUp(0.35, () => tab.mouse.wheel(0, -half));
      // All that was held back is drawn once the reader rests, and moves nothing.
      await expect.poll(() => tab.locator(".output-block").count()).toBeGreaterThan(3_000 / 50);
      const rests = await atRest(tab, () => view(tab));
      await print(url, numbered(500, next));
      await tab
        .locator(".output-line", { hasText: `this is line ${next + 499}` })
        .waitFor({ state: "attached" });
      expect(await view(tab)).toEqual(rests);
    },
  );
});
