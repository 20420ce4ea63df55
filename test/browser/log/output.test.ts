/** Output in tabs that come early, late, again, and over a restart of the server: the same lines as REST gives. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { TOOL_OUTPUTS } from "../../support/samples/terminalOutputs.js";
import { pageTest, sender } from "../pageTest.js";
import { serverProcess } from "../serverProcess.js";
import { atRest, press, untilPill, withOwnSocket } from "../tab.js";

const LOG = "/workflow/state/steps/0/log";

/** As curl would, with `--data-binary`. */
async function print(url: string, text: string): Promise<void> {
  const answer = await fetch(url + LOG, {
    method: "POST",
    headers: { "Content-Type": "text/plain" },
    body: text,
  });
  expect(answer.status).toBe(200);
}

const startAt = (url: string) =>
  sender(url)("POST", "/workflow/state", {
    workflow_id: "printing",
    steps: [{ action: "print", status: "in_progress" }, { action: "next" }],
  });

const linesOf = (page: Page): Promise<string> =>
  page
    .locator(".output-line")
    .evaluateAll((lines) => lines.map((line) => line.textContent).join("\n"));

async function untilLine(page: Page, text: string): Promise<void> {
  await page.locator(".output-line", { hasText: text }).first().waitFor();
}

const asLines = (text: string): string => text.replace(/\n$/, "");

const saying = (lines: readonly string[]): string[] =>
  lines.map((line) => line.trimEnd()).filter((line) => line !== "");

describe("output on the page", () => {
  pageTest(
    "what tools draw again is drawn again, live, in a tab that comes late and after a reload",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url);
      const early = await openTab(`${url}/w/printing`);
      await early.locator("[data-testid=output]").waitFor();
      const expected = TOOL_OUTPUTS.flatMap(({ tool, shown }) => [tool, ...shown]);
      for (const [index, { tool, printed }] of TOOL_OUTPUTS.entries()) {
        await print(url, `${tool}\n`);
        // What was drawn is not left to the next tool, which would write over it.
        const whole = `${printed.replace(/\n?$/, "\n")}${tool.startsWith("tqdm") ? "\n" : ""}`;
        const middle = Math.floor(whole.length / 2);
        await print(url, whole.slice(0, middle));
        if (index === 5) await early.reload();
        await print(url, whole.slice(middle));
      }
      await print(url, "the last line\n");
      const late = await openTab(`${url}/w/printing`);
      for (const tab of [early, late]) {
        await untilLine(tab, "the last line");
        const shown = async () => saying((await linesOf(tab)).split("\n"));
        await expect.poll(shown).toEqual([...saying(expected), "the last line"]);
      }
      // The number of a line counts the line ends before it.
      const last = late.locator(".output-line", { hasText: "the last line" });
      const ends = (await (await fetch(url + LOG)).text()).split("\n").length - 1;
      expect(await last.locator(".output-number").getAttribute("data-number")).toBe(`${ends}`);
    },
  );

  pageTest(
    "two tabs, one that comes late and one that is loaded again show what curl gets",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url);
      const early = [await openTab(`${url}/w/printing`), await openTab(`${url}/w/printing`)];
      for (const tab of early) await tab.locator("[data-testid=output]").waitFor();
      let late: Page | undefined;
      for (let round = 0; round < 60; round++) {
        const lines = Array.from({ length: 10 }, (_, n) => `round ${round}, line ${n} – é😀 <b>\n`);
        // Cut anywhere, also within a line.
        const text = lines.join("");
        await print(url, text.slice(0, 33));
        await print(url, text.slice(33));
        if (round === 20) late = await openTab(`${url}/w/printing`);
        if (round === 40) await early[0]!.reload();
      }
      await print(url, "the last line\n");
      const whole = asLines(await (await fetch(url + LOG)).text());
      expect(whole.split("\n")).toHaveLength(601);
      for (const tab of [...early, late!]) {
        await untilLine(tab, "the last line");
        // What scrolled by unseen is drawn when it is quiet.
        await expect.poll(() => linesOf(tab)).toBe(whole);
        // At its end, without anybody's hand.
        await tab.waitForFunction(() => {
          const log = document.querySelector("[data-testid=output]")!;
          return log.scrollHeight - log.scrollTop - log.clientHeight <= 16;
        });
      }
    },
  );

  pageTest(
    "another workflow's output under the same id begins afresh, in an open tab and in one that was cut off meanwhile",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url);
      await print(url, "of the first, line 1\nof the first, line 2\n");
      const tabs = [await openTab(`${url}/w/printing`), await openTab(`${url}/w/printing`)];
      const [, cut] = tabs;
      await withOwnSocket(cut!);
      for (const tab of tabs) await untilLine(tab, "of the first, line 2");
      await cut!.context().setOffline(true);
      await cut!.evaluate(() => window.dispatchEvent(new Event("offline")));
      await untilPill(cut!, "Offline");
      await sender(url)("DELETE", "/workflow/state?workflow_id=printing");
      await startAt(url);
      await print(url, "of the second, line 1\nof the second, line 2\n");
      await cut!.context().setOffline(false);
      await cut!.evaluate(() => window.dispatchEvent(new Event("online")));
      for (const tab of tabs) {
        await untilLine(tab, "of the second, line 2");
        await expect.poll(() => linesOf(tab)).toBe("of the second, line 1\nof the second, line 2");
      }
    },
  );

  pageTest(
    "a reader who scrolls up stays there, and comes back by the pill",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url);
      await print(url, Array.from({ length: 300 }, (_, n) => `line ${n}\n`).join(""));
      const tab = await openTab(`${url}/w/printing`);
      await untilLine(tab, "line 299");
      const log = tab.locator("[data-testid=output]");
      await log.hover();
      await tab.mouse.wheel(0, -600);
      const follow = tab.locator("[data-testid=log-follow][aria-pressed=false]");
      await follow.waitFor();
      // A wheel turns smoothly: wait until it stands still. What the reader sees counts, not scrollTop: the browser changes it as heights above come to be known.
      const firstInView = () =>
        log.evaluate((one) => {
          const { top } = one.getBoundingClientRect();
          const lines = [...one.querySelectorAll(".output-line")];
          return lines.find((line) => line.getBoundingClientRect().bottom > top + 1)?.textContent;
        });
      const first = await atRest(tab, firstInView);
      expect(first).toMatch(/^line [12]\d\d$/);
      await print(url, "one more\nand another\n");
      await tab.locator("[data-testid=new-lines]", { hasText: "2 new lines" }).waitFor();
      expect(await atRest(tab, firstInView)).toBe(first);
      await tab.locator("[data-testid=new-lines]").click();
      await tab.locator("[data-testid=new-lines]").waitFor({ state: "detached" });
      await tab.waitForFunction(() => {
        const one = document.querySelector("[data-testid=output]")!;
        return one.scrollHeight - one.scrollTop - one.clientHeight <= 16;
      });
    },
  );

  pageTest(
    "a server that is killed in the middle costs no line and doubles none",
    async ({ dataDir, openTab, onTestFinished }) => {
      const server = await serverProcess(dataDir);
      onTestFinished(() => server.kill());
      await server.start();
      await startAt(server.url);
      const tab = await openTab(`${server.url}/w/printing`);
      await untilPill(tab, "Live");
      for (let line = 0; line < 100; line++) await print(server.url, `before ${line}\n`);
      await untilLine(tab, "before 99");
      await print(server.url, "half a line");
      await server.kill();
      await tab.locator("[data-testid=connection]:not([data-phase=live])").waitFor();
      await server.start();
      for (let line = 0; line < 100; line++) await print(server.url, ` after ${line}\n`);
      await untilPill(tab, "Live");
      await untilLine(tab, "after 99");
      const whole = asLines(await (await fetch(server.url + LOG)).text());
      expect(whole.split("\n")).toHaveLength(200);
      await expect.poll(() => linesOf(tab)).toBe(whole);
    },
  );

  pageTest(
    "a reader far from the end stays there while the server dies, and finds all of it behind",
    async ({ dataDir, openTab, onTestFinished }) => {
      const server = await serverProcess(dataDir);
      onTestFinished(() => server.kill());
      await server.start();
      await startAt(server.url);
      await print(server.url, Array.from({ length: 20_000 }, (_, n) => `line ${n + 1}\n`).join(""));
      const tab = await openTab(`${server.url}/w/printing?step=print&attempt=1#L500`);
      await untilLine(tab, "line 500");
      const log = tab.locator("[data-testid=output]");
      const top = () =>
        log.evaluate((one) => {
          const row = one.querySelector("[data-number='500']")!;
          return row.getBoundingClientRect().top - one.getBoundingClientRect().top;
        });
      const before = await atRest(tab, top);
      await server.kill();
      await tab.locator("[data-testid=connection]:not([data-phase=live])").waitFor();
      await server.start();
      for (let line = 1; line <= 50; line++) await print(server.url, `after ${line}\n`);
      await untilPill(tab, "Live");
      await tab.locator("[data-testid=new-lines]", { hasText: "50 new lines" }).waitFor();
      expect(await top()).toBe(before);
      await tab.locator("[data-testid=new-lines]").click();
      await untilLine(tab, "after 50");
      const whole = asLines(await (await fetch(server.url + LOG)).text());
      await expect
        .poll(async () => {
          const lines = await linesOf(tab);
          return { isMuch: lines.split("\n").length > 1_000, isItsEnd: whole.endsWith(lines) };
        })
        .toEqual({ isMuch: true, isItsEnd: true });
    },
  );

  pageTest(
    "the example in a tab prints, and what it printed is kept",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      const tab = await openTab(url);
      await press(tab, "run-example");
      await untilLine(tab, "Found 48 sources");
      const { state } = (await sender(url)("GET", "/workflow/state")) as {
        state: { workflow_id: string };
      };
      const kept = await fetch(`${url}${LOG}?workflow_id=${state.workflow_id}`);
      expect(await kept.text()).toBe("$ mkdir workspace\nFound 48 sources in sources.txt\n");
    },
  );
});
