/** A command on a machine that is not reached: shown where it matters, counted live, and never taken for the page's own connection. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { pageTest } from "../pageTest.js";
import { untilPill, untilStatus } from "../tab.js";

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
const process = { machine: "web-7", pid: 4711, since: ago(60), over: "ssh" };
const lost = { since: ago(12), why: "Connection refused", next_try_at: null };

describe("a lost link", () => {
  for (const width of [1_280, 390]) {
    pageTest(
      `a lost link is seen at ${width} px, counts, and goes when it is back`,
      async ({ startServer, openTab }) => {
        const { url, send } = await startServer();
        const steps = [
          { action: "check", status: "completed" },
          { action: "copy", status: "in_progress", started_at: ago(60), data: { process } },
          { action: "reload" },
        ];
        await send("POST", "/workflow/state", { workflow_id: "w", current_step: 1, steps });
        const report = (data: object) => send("PATCH", "/workflow/state/steps/1", { data });
        const tab = await openTab(`${url}/w/w`);
        await tab.setViewportSize({ width, height: 800 });
        await untilStatus(tab, "running");
        await untilPill(tab, "Live");
        expect(await tab.locator(".lost-link").count()).toBe(0);

        await report({ process: { ...process, link_lost: lost } });
        const row = tab.locator("[data-step='1'] .step-lost");
        await row.waitFor();
        const seconds = async () => Number(/lost (\d+)/.exec((await row.textContent()) ?? "")?.[1]);
        const first = await seconds();
        expect(first).toBeGreaterThanOrEqual(12);
        expect(await row.textContent()).toContain("trying again");
        await until(async () => (await seconds()) > first, "it counts");
        await tab.locator(".workflow-head .is-link").waitFor();
        await untilPill(tab, "Live");
        await untilStatus(tab, "running");
        await expect
          .poll(() => tab.title())
          .toMatch(/^↯ link lost since \d\d:\d\d:\d\d · 2\/3 copy · w$/);
        await tab.locator("[role=status]", { hasText: "Link lost, trying again." }).waitFor({
          state: "attached",
        });
        const isCut = await tab.evaluate(() => {
          const root = document.documentElement;
          const head = document.querySelector<HTMLElement>(".workflow-head .is-link dd");
          return (
            root.scrollWidth > root.clientWidth || !head || head.scrollWidth > head.clientWidth
          );
        });
        expect(isCut).toBe(false);

        const taken_up = [{ from: lost.since, to: ago(0), gone: "link" }];
        await report({ process: { ...process, taken_up, unwatched_ms: 12_000 } });
        await row.waitFor({ state: "detached" });
        await until(async () => (await tab.title()).startsWith("▶ 2/3 copy"), "the title is back");
        await tab.locator("#tab-details").click();
        const command = tab.locator("[data-testid=command]");
        await command.getByText("the command kept running").waitFor();
        expect(await command.textContent()).toContain("web-7, over SSH, as process 4711");
      },
    );
  }
});
