/** A server that is killed and comes back: the page never pretends, and ends with the same picture. */
import { describe, expect } from "vitest";
import { pageTest, sender } from "./pageTest.js";
import { serverProcess } from "./serverProcess.js";
import { pictureOf, untilPill, untilStatus, untilStep } from "./tab.js";

describe("a killed server", () => {
  pageTest(
    "the tab says as of when it is, stops its clocks, and is in step again after the restart",
    async ({ dataDir, openTab, onTestFinished }) => {
      const server = await serverProcess(dataDir);
      onTestFinished(() => server.kill());
      await server.start();
      const send = sender(server.url);
      await send("POST", "/workflow/state", {
        workflow_id: "survivor",
        steps: [{ action: "one", status: "completed" }, { action: "two" }],
      });
      await send("PATCH", "/workflow/state/steps/1", { status: "in_progress", message: "at work" });
      const tab = await openTab(`${server.url}/w/survivor`);
      await untilStep(tab, 1, "in_progress");
      await untilPill(tab, "Live");
      const before = await pictureOf(tab);

      await server.kill();
      await tab.locator("[data-testid=as-of]").waitFor();
      await tab.locator("[data-testid=connection]:not([data-phase=live])").waitFor();
      await tab.locator("[data-step='1'] .is-frozen").waitFor();
      const frozen = await tab.locator("[data-step='1'] .step-time").textContent();
      expect(await pictureOf(tab)).toEqual(before);
      // The pill counts down while the clock of the step does not move: two different moments, one same time.
      await untilPill(tab, "Reconnecting in");
      expect(await tab.locator("[data-step='1'] .step-time").textContent()).toBe(frozen);

      await server.start();
      await untilPill(tab, "Live");
      await tab.locator("[data-testid=as-of]").waitFor({ state: "detached" });
      expect(await pictureOf(tab)).toEqual(before);
      await send("PATCH", "/workflow/state", { status: "completed" });
      await untilStatus(tab, "completed");
    },
  );
});
