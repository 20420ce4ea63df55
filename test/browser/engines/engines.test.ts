/** The page in Firefox and in WebKit: what a person does all day there, and what is painted where the document alone does not tell. */
import { afterAll, beforeAll, describe, expect } from "vitest";
import { startFront } from "../../support/links/front.js";
import { startUpgradeProxy } from "../../support/links/upgradeProxy.js";
import { pageTest, type TestServer } from "../pageTest.js";
import { situation } from "../situations.js";
import type { Engine, EngineTab, Picture, RunningEngine } from "./engineTab.js";
import { FIREFOX } from "./firefox.js";
import { WEBKIT } from "./webkit.js";

const LOG = "[data-testid=output]";

/** As many lines as 100,000 of which the page has only a part. */
const numbered = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, index) => `this is line ${from + index}\n`).join("");

async function print({ url }: TestServer, text: string): Promise<void> {
  for (let at = 0; at < text.length; at += 500_000) {
    const answer = await fetch(`${url}/workflow/state/steps/0/log?workflow_id=logs`, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: text.slice(at, at + 500_000),
    });
    expect(answer.status).toBe(200);
  }
}

const startAt = (server: TestServer, status: string) =>
  server.send("POST", "/workflow/state", {
    workflow_id: "logs",
    status: status === "in_progress" ? "running" : status,
    steps: [{ action: "copy", status }],
  });

/** The numbers of the lines that are in view, by the document. */
const IN_VIEW = `(() => {
  const log = document.querySelector("${LOG}");
  if (!log) return [];
  const { top, bottom } = log.getBoundingClientRect();
  return [...log.querySelectorAll(".output-line")]
    .filter((line) => {
      const box = line.getBoundingClientRect();
      return box.bottom > top + 1 && box.top < bottom - 1;
    })
    .map((line) => /this is line (\\d+)/.exec(line.textContent)?.[1])
    .filter(Boolean)
    .map(Number);
})()`;

const inView = (tab: EngineTab): Promise<number[]> => tab.read<number[]>(IN_VIEW);
const textOf = (tab: EngineTab, selector: string): Promise<string> =>
  tab.read<string>(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`);
const pillOf = (tab: EngineTab) => textOf(tab, "[data-testid=connection]");
const statusOf = (tab: EngineTab) =>
  tab.read<string>(`document.querySelector("[data-testid=workflow-status]")?.dataset.status ?? ""`);

/** Lines before 25,000 are long, the rest are short: a picture tells which of them are painted. */
const longAndShort = (count: number): string =>
  Array.from({ length: count }, (_, index) => {
    const rest = index < 25_000 ? ` ${"#".repeat(60)}` : "";
    return `this is line ${index + 1}${rest}\n`;
  }).join("");

/** Columns in which every line has text, and those in which only a long one has. */
const IN_ALL = [60, 110] as const;
const IN_LONG = [300, 500] as const;

/** So many points in these columns are dark: text, in the light theme. */
function darkIn({ width, height, pixels }: Picture, [from, to]: readonly [number, number]): number {
  let dark = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = from; x < to; x += 1) if (pixels[(y * width + x) * 4 + 1]! < 128) dark += 1;
  return dark;
}

function tests(engine: Engine): void {
  let running: RunningEngine;
  let tab: EngineTab;
  beforeAll(async () => {
    running = await engine.start();
    tab = await running.openTab();
  });
  afterAll(() => running?.close());

  pageTest("a refresh keeps the line that is read, and follows on", async ({ startServer }) => {
    const server = await startServer();
    await startAt(server, "in_progress");
    await print(server, numbered(20_000));
    await tab.goto(`${server.url}/w/logs?step=copy#L9000`);
    await expect.poll(() => inView(tab)).toContain(9_000);
    await settled(tab);
    const before = await inView(tab);
    await tab.reload();
    await expect.poll(() => inView(tab)).toEqual(before);
    await expect.poll(() => pillOf(tab)).toContain("Live");
    await server.send("PATCH", "/workflow/state?workflow_id=logs", { status: "completed" });
    await expect.poll(() => statusOf(tab)).toBe("completed");
  });

  pageTest("a log is followed, left by a key and followed again", async ({ startServer }) => {
    const server = await startServer();
    await startAt(server, "in_progress");
    await print(server, numbered(500));
    await tab.goto(`${server.url}/w/logs`);
    await expect.poll(() => inView(tab)).toContain(500);
    await print(server, numbered(500, 501));
    await expect.poll(() => inView(tab)).toContain(1_000);
    await tab.read(`document.querySelector("${LOG}").focus()`);
    await tab.press("PageUp");
    await expect.poll(() => textOf(tab, "[data-testid=log-status]")).toContain("Not following");
    await expect.poll(() => inView(tab)).not.toContain(1_000);
    await settled(tab);
    const read = await inView(tab);
    await print(server, numbered(500, 1_001));
    await expect.poll(() => textOf(tab, "[data-testid=new-lines]")).toContain("500");
    expect(await inView(tab)).toEqual(read);
    await tab.press("End");
    await expect.poll(() => inView(tab)).toContain(1_500);
  });

  pageTest(
    "a key moves a log as far as it does elsewhere, while the log grows at both ends",
    async ({ startServer }) => {
      const server = await startServer();
      await startAt(server, "in_progress");
      await print(server, numbered(500));
      await tab.goto(`${server.url}/w/logs`);
      await expect.poll(() => inView(tab)).toContain(500);
      // More than is drawn at once: what stands above the newest is drawn after the key.
      await print(server, numbered(4_500, 501));
      await expect.poll(() => inView(tab)).toContain(5_000);
      await tab.read(`document.querySelector("${LOG}").focus()`);
      let next = 5_001;
      const isRoomAbove = `(({ scrollTop, clientHeight }) => scrollTop > clientHeight)(document.querySelector("${LOG}"))`;
      for (let turn = 0; turn < 3; turn++) {
        await settled(tab);
        // As much as a page, drawn since the key before came to rest.
        await expect.poll(() => tab.read<boolean>(isRoomAbove)).toBe(true);
        const before = await inView(tab);
        await tab.press("PageUp");
        await expect
          .poll(async () => {
            await print(server, numbered(20, next));
            next += 20;
            return before[0]! - (await inView(tab))[0]!;
          })
          .toBeGreaterThan(0.7 * before.length);
      }
      await settled(tab);
      const read = await inView(tab);
      await print(server, numbered(500, next));
      await settled(tab);
      expect(await inView(tab)).toEqual(read);
    },
  );

  pageTest(
    "where the page's script does not come, its first words are there as of a moment",
    async ({ startServer, onTestFinished }) => {
      const front = await startFront(/\/assets\/index-[^/]*\.js$/);
      onTestFinished(() => front.close());
      const server = await startServer({ allowedHosts: [new URL(front.url).host] });
      front.leadTo(server.url);
      await startAt(server, "in_progress");
      await print(server, numbered(500));
      await tab.goto(`${front.url}/w/logs?step=copy`);
      await expect.poll(() => textOf(tab, ".early pre")).toMatch(/this is line 500$/);
      expect(await textOf(tab, ".early p")).toMatch(/^Running 1 of 1 copy · As of \d\d:\d\d:\d\d$/);
    },
  );

  pageTest("a question is asked, and answered elsewhere it says so", async ({ startServer }) => {
    const server = await startServer();
    await server.send("POST", "/workflow/state", situation("blocked"));
    await tab.goto(`${server.url}/w/blocked`);
    await expect.poll(() => textOf(tab, "[data-testid=question]")).toContain("Switch it now?");
    await server.send("PATCH", "/workflow/state?workflow_id=blocked", {
      status: "running",
      block_info: null,
    });
    await expect.poll(() => statusOf(tab)).toBe("running");
    await expect.poll(() => textOf(tab, "[data-testid=question]")).toBe("");
  });

  pageTest(
    "the page polls where WebSockets are blocked, and says so",
    async ({ startServer, onTestFinished }) => {
      const proxy = await startUpgradeProxy();
      onTestFinished(() => proxy.close());
      const server = await startServer({ allowedHosts: [`127.0.0.1:${proxy.port}`] });
      proxy.leadTo(Number(new URL(server.url).port));
      await startAt(server, "in_progress");
      await tab.goto(`http://127.0.0.1:${proxy.port}/w/logs`);
      await expect.poll(() => pillOf(tab)).toContain("Polling");
      await server.send("PATCH", "/workflow/state?workflow_id=logs", { status: "completed" });
      await expect.poll(() => statusOf(tab)).toBe("completed");
    },
  );

  pageTest(
    "a deep link opens at its lines, and the next one within the open log is what is painted",
    async ({ startServer }) => {
      const server = await startServer();
      await startAt(server, "in_progress");
      await print(server, longAndShort(100_000));
      await startAt(server, "completed");
      await tab.goto(`${server.url}/w/logs?step=copy`);
      await expect.poll(() => inView(tab)).toContain(1);
      for (const [line, isLong] of [
        [50_000, false],
        [9_000, true],
        [70_000, false],
      ] as const) {
        await tab.read(`void (location.hash = "#L${line}")`);
        await expect.poll(() => inView(tab)).toContain(line);
        await expect
          .poll(async () => {
            const picture = await tab.picture(LOG);
            return { isText: darkIn(picture, IN_ALL) > 500, isLong: darkIn(picture, IN_LONG) > 0 };
          })
          .toEqual({ isText: true, isLong });
      }
      await tab.goto(`${server.url}/w/logs?step=copy&attempt=1#L60000-L60005`);
      await expect.poll(() => inView(tab)).toContain(60_000);
    },
  );
}

/** How many pictures the page painted since it was first asked, while it is asked. */
const PAINTED = `(() => {
  const paint = () => {
    window.painted += 1;
    requestAnimationFrame(paint);
  };
  if (window.painted === undefined) {
    window.painted = 0;
    requestAnimationFrame(paint);
  }
  return window.painted;
})()`;

/** Until the lines in view stay where they are, also in what is painted next: a scroll that glides moves with each picture alone. */
async function settled(tab: EngineTab): Promise<void> {
  let last = "";
  let since = 0;
  await expect
    .poll(async () => {
      const painted = await tab.read<number>(PAINTED);
      const seen = JSON.stringify(await inView(tab));
      if (seen !== last) since = painted;
      last = seen;
      return painted - since;
    })
    .toBeGreaterThan(3);
}

for (const engine of [FIREFOX, WEBKIT]) {
  const { name, missing } = engine;
  if (missing === null) describe(`the page in ${name}`, () => tests(engine));
  else describe.skip(`the page in ${name} is not tested: ${missing}`, () => pageTest("", () => {}));
}
