/** Notifications in real tabs: from one of them, and only while none is looked at. */
import type { BrowserContext, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { pageTest } from "../pageTest.js";

async function openTabs(context: BrowserContext, address: string, count: number): Promise<Page[]> {
  await context.addInitScript(() => {
    const told: string[] = [];
    class Recorded {
      static permission = "granted";
      static requestPermission = async () => "granted";
      onclick = null;
      constructor(title: string, { tag }: { tag: string }) {
        told.push(`${tag}: ${title}`);
      }
      close() {}
    }
    Object.assign(window, { Notification: Recorded, told });
  });
  const tabs: Page[] = [];
  for (let tab = 0; tab < count; tab += 1) {
    const page = await context.newPage();
    await page.goto(address);
    tabs.push(page);
  }
  return tabs;
}

const turn = (page: Page, visibility: "hidden" | "visible") =>
  page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, visibility);

/** The browser lets the lock of a tab that is hidden, or closed, go a moment later: until then somebody still looks. */
const untilNobodyLooks = (tab: Page) =>
  until(
    () =>
      tab.evaluate(async () => {
        const { held = [] } = await navigator.locks.query();
        return held.every(({ name }) => name?.startsWith("instep.seen") !== true);
      }),
    "nobody looks at a tab",
  );

const toldIn = async (tabs: readonly Page[]) =>
  (
    await Promise.all(
      tabs.map((tab) => tab.evaluate(() => (window as unknown as { told: string[] }).told)),
    )
  ).flat();

describe("the bell", () => {
  pageTest(
    "rings in one of three tabs, also after the first was closed",
    async ({ browser, startServer }) => {
      const server = await startServer();
      await server.send("POST", "/workflow/state", {
        workflow_id: "one",
        title: "Backup",
        steps: [{ action: "copy", status: "in_progress" }],
      });
      const context = await browser.newContext();
      const tabs = await openTabs(context, `${server.url}/w/one`, 3);
      await tabs[2]!.locator("[data-testid=bell]").click();
      await tabs[2]!.locator("[data-testid=bell][aria-pressed=true]").waitFor();
      await tabs.shift()!.close();
      for (const tab of tabs) await turn(tab, "hidden");
      await untilNobodyLooks(tabs[0]!);
      await server.send("PATCH", "/workflow/state", { status: "failed" });
      await until(
        async () => (await toldIn(tabs)).length > 0,
        () => "a notification",
      );
      expect(await toldIn(tabs)).toEqual(["one: Failed: Backup"]);
      await context.close();
    },
  );

  pageTest("the bell stays silent while one tab is looked at", async ({ browser, startServer }) => {
    const server = await startServer();
    await server.send("POST", "/workflow/state", { workflow_id: "one", steps: [] });
    const context = await browser.newContext();
    const tabs = await openTabs(context, `${server.url}/w/one`, 2);
    await tabs[0]!.locator("[data-testid=bell]").click();
    await tabs[0]!.locator("[data-testid=bell][aria-pressed=true]").waitFor();
    await turn(tabs[0]!, "hidden");
    await turn(tabs[1]!, "visible");
    await server.send("PATCH", "/workflow/state", { status: "failed" });
    // Over, so the bell is taken down: the tab that leads has seen it.
    await tabs[0]!.waitForFunction(() => window.localStorage.getItem("instep.bells") === "{}");
    expect(await toldIn(tabs)).toEqual([]);
    await context.close();
  });
});
