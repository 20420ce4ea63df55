/** What was put away in one tab is put away in all, and stays so. */
import { describe, expect } from "vitest";
import { pageTest } from "../pageTest.js";
import { untilPill } from "../tab.js";

describe("the banner of an interruption", () => {
  pageTest(
    "dismissed in one tab leaves the others too, and does not come back with a reload",
    async ({ startServer, openTab }) => {
      const server = await startServer({ silentAfterMs: 300, limits: { leaseMs: 300 } });
      await server.send("POST", "/workflow/state", {
        workflow_id: "one",
        steps: [{ action: "copy", status: "in_progress" }],
      });
      const tabs = [await openTab(server.url), await openTab(server.url)];
      for (const tab of tabs) {
        await tab.locator("[data-testid=banner][data-status=interrupted]").waitFor();
      }
      await tabs[0]!.getByRole("button", { name: "Dismiss" }).click();
      for (const tab of tabs)
        await tab.locator("[data-testid=banner]").waitFor({ state: "detached" });
      await tabs[1]!.reload();
      await untilPill(tabs[1]!, "Live");
      await tabs[1]!.locator("[data-status=interrupted]").first().waitFor();
      expect(await tabs[1]!.locator("[data-testid=banner]").count()).toBe(0);
      const { state } = await server.send("GET", "/workflow/state?workflow_id=one");
      expect(state).toMatchObject({ status: "interrupted" });
    },
  );
});
