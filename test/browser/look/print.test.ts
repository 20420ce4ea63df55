/** A run on paper: all of it, whatever the window shows. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest, type TestServer } from "../pageTest.js";
import { untilPill, untilStatus } from "../tab.js";

const LINES = 3_000;
const ID = "?workflow_id=paper";

async function reportRun({ send, url }: TestServer): Promise<void> {
  const steps = Array.from({ length: 30 }, (_, index) => ({
    action: `step-${index}`,
    title: `Step called ${index}`,
  }));
  await send("POST", "/workflow/state", { workflow_id: "paper", title: "On paper", steps });
  for (const [step, count] of [
    [0, 300],
    [1, LINES],
  ] as const) {
    await send("PATCH", `/workflow/state/steps/${step}${ID}`, { status: "in_progress" });
    const lines = Array.from(
      { length: count },
      (_, n) => `\u001b[32mstep ${step}\u001b[0m line ${n}\n`,
    );
    await fetch(`${url}/workflow/state/steps/${step}/log${ID}`, {
      method: "POST",
      body: lines.join(""),
    });
    const isLast = step === 1;
    await send("PATCH", `/workflow/state/steps/${step}${ID}`, {
      status: isLast ? "failed" : "completed",
      ...(isLast && { error: "no space left" }),
    });
  }
  await send("PATCH", `/workflow/state${ID}`, {
    status: "failed",
    error_message: "Step called 1: no space left",
  });
}

/** As the browser prints: told before, on white, and told after. What stands on the paper. */
const paperOf = async (tab: Page) => {
  await tab.emulateMedia({ media: "print" });
  return tab.evaluate(() => ({
    text: document.body.innerText,
    rows: document.querySelectorAll("[data-printed-step]").length,
    ground: getComputedStyle(document.body).backgroundColor,
    buttons: [...document.querySelectorAll("button, input, [role=tab]")].filter(
      (one) => one.getClientRects().length > 0,
    ).length,
    hidden: [...document.querySelectorAll(".print-sheet *")].filter(
      (one) =>
        one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY !== "visible",
    ).length,
  }));
};

const open = async (openTab: (address: string) => Promise<Page>, url: string) => {
  const tab = await openTab("about:blank");
  // Whoever prints has a dialog; here the browser asks for the paper and is done with it later.
  await tab.addInitScript(() => {
    window.print = () => {
      window.dispatchEvent(new Event("beforeprint"));
      document.documentElement.dataset.printed = "yes";
    };
  });
  await tab.goto(`${url}/w/paper`);
  await untilStatus(tab, "failed");
  await untilPill(tab, "Live");
  const status = tab.locator("[data-testid=log-status]");
  await expect.poll(() => status.textContent()).toContain(LINES.toLocaleString("en"));
  return tab;
};

describe("a run that is printed", () => {
  pageTest(
    "a run printed by Ctrl+P is there whole: head, every step, and the output of all of them",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await reportRun(server);
      const tab = await open(openTab, server.url);
      await tab.evaluate(() => {
        document.documentElement.dataset.theme = "dark";
      });
      await tab.keyboard.press("Control+p");
      await tab.locator("[data-printed=yes]").waitFor({ state: "attached" });
      const paper = await paperOf(tab);
      expect(paper).toMatchObject({
        rows: 30,
        ground: "rgb(255, 255, 255)",
        buttons: 0,
        hidden: 0,
      });
      for (const words of [
        "On paper",
        "paper",
        "Failed",
        "no space left",
        "Step called 29",
        "step 0 line 0\n",
        "step 0 line 299",
        `step 1 line ${LINES - 1}`,
      ])
        expect(paper.text).toContain(words);
      expect(paper.text).not.toContain("\u001b");
      // Of the longer one the newest part is here, and where the rest is.
      expect(paper.text).toContain("Not all of it: the 2,000 lines that were here.");
      expect(paper.text).toContain(`${server.url}/workflow/state/steps/1/log?`);
      expect(paper.text.split("no space left")).toHaveLength(2);

      await tab.evaluate(() => window.dispatchEvent(new Event("afterprint")));
      await tab.emulateMedia({ media: "screen" });
      await tab.locator(".print-sheet").waitFor({ state: "detached" });
      await tab.locator("[data-testid=output]").waitFor();
    },
  );

  pageTest(
    "a run printed by the browser's menu has every step, what was loaded, and says that there is more",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await reportRun(server);
      const tab = await open(openTab, server.url);
      await tab.evaluate(() => window.print());
      const paper = await paperOf(tab);
      expect(paper).toMatchObject({ rows: 30, buttons: 0, hidden: 0 });
      expect(paper.text).toContain(`step 1 line ${LINES - 1}`);
      expect(paper.text).toContain("Ctrl+P on the page prints more");
      expect(paper.text).toContain("Output of step 1, Step called 0");
      expect(paper.text).toContain("Not here.");
    },
  );

  pageTest("a printed run has a paper from a real printer", async ({ startServer, openTab }) => {
    const server = await startServer();
    await reportRun(server);
    const tab = await open(openTab, server.url);
    const paper = await tab.pdf();
    // Thirty steps and the lines that were loaded are several pages; one window of it would be one.
    expect(paper.toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length).toBeGreaterThan(5);
    await tab.locator(".print-sheet").waitFor({ state: "detached" });
  });
});
