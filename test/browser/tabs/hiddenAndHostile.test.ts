/** A hidden tab tells the truth in its title; text from outside is text and nothing else. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { pageTest } from "../pageTest.js";
import { untilStatus, untilStep } from "../tab.js";

describe("a hidden tab", () => {
  pageTest(
    "a hidden tab keeps title and icon true without a single frame being drawn",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await server.send("POST", "/workflow/state", {
        workflow_id: "hidden",
        title: "Backup",
        steps: [{ action: "copy", status: "in_progress" }, { action: "verify" }],
      });
      const tab = await openTab(`${server.url}/w/hidden`);
      await tab.waitForFunction(() => document.title === "▶ 1/2 copy · Backup", null, {
        polling: 50,
      });
      const icon = () =>
        tab.evaluate(() => document.querySelector("link[rel=icon]")?.getAttribute("href"));
      const running = await icon();
      // What a browser does to a tab nobody sees.
      await tab.evaluate(() => {
        window.requestAnimationFrame = () => 0;
        Object.defineProperty(document, "visibilityState", { value: "hidden" });
        Object.defineProperty(document, "hidden", { value: true });
        document.dispatchEvent(new Event("visibilitychange"));
      });

      await server.send("PATCH", "/workflow/state/steps/1", { status: "failed", error: "bad" });
      await server.send("PATCH", "/workflow/state", { status: "failed" });
      await tab.waitForFunction(
        () => document.title === "✕ Failed at “verify”: bad · Backup",
        null,
        {
          polling: 50,
        },
      );
      await expect.poll(icon).not.toBe(running);
      await untilStatus(tab, "failed");
    },
  );
});

pageTest(
  "a browser that shows no SVG icons gets the same one as PNG",
  async ({ startServer, openTab }) => {
    const server = await startServer();
    await server.send("POST", "/workflow/state", { workflow_id: "icon", steps: [] });
    const tab = await openTab("about:blank");
    await tab.addInitScript(() => {
      Object.defineProperty(navigator, "vendor", { value: "Apple Computer, Inc." });
    });
    await tab.goto(`${server.url}/w/icon`);
    await tab.locator("head link[rel=icon][href^='data:image/png;base64,']").waitFor({
      state: "attached",
    });
  },
);

describe("hostile text", () => {
  pageTest("hostile text is shown as it is, in every field", async ({ startServer, openTab }) => {
    const hostile = `"><img src=x onerror="window.harmed=1"><script>window.harmed=1</script>`;
    const server = await startServer();
    await server.send("POST", "/workflow/state", {
      workflow_id: "hostile",
      name: hostile,
      title: hostile,
      error_message: hostile,
      status: "interrupted",
      steps: [
        {
          action: hostile,
          title: hostile,
          status: "failed",
          message: hostile,
          error: hostile,
          completion_note: hostile,
          data: { [hostile]: hostile },
          tasks: [{ name: hostile, status: hostile, note: hostile }],
        },
      ],
    });
    const tab = await openTab(`${server.url}/w/hostile`);
    await untilStep(tab, 0, "failed");
    await tab.locator("#tab-details").click();
    await tab.locator("#pane-details details summary").click();
    await tab.locator("#pane-details pre").waitFor();
    expect(await tab.locator("h1").textContent()).toBe(hostile);
    expect(await tab.locator(".step-error").textContent()).toBe(hostile);
    await tab.getByRole("link", { name: "All workflows" }).click();
    await tab.locator("[data-workflow-id=hostile]").waitFor();
    expect(await tab.locator("img, #page script").count()).toBe(0);
    expect(await tab.evaluate(() => "harmed" in window)).toBe(false);
  });

  pageTest(
    "hostile text stays text in definitions, questions, answers and addresses",
    async ({ startServer, openTab, dataDir }) => {
      const hostile = `"><img src=x onerror="window.harmed=1"><script>window.harmed=1</script>`;
      const workflowsDir = join(dataDir, "definitions");
      mkdirSync(workflowsDir);
      const field = { type: "string", title: hostile, description: hostile };
      const definition = {
        name: "hostile",
        title: hostile,
        description: hostile,
        inputs: { word: field, pick: { type: "choice", options: [hostile, "x"] } },
        steps: [
          {
            action: hostile,
            title: hostile,
            run: `printf '%s\\n' "$INPUT_WORD" "::note::$INPUT_WORD" "::task failed::$INPUT_WORD::$INPUT_WORD"`,
          },
          { action: "ask", ask: { prompt: hostile, fields: { word: field } } },
          { action: "fail", run: `echo "::error::$ANSWER_WORD"; exit 1` },
        ],
      };
      writeFileSync(join(workflowsDir, "hostile.yaml"), JSON.stringify(definition));
      writeFileSync(join(workflowsDir, "<img src=x>.yaml"), `name: ${JSON.stringify(hostile)}`);
      const server = await startServer({ workflowsDir, env: { PATH: process.env.PATH } });
      const tab = await openTab(`${server.url}/start`);
      await tab.getByText("<img src=x>.yaml").waitFor();
      await tab.goto(`${server.url}/start/${encodeURIComponent(hostile)}`);
      await tab.locator("[data-testid=unknown-definition]", { hasText: hostile }).waitFor();
      await tab.goto(
        `${server.url}/w/x?step=${encodeURIComponent(hostile)}&attempt=${encodeURIComponent(hostile)}#${hostile}`,
      );
      await tab.locator("[data-testid=closed]").waitFor();
      await tab.goto(`${server.url}/start/hostile`);
      await tab.locator("#input-word").fill(hostile);
      await tab.locator("[data-testid=start]").click();
      await untilStatus(tab, "blocked");
      expect(await tab.locator(".question-prompt").textContent()).toBe(hostile);
      await tab.locator("#answer-word").fill(hostile);
      await tab.locator("[data-testid=answer]").click();
      await untilStatus(tab, "failed");
      await tab.locator("[data-testid=headline]", { hasText: hostile }).waitFor();
      for (const view of ["details", "timeline", "inputs"])
        await tab.locator(`#tab-${view}`).click();
      await tab.locator("[data-step='0'] .step-name").click();
      await tab.locator("#tab-log").click();
      await tab.locator("[data-testid=output]").getByText(hostile).first().waitFor();
      expect(await tab.locator("img, #page script").count()).toBe(0);
      expect(await tab.evaluate(() => "harmed" in window)).toBe(false);
    },
  );
});
