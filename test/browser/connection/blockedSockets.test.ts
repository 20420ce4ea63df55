/** Where WebSockets are blocked the page follows by polling, says so, and comes back to live. */
import { describe, expect } from "vitest";
import { startUpgradeProxy } from "../../support/links/upgradeProxy.js";
import { holdExample } from "../heldExample.js";
import { pageTest } from "../pageTest.js";
import { pictureOf, press, untilPill, untilStatus, untilStep } from "../tab.js";

describe("a proxy that refuses upgrades", () => {
  pageTest(
    "the page polls, still follows, and is live once upgrades go through",
    async ({ startServer, openTab, onTestFinished }) => {
      const proxy = await startUpgradeProxy();
      onTestFinished(() => proxy.close());
      const server = await startServer({ allowedHosts: [`127.0.0.1:${proxy.port}`] });
      proxy.leadTo(Number(new URL(server.url).port));
      await server.send("POST", "/workflow/state", {
        workflow_id: "behind-a-proxy",
        steps: [{ action: "one" }, { action: "two" }],
      });

      const tab = await openTab(`http://127.0.0.1:${proxy.port}/w/behind-a-proxy`);
      await untilPill(tab, "Polling");
      await server.send("PATCH", "/workflow/state/steps/0", { status: "completed" });
      await untilStep(tab, 0, "completed");
      expect(await tab.locator("[data-testid=as-of]").count()).toBe(0);

      const drives = await openTab(`http://127.0.0.1:${proxy.port}/w/nothing`);
      await untilPill(drives, "Polling");
      await drives.getByRole("link", { name: "All workflows" }).click();
      await holdExample(drives, "prepare");
      await press(drives, "run-example");
      await untilStep(drives, 0, "in_progress");
      await press(drives, "cancel");
      await untilStatus(drives, "cancelled");

      proxy.refuseUpgrades(false);
      await tab.getByRole("button", { name: "Retry now" }).click();
      await untilPill(tab, "Live");
      await server.send("PATCH", "/workflow/state?workflow_id=behind-a-proxy", {
        status: "completed",
      });
      await untilStatus(tab, "completed");
      expect((await pictureOf(tab)).steps.map(({ status }) => status)).toEqual([
        "completed",
        "pending",
      ]);
    },
  );
});
