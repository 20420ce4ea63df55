/** A server that is killed and comes back: the page never pretends, and ends with the same picture. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { pageTest, sender } from "../pageTest.js";
import { serverProcess } from "../serverProcess.js";
import { pictureOf, press, untilPill, untilStatus, untilStep } from "../tab.js";

/** A server with a definition whose one step counts until there is a file. */
async function counting(dataDir: string, more: object) {
  const definitions = join(dataDir, "definitions");
  mkdirSync(definitions);
  const count = "i=0; until test -e go; do i=$((i+1)); echo line $i; sleep 0.02; done; echo over";
  writeFileSync(
    join(definitions, "count.yaml"),
    JSON.stringify({ name: "count", steps: [{ action: "count", run: count, ...more }] }),
  );
  const server = await serverProcess(dataDir, ["--workflows", definitions]);
  return { server, go: join(definitions, "go") };
}

/** The numbers of the lines that are shown. */
const linesIn = (tab: Page): Promise<number[]> =>
  tab.locator("[data-testid=output] .output-line").evaluateAll((all) =>
    all
      .map((line) => line.querySelector(".output-text") ?? line)
      .map((line) => /line (\d+)/.exec(line.textContent ?? "")?.[1])
      .filter((number) => number !== undefined)
      .map(Number),
  );

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

  pageTest(
    "its own command goes on: the tab says Reconnecting, then Live with the step at work, and warns of nothing",
    async ({ dataDir, openTab, onTestFinished }) => {
      const { server, go } = await counting(dataDir, {});
      onTestFinished(() => server.kill());
      await server.start();
      await sender(server.url)("POST", "/workflow/start", { name: "count", workflow_id: "counts" });
      const tab = await openTab(`${server.url}/w/counts`);
      await until(async () => (await linesIn(tab)).length > 10, "lines are on the page");
      await tab.evaluate(() => {
        const seen = new Set<string>();
        Object.assign(window, { seen });
        const look = () => {
          for (const one of document.querySelectorAll("[data-status]"))
            seen.add(one.getAttribute("data-status") ?? "");
          if (document.querySelector("[data-testid=banner]")) seen.add("a banner");
        };
        look();
        const what = { subtree: true, childList: true, attributes: true };
        new MutationObserver(look).observe(document.body, what);
      });

      await server.kill();
      await untilPill(tab, "Reconnecting");
      const before = (await linesIn(tab)).length;
      await server.start();
      await untilPill(tab, "Live");
      await until(async () => (await linesIn(tab)).length > before + 10, "more lines come");
      await untilStep(tab, 0, "in_progress");
      await tab.locator("[data-step='0']", { hasText: "The server was away from" }).waitFor();

      writeFileSync(go, "");
      await untilStatus(tab, "completed");
      await tab.locator("[data-testid=output]").getByText("over", { exact: true }).waitFor();
      const log = await fetch(`${server.url}/workflow/state/steps/0/log?workflow_id=counts`);
      const kept = [...(await log.text()).matchAll(/^line (\d+)$/gm)].map(([, n]) => Number(n));
      expect(kept).toEqual(kept.map((_, index) => index + 1));
      // Of a long log the page draws the newest part.
      await until(async () => {
        const seen = await linesIn(tab);
        return seen.length > 0 && seen.join() === kept.slice(-seen.length).join();
      }, "the page shows the end of what was kept");
      const { seen: statuses } = (await tab.evaluate(() => ({
        seen: [...(window as unknown as { seen: Set<string> }).seen],
      }))) as { seen: string[] };
      expect(statuses.sort()).toEqual(["completed", "in_progress", "running"]);
      expect(await tab.locator("[data-step='0']").textContent()).not.toContain("attempt");

      await tab.locator("#tab-details").click();
      const command = tab.locator("[data-testid=command]");
      await command.getByText(/The server was away from .+; the command kept running/).waitFor();
      expect(await command.textContent()).toMatch(/It was begun on .+ as process \d+/);
    },
  );

  pageTest(
    "its own workflow, whose command ends with the server, is seen interrupted, is resumed, and its log has no hole and nothing twice",
    async ({ dataDir, openTab, onTestFinished }) => {
      const { server, go } = await counting(dataDir, { survives: false });
      onTestFinished(() => server.kill());
      await server.start();
      const start = { name: "count", workflow_id: "counts" };
      await sender(server.url)("POST", "/workflow/start", start);
      const tab = await openTab(`${server.url}/w/counts`);
      const lines = () => linesIn(tab);
      await until(async () => (await lines()).length > 10, "lines are on the page");

      await server.kill();
      await tab.locator("[data-testid=as-of]").waitFor();
      await server.start();
      await untilStatus(tab, "interrupted");
      await untilPill(tab, "Live");
      await until(async () => {
        const kept = await fetch(`${server.url}/workflow/state/steps/0/log?workflow_id=counts`);
        const numbers = [...(await kept.text()).matchAll(/^line (\d+)$/gm)].map(([, n]) =>
          Number(n),
        );
        return JSON.stringify(await lines()) === JSON.stringify(numbers);
      }, "the page shows all that was kept");
      const seen = await lines();
      expect(seen).toEqual(seen.map((_, index) => index + 1));

      writeFileSync(go, "");
      await press(tab, "resume");
      await untilStatus(tab, "completed");
      await tab.locator("[data-testid=output]").getByText("over", { exact: true }).waitFor();
      await tab.locator("[data-step='0']", { hasText: "2 attempts" }).waitFor();
    },
  );
});
