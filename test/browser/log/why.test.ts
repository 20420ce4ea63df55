/** Why a step failed: the page opens its log there, marks the line, and says the sentence wherever the run is named. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { runnerAt } from "../../support/servers/runnerWorld.js";
import { pageTest as test } from "../pageTest.js";
import { atRest, untilStatus } from "../tab.js";

const SSH = "ssh: Could not resolve hostname web-7: Name or service not known";
/** The reason, with so much before and behind it that it is out of sight at both ends. */
const DEEP = `
name: deep
title: Deploy the shop
steps:
  - action: fails
    title: Copy the site
    run: |
      seq -f 'copied file %g' 1 30000
      echo '${SSH}' >&2
      sleep 0.2
      seq -f '  trace line %g' 1 20000
      exit 255
`;

async function failed(
  startServer: (options: object) => Promise<{ url: string }>,
  dataDir: string,
  definition: string,
) {
  const workflowsDir = join(dataDir, "definitions");
  mkdirSync(workflowsDir, { recursive: true });
  const env = { PATH: process.env.PATH };
  const { url } = await startServer({ workflowsDir, env, clearAfterMs: 600_000 });
  const world = runnerAt(() => url, workflowsDir);
  world.define("one.yaml", definition);
  const id = await world.start(/name: (\w+)/.exec(definition)![1]!);
  await world.ended(id);
  return { url, id };
}

/** What of the marked line and of the lines above it is in the log's window. */
async function marked(tab: Page) {
  await tab.locator(".output-line.is-why").waitFor();
  return tab.evaluate(() => {
    const log = document.querySelector(".output-log")!.getBoundingClientRect();
    const isIn = (line: Element) => {
      const { top, bottom } = line.getBoundingClientRect();
      return top >= log.top - 1 && bottom <= log.bottom + 1;
    };
    const lines = [...document.querySelectorAll(".output-line")];
    const at = lines.findIndex((line) => line.matches(".is-why"));
    return {
      text: lines[at]!.querySelector(".output-text")!.textContent,
      count: lines.filter((line) => line.matches(".is-why")).length,
      isSeen: isIn(lines[at]!),
      above: lines.slice(0, at).filter(isIn).length,
      behind: getComputedStyle(lines[at]!).backgroundColor,
      plain: getComputedStyle(lines[at - 1]!).backgroundColor,
    };
  });
}

describe("a failed step", () => {
  test("opens at the line that says why, marked, with lines above it", async ({
    startServer,
    dataDir,
    openTab,
  }) => {
    const { url, id } = await failed(startServer, dataDir, DEEP);
    const tab = await openTab(`${url}/w/${id}`);
    await untilStatus(tab, "failed");
    const line = await atRest(tab, () => marked(tab));
    expect(line).toMatchObject({ text: SSH, count: 1, isSeen: true });
    expect(line.above).toBeGreaterThanOrEqual(3);
    expect(line.behind).not.toBe(line.plain);
    expect(await tab.locator("[data-testid=headline]").textContent()).toContain(SSH);
    expect(await tab.locator(".workflow-head .is-how dd").textContent()).toBe("exit code 255");
    await expect
      .poll(() => tab.title())
      .toBe(`✕ Failed at “Copy the site”: ${SSH} (exit code 255) · Deploy the shop`);
  });

  test("opens there on a phone too, where its log is behind a tab at first", async ({
    startServer,
    dataDir,
    openTab,
  }) => {
    const { url, id } = await failed(startServer, dataDir, DEEP);
    const tab = await openTab("about:blank");
    await tab.setViewportSize({ width: 390, height: 844 });
    await tab.goto(`${url}/w/${id}`);
    await untilStatus(tab, "failed");
    await tab.locator(".output-line.is-why").waitFor({ state: "attached" });
    await tab.locator("#tab-log").click();
    await expect.poll(async () => (await marked(tab)).isSeen).toBe(true);
    expect((await atRest(tab, () => marked(tab))).above).toBeGreaterThanOrEqual(3);
  });

  test("a failed step's log stays where the reader went from its error, over a reload", async ({
    startServer,
    dataDir,
    openTab,
  }) => {
    const { url, id } = await failed(startServer, dataDir, DEEP);
    const tab = await openTab(`${url}/w/${id}`);
    await marked(tab);
    await tab.locator(".output-log").press("End");
    await tab.locator(".output-text", { hasText: "trace line 20000" }).waitFor();
    await tab.reload();
    await tab.locator(".output-text", { hasText: "trace line 20000" }).waitFor();
  });

  test("a failed step of another driver opens at the line that looks like its error", async ({
    startServer,
    openTab,
  }) => {
    const { url, send } = await startServer();
    const steps = [{ action: "copy" }];
    await send("POST", "/workflow/state", { workflow_id: "mine", steps });
    await send("PATCH", "/workflow/state/steps/0?workflow_id=mine", { status: "in_progress" });
    const lines = (n: number) => Array.from({ length: n }, (_, at) => `copied ${at}\n`).join("");
    await fetch(`${url}/workflow/state/steps/0/log?workflow_id=mine`, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: `${lines(400)}${SSH}\n  more of it\n${"  trace\n".repeat(300)}`,
    });
    const error = "the copy did not work";
    await send("PATCH", "/workflow/state/steps/0?workflow_id=mine", { status: "failed", error });
    await send("PATCH", "/workflow/state?workflow_id=mine", { status: "failed" });
    const tab = await openTab(`${url}/w/mine`);
    const seen = await atRest(tab, () => marked(tab));
    expect(seen).toMatchObject({ text: SSH, count: 1, isSeen: true });
  });
});

test("a title of 90 characters and a message of 300 take two lines each at most", async ({
  startServer,
  openTab,
}) => {
  const { url, send } = await startServer();
  const title =
    "Copy the whole of the site of the shop with all its pictures to the machine in the cellar";
  const message = `https://example.org/${"a".repeat(280)}`;
  const steps = [
    { action: "copy", title, status: "in_progress", message, started_at: new Date().toISOString() },
    { action: "next" },
  ];
  await send("POST", "/workflow/state", { workflow_id: "long", steps });
  const tab = await openTab(`${url}/w/long`);
  for (const width of [1_280, 390]) {
    await tab.setViewportSize({ width, height: 800 });
    if (width === 390) await tab.locator("#tab-steps").click();
    await tab.locator(".step-message").waitFor();
    const heights = await tab.evaluate(() =>
      [".step-name > .clamped", ".step-message"].map((name) => {
        const element = document.querySelector<HTMLElement>(name)!;
        return element.offsetHeight / Number.parseFloat(getComputedStyle(element).lineHeight);
      }),
    );
    for (const lines of heights) expect(Math.round(lines)).toBeLessThanOrEqual(2);
  }
});
