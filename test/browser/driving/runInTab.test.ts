/** The tab as the driver: the example runs here, other tabs follow, and a reload does not lose it. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { LIMITS } from "../../../shared/limits.js";
import { holdExample } from "../heldExample.js";
import { pageTest } from "../pageTest.js";
import { pictureOf, press, untilStatus, untilStep } from "../tab.js";

describe("the example", () => {
  pageTest(
    "the example runs in one tab to the end, and another tab follows",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      const drives = await openTab(server.url);
      const goOn = await holdExample(drives, "download");
      await press(drives, "run-example");
      await drives.waitForURL("**/w/*");
      await untilStep(drives, 1, "in_progress");
      const driverIn = (tab: Page) => tab.locator("[data-testid=driver]").textContent();
      await expect.poll(() => driverIn(drives)).toBe("this tab");

      const follows = await openTab(drives.url());
      await untilStep(follows, 1, "in_progress");
      await expect.poll(() => driverIn(follows)).toMatch(/^browser tab/);

      await goOn();
      await untilStatus(drives, "completed");
      await untilStatus(follows, "completed");
      const picture = await pictureOf(drives);
      expect(picture.steps.map(({ status }) => status)).toEqual(Array(6).fill("completed"));
      expect(await pictureOf(follows)).toEqual(picture);
    },
  );

  pageTest("the example can be cancelled, after a question", async ({ startServer, openTab }) => {
    const server = await startServer();
    const drives = await openTab(server.url);
    await holdExample(drives, "prepare");
    await press(drives, "run-example");
    await untilStep(drives, 0, "in_progress");
    await drives.locator("[data-testid=cancel]").click();
    await drives.getByRole("button", { name: "Let it run" }).click();
    await drives.locator("dialog").waitFor({ state: "detached" });
    await press(drives, "cancel");
    await untilStatus(drives, "cancelled");
    await untilStep(drives, 0, "cancelled");
  });

  pageTest(
    "interrupted by a reload of its tab, it can go on from there",
    async ({ startServer, openTab }) => {
      const server = await startServer({ limits: { ...LIMITS, leaseMs: 6_000 } });
      const drives = await openTab(server.url);
      await holdExample(drives, "download");
      await press(drives, "run-example");
      await untilStep(drives, 1, "in_progress");
      await drives.reload();
      await drives.locator("[data-testid=found]", { hasText: "before the reload" }).waitFor();
      await drives.locator("[data-testid=banner][data-status=interrupted]").waitFor();
      await untilStep(drives, 1, "interrupted");

      await holdExample(drives, "download");
      await press(drives, "go-on");
      await untilStatus(drives, "running");
      await untilStep(drives, 1, "in_progress");
      await untilStep(drives, 0, "completed");
      await drives.locator("[data-step='1']", { hasText: "attempt 2" }).waitFor();
    },
  );

  pageTest(
    "the example is cancelled from any tab, and stops in its own",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      const drives = await openTab(server.url);
      await holdExample(drives, "download");
      await press(drives, "run-example");
      await drives.waitForURL("**/w/*");
      const follows = await openTab(drives.url());
      await untilStep(follows, 1, "in_progress");
      await press(follows, "cancel");
      for (const tab of [follows, drives]) {
        await untilStatus(tab, "cancelled");
        await untilStep(tab, 1, "cancelled");
      }
    },
  );
});
