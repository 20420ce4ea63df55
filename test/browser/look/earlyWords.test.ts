/** What a workflow's page says before its script is there, and how the page goes on from it: nothing jumps, nothing is said twice, nothing is claimed. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest, type TestServer } from "../pageTest.js";
import { untilPill, untilStatus } from "../tab.js";

const SCRIPT = /\/assets\/index-[^/]*\.js$/;
const WORDS = ".early";
const STEP = "/workflow/state/steps/0";

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, index) => `this is line ${index + 1}\n`).join("");

async function run({ send, url }: TestServer, printed = numbered(300), token?: string) {
  const headers = { "Content-Type": "application/json", ...bearer(token) };
  const state = {
    workflow_id: "late",
    title: "A <b>long</b> job",
    steps: [{ action: "copy", title: "Copy the files", status: "in_progress" }],
  };
  if (token === undefined) await send("POST", "/workflow/state", state);
  else {
    const body = JSON.stringify(state);
    const answer = await fetch(`${url}/workflow/state`, { method: "POST", headers, body });
    expect(answer.status).toBe(200);
  }
  const log = { method: "POST", headers: bearer(token), body: printed };
  expect((await fetch(`${url}${STEP}/log?workflow_id=late`, log)).ok).toBe(true);
}

const bearer = (token?: string): Record<string, string> =>
  token === undefined ? {} : { Authorization: `Bearer ${token}` };

/** The page's script comes once it is let go. */
async function hold(tab: Page, what: RegExp = SCRIPT): Promise<() => void> {
  let letGo = () => {};
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await tab.route(what, async (route) => {
    await isFree;
    await route.continue().catch(() => {});
  });
  return letGo;
}

/** Goes there without waiting for all of it. */
const begin = (tab: Page, address: string) => tab.goto(address, { waitUntil: "commit" });

interface Seen {
  /** Every frame in which the newest line was to be seen nowhere, once it had been. */
  lost: number;
  /** The most at once of what there may be one of. */
  mains: number;
  headings: number;
  shifts: string[];
  frames: number;
}

/** Looks at every frame from the first on. */
const watch = (tab: Page, line: string) =>
  tab.addInitScript((line) => {
    const seen: Seen = { lost: 0, mains: 0, headings: 0, shifts: [], frames: 0 };
    Object.assign(window, { seen });
    let isKnown = false;
    const isThere = () =>
      [...document.querySelectorAll(".early pre, .output-early pre, .output-line")].some(
        (one) => one.textContent?.includes(line) && one.checkVisibility(),
      );
    const look = () => {
      const isNow = isThere();
      isKnown ||= isNow;
      if (isKnown && !isNow) seen.lost += 1;
      const count = (selector: string) => document.querySelectorAll(selector).length;
      const mains = count("main") - count("main main") + count("[role=main]");
      seen.mains = Math.max(seen.mains, mains);
      seen.headings = Math.max(seen.headings, count("h1"));
      seen.frames += 1;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        readonly value: number;
        readonly sources: readonly { readonly node: Element | null }[];
      })[]) {
        const nodes = entry.sources.map(({ node }) => {
          const { nodeName, parentElement, textContent } = node ?? document;
          return `${nodeName} in ${parentElement?.className}: ${textContent?.slice(0, 40)}`;
        });
        seen.shifts.push(`${entry.value}: ${nodes.join(", ")}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  }, line);
const seenIn = (tab: Page) => tab.evaluate(() => (window as unknown as { seen: Seen }).seen);

describe("before the page's script is there", () => {
  pageTest(
    "a workflow's name, how it stands and its newest lines are there, as of a moment, without a barrier",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await run(server);
      const tab = await openTab("about:blank");
      await hold(tab);
      await begin(tab, `${server.url}/w/late?step=copy`);
      await tab.locator(`${WORDS} pre`, { hasText: "this is line 300" }).waitFor();
      const words = tab.locator(WORDS);
      const text = (await words.textContent()) ?? "";
      expect(text).toContain("A <b>long</b> job");
      expect(text).toMatch(/Running 1 of 1 Copy the files · As of \d\d:\d\d:\d\d/);
      expect(await words.getAttribute("aria-live")).toBe(null);
      for (const colorScheme of ["light", "dark"] as const) {
        await tab.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page: tab }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      }
    },
  );

  pageTest(
    "colours, cursors, titles and words to the server are left out of the lines",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await run(
        server,
        "\u001b[31mred\u001b[0m\n10 %\r20 %\n::progress 40::Copying\n\u001b]0;title\u0007<i>last</i>\n",
      );
      const tab = await openTab("about:blank");
      await hold(tab);
      await begin(tab, `${server.url}/w/late`);
      const lines = tab.locator(`${WORDS} pre`);
      await lines.waitFor();
      expect(await lines.textContent()).toBe("red\n20 %\n<i>last</i>");
    },
  );

  pageTest(
    "a failed step shows the line that says why, as its page does",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await run(server, `${numbered(2_000)}Error: no space left\n${numbered(2_000)}`);
      const offset = numbered(2_000).length;
      const error_line = { offset, text: "Error: no space left" };
      const failed = { status: "failed", error: "no space left", error_line };
      await server.send("PATCH", `${STEP}?workflow_id=late`, failed);
      const tab = await openTab("about:blank");
      await hold(tab);
      await begin(tab, `${server.url}/w/late`);
      await tab.locator(`${WORDS} pre`, { hasText: /^Error: no space left\nthis is/ }).waitFor();
    },
  );
});

describe("once the script comes", () => {
  for (const [width, height] of [
    [1280, 800],
    [390, 844],
  ] as const) {
    pageTest(
      `the page goes on from the first words without a shift or a gap, ${width} wide`,
      async ({ startServer, openTab }) => {
        const server = await startServer();
        await run(server);
        const tab = await openTab("about:blank");
        await tab.setViewportSize({ width, height });
        await watch(tab, "this is line 300");
        const letScript = await hold(tab);
        const letViews = await hold(tab, /\/assets\/views-[^/]*\.js$/);
        await begin(tab, `${server.url}/w/late?step=copy&attempt=1`);
        await tab.locator(`${WORDS} pre`).waitFor();
        letScript();
        await tab.locator("header.top").waitFor();
        // They stand until there is more to see than the frame of the page.
        await untilPill(tab, "Live");
        expect(await tab.locator(`${WORDS} pre`).isVisible()).toBe(true);
        expect(await tab.locator(WORDS).getAttribute("role")).toBe("region");
        letViews();
        await untilStatus(tab, "running");
        await tab.locator(".output-line", { hasText: "this is line 300" }).waitFor();
        await tab.locator(".output-early").waitFor({ state: "detached" });
        expect(await tab.locator(WORDS).count()).toBe(0);
        const seen = await seenIn(tab);
        expect(seen).toMatchObject({ lost: 0, mains: 1, headings: 1 });
        // What the top line ends with grows to its left.
        expect(seen.shifts.filter((shift) => !shift.includes(" in top: "))).toEqual([]);
      },
    );
  }

  pageTest(
    "a page that is left for the list says nothing more of the workflow",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await run(server);
      const tab = await openTab("about:blank");
      const letViews = await hold(tab, /\/assets\/views-[^/]*\.js$/);
      await begin(tab, `${server.url}/w/late`);
      await tab.locator(WORDS).waitFor();
      await tab.locator("a.brand").click();
      await tab.locator(".rows").waitFor();
      expect(await tab.locator(WORDS).count()).toBe(0);
      letViews();
    },
  );
});

describe("nothing is said early", () => {
  pageTest("of a workflow that is not there", async ({ startServer, openTab }) => {
    const { url } = await startServer();
    const tab = await openTab("about:blank");
    const letScript = await hold(tab);
    const asked = tab.waitForResponse(/\/workflow\/state\?/);
    await begin(tab, `${url}/w/none`);
    await asked;
    letScript();
    await tab.locator("[data-testid=closed]").waitFor();
    expect(await tab.locator(WORDS).count()).toBe(0);
  });

  pageTest(
    "where a token is needed and missing, and nothing is asked for; with one in the tab it is",
    async ({ startServer, openTab }) => {
      const token = "may-drive-0123456789";
      const server = await startServer({ tokens: [{ token, can: "drive" }] });
      await run(server, numbered(300), token);
      const tab = await openTab("about:blank");
      const asked: string[] = [];
      tab.on("request", (request) => asked.push(request.url()));
      await tab.goto(`${server.url}/w/late`);
      await tab.getByRole("heading", { name: "A token is needed" }).waitFor();
      expect(asked.some((address) => /\/early-/.test(address))).toBe(true);
      expect(asked.filter((address) => /\/workflow\/state\?/.test(address))).toEqual([]);

      await tab.goto(`${server.url}/#t=${token}`);
      await tab.reload();
      await untilStatus(tab, "running");
      await hold(tab);
      await begin(tab, `${server.url}/w/late`);
      await tab.locator(`${WORDS} pre`, { hasText: "this is line 300" }).waitFor();
    },
  );

  for (const [what, trouble] of [
    ["does not come", (tab: Page) => tab.route(/\/early-/, (route) => route.abort())],
    [
      "is told nonsense",
      (tab: Page) =>
        tab.route(/\/workflow\/state\?workflow_id/, (route) =>
          route.fulfill({ contentType: "application/json", body: '{"state":{"steps":7}}' }),
        ),
    ],
    [
      "may keep and read nothing",
      (tab: Page) =>
        tab.addInitScript(() =>
          Object.defineProperty(window, "sessionStorage", {
            get: () => {
              throw new DOMException("no storage here");
            },
          }),
        ),
    ],
  ] as const) {
    pageTest(
      `where its script ${what}, and the page is there all the same`,
      async ({ startServer, openTab }) => {
        const server = await startServer();
        await run(server);
        const tab = await openTab("about:blank");
        await trouble(tab);
        await begin(tab, `${server.url}/w/late`);
        await untilStatus(tab, "running");
        await tab.locator(".output-line", { hasText: "this is line 300" }).waitFor();
        expect(await tab.locator(WORDS).count()).toBe(0);
      },
    );
  }
});
