/** The list in a real browser: by keyboard alone, with a thousand workflows, while the server is away, and on every width. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest, type TestServer } from "../pageTest.js";
import { SITUATIONS, situation } from "../situations.js";
import { atRest, untilPill, untilStatus } from "../tab.js";

const MANY = 1_000;

/** From the list itself the page goes on to the current workflow. */
async function openList(openTab: (address: string) => Promise<Page>, url: string): Promise<Page> {
  const tab = await openTab(`${url}/w/none`);
  await tab.locator("[data-testid=closed]").waitFor();
  await tab.locator(".brand").click();
  await tab.locator(".rows").waitFor();
  return tab;
}

async function startMany(send: TestServer["send"]): Promise<void> {
  const one = (n: number) =>
    send("POST", "/workflow/state", {
      workflow_id: `w${n}`,
      title: `Workflow ${n}`,
      start_time: new Date(Date.UTC(2026, 2, 4) + n * 1_000).toISOString(),
      steps: [{ action: "copy", status: "in_progress" }, { action: "verify" }],
    });
  for (let n = 0; n < MANY; n += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => one(n + i)));
  }
}

/** How many times longer the same work takes in the page when the machine has something else to do: 1 where it has not. */
const stretchOf = (tab: Page): Promise<number> =>
  tab.evaluate(() => {
    const work = (): number => {
      const begun = performance.now();
      let sum = 0;
      for (let n = 0; n < 3e7; n++) sum += Math.sqrt(n);
      return sum > 0 ? performance.now() - begun : 0;
    };
    work();
    const times = Array.from({ length: 8 }, work);
    return Math.max(...times) / Math.min(...times);
  });

describe("the list", () => {
  pageTest("the list is used by keyboard alone", async ({ startServer, openTab }) => {
    const { url, send } = await startServer({ clearAfterMs: 600_000 });
    for (const name of ["failed", "running"]) {
      await send("POST", "/workflow/state", situation(name));
    }
    const tab = await openList(openTab, url);
    await tab.keyboard.press("/");
    await tab.keyboard.type("shop");
    await tab.waitForURL(/\?q=shop$/);
    await tab.keyboard.press("Escape");
    await tab.waitForURL((address) => address.search === "");
    await tab.keyboard.press("Escape");
    await tab.keyboard.press("j");
    await tab.keyboard.press("j");
    await tab.keyboard.press("k");
    await tab.keyboard.press("j");
    const focused = await tab.evaluate(() => document.activeElement?.textContent);
    expect(await tab.locator(".row-link").nth(1).textContent()).toBe(focused);
    await tab.keyboard.press("Enter");
    await tab.locator("[data-testid=workflow-status]").waitFor();
    await tab.keyboard.press("?");
    await tab.locator("[data-testid=keys-dialog]").waitFor();
    await tab.keyboard.press("Space");
    await tab.keyboard.press("Escape");
    await tab.locator("[data-testid=keys-dialog]").waitFor({ state: "detached" });
    await tab.keyboard.press("?");
    expect(await tab.locator("[data-testid=keys-dialog]").count()).toBe(0);
    await tab.locator("[data-testid=keys]").focus();
    await tab.keyboard.press("Enter");
    await tab.locator("[data-testid=keys-dialog]").waitFor();
  });

  pageTest(
    "the list with a thousand workflows shows two hundred, finds the oldest, and moves on at once",
    async ({ startServer, openTab }) => {
      const limits = { commandsPerSecond: 10_000, commandBurst: 10_000 };
      const { url, send } = await startServer({ limits });
      await startMany(send);
      const tab = await openList(openTab, url);
      await expect.poll(() => tab.locator("[data-workflow-id]").count()).toBe(200);
      const all = tab.locator(".status-tab").first();
      await expect.poll(() => all.textContent()).toBe(`All ${MANY}`);
      const before = await stretchOf(tab);
      await tab.evaluate(() => {
        const tasks: number[] = [];
        new PerformanceObserver((list) =>
          tasks.push(...list.getEntries().map(({ duration }) => duration)),
        ).observe({ entryTypes: ["longtask"] });
        Object.assign(window, { tasks });
      });
      for (let n = MANY - 20; n < MANY; n += 1) {
        await send("PATCH", `/workflow/state?workflow_id=w${n}`, { status: "failed" });
      }
      await tab.locator(".status-tab", { hasText: "Failed 20" }).waitFor();
      const longest = await tab.evaluate(() =>
        Math.max(0, ...(window as unknown as { tasks: number[] }).tasks),
      );
      // Generous for two cores: a list that draws all its rows again takes far longer. Busy ones stretch whatever the page does.
      const stretch = Math.max(before, await stretchOf(tab));
      expect(longest).toBeLessThan(250 * stretch);
      await tab.locator("[data-testid=search]").fill("workflow 0");
      await tab.locator("[data-workflow-id=w0]").waitFor();
    },
  );

  pageTest(
    "the list does not move under the pointer when something starts",
    async ({ startServer, openTab }) => {
      const { url, send } = await startServer();
      await send("POST", "/workflow/state", situation("running"));
      const tab = await openList(openTab, url);
      const row = tab.locator("[data-workflow-id=running]");
      await row.hover();
      const before = await atRest(tab, () => row.boundingBox());
      await send("POST", "/workflow/state", { workflow_id: "new", steps: [] });
      await tab.locator(".list-waiting", { hasText: "1 new workflow" }).waitFor();
      expect(await row.boundingBox()).toEqual(before);
      await tab.locator(".list-waiting").click();
      await tab.locator("[data-workflow-id=new]").waitFor();
    },
  );

  pageTest(
    "the list is as of a moment once the server is gone, and still there to read",
    async ({ startServer, openTab }) => {
      const { url, send, close } = await startServer();
      await send("POST", "/workflow/state", situation("running"));
      const tab = await openList(openTab, url);
      await close();
      await untilPill(tab, "Reconnecting");
      await tab.locator("[data-testid=as-of]").waitFor();
      const row = tab.locator("[data-workflow-id=running]");
      for (const still of [".is-frozen", ".row-duration [data-frozen=true]"])
        await expect.poll(() => row.locator(still).count()).toBe(1);
    },
  );

  pageTest(
    "the list takes any id and any name for what it is",
    async ({ startServer, openTab }) => {
      const { url, send } = await startServer();
      const name = `<b>&amp;"' ${"long ".repeat(50)}`;
      const ids = ["constructor", "a:b.c_d-e"];
      for (const workflow_id of ids) await send("POST", "/workflow/state", { workflow_id, name });
      const tab = await openList(openTab, url);
      await expect.poll(() => tab.locator(".row-link").count()).toBe(ids.length);
      expect(await tab.locator(".row-link").first().textContent()).toBe(name);
      await tab.locator("[data-workflow-id=constructor] .row-link").click();
      await untilStatus(tab, "running");
      expect(new URL(tab.url()).pathname).toBe("/w/constructor");
    },
  );

  for (const width of [320, 390, 768, 1_280, 3_840]) {
    pageTest(`fits a window of ${width} px`, async ({ startServer, openTab }) => {
      const { url, send } = await startServer({ clearAfterMs: 600_000 });
      for (const name of Object.keys(SITUATIONS)) {
        await send("POST", "/workflow/state", situation(name));
      }
      const tab = await openList(openTab, url);
      await tab.setViewportSize({ width, height: 800 });
      // It comes a moment after the rows, and takes room of the line on top.
      await tab.locator(".attention").waitFor();
      const tooWide = await tab.evaluate(() => {
        const root = document.documentElement;
        const cut = [...document.querySelectorAll<HTMLElement>(".badge, .button, .pill, .brand")];
        return {
          page: root.scrollWidth > root.clientWidth,
          cut: cut
            .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.offsetHeight > 48)
            .map((one) => one.textContent),
        };
      });
      expect(tooWide).toEqual({ page: false, cut: [] });
    });
  }
});

pageTest(
  "a theme that was chosen is there with the first picture, and in every tab",
  async ({ startServer, openTab }) => {
    const { url } = await startServer();
    const tab = await openTab(url);
    await tab.locator("[data-testid=theme]").click();
    await tab.locator("[data-testid=theme]").click();
    const theme = () => tab.evaluate(() => document.documentElement.dataset.theme);
    await expect.poll(theme).toBe("dark");
    await tab.reload();
    await tab.locator("[data-testid=empty]").waitFor();
    expect(await theme()).toBe("dark");
    const other = await tab.context().newPage();
    await other.goto(url);
    await other.locator("[data-testid=theme]").click();
    await tab.waitForFunction(() => document.documentElement.dataset.theme === undefined);
  },
);

pageTest(
  "a part of the page that does not come is said to be missing, and comes by itself once it is there",
  async ({ startServer, openTab }) => {
    const { url, send } = await startServer();
    await send("POST", "/workflow/state", situation("running"));
    const tab = await openTab("about:blank");
    await tab.route("**/assets/views-*.js", (route) => route.abort());
    await tab.goto(`${url}/w/running`);
    await tab.getByRole("heading", { name: "A part of this page is missing" }).waitFor();
    await tab.getByRole("button", { name: "Load this page again" }).waitFor();
    await tab.unroute("**/assets/views-*.js");
    await untilStatus(tab, "running");
  },
);

pageTest(
  "the pill says in full what is wrong on a narrow phone",
  async ({ startServer, openTab }) => {
    const { url, close } = await startServer();
    const tab = await openTab(url);
    await tab.setViewportSize({ width: 320, height: 640 });
    await untilPill(tab, "Live");
    await close();
    await untilPill(tab, "Reconnecting");
    await tab.locator(".pill-offer").waitFor();
    const isCut = await tab.evaluate(() => {
      const root = document.documentElement;
      const pill = document.querySelector(".pill")!;
      return root.scrollWidth > root.clientWidth || pill.scrollWidth > pill.clientWidth;
    });
    expect(isCut).toBe(false);
  },
);
