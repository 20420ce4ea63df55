/** Keys, double clicks, double taps and other tabs: none of them starts anything that nobody said yes to. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { type RunnerCalls, runnerAt } from "../../support/servers/runnerWorld.js";
import { holdTimers } from "../heldTimers.js";
import { pageTest } from "../pageTest.js";
import { untilStatus } from "../tab.js";

interface World extends RunnerCalls {
  readonly url: string;
  /** How many there are, in view and in the history. */
  count(): Promise<number>;
}

const test = pageTest.extend<{ failed: () => Promise<{ world: World; id: string }> }>({
  failed: async ({ startServer, dataDir }, use) => {
    await use(async () => {
      const workflowsDir = join(dataDir, "definitions");
      mkdirSync(workflowsDir, { recursive: true });
      const { url } = await startServer({ workflowsDir, env: { PATH: process.env.PATH } });
      const count = async () => (await (await fetch(`${url}/workflows`)).json()).workflows.length;
      const world = { url, count, ...runnerAt(() => url, workflowsDir) };
      world.define("out.yaml", OUT);
      const id = await world.start("out");
      await world.ended(id);
      return { world, id };
    });
  },
});

const OUT = `
name: out
title: Loud output
steps:
  - { action: ansi, title: ANSI colours, run: echo red }
  - { action: breaks, title: Very many lines, run: 'test -e go' }
  - { action: sure, title: Are you sure, ask: { prompt: Sure?, fields: { ok: { type: boolean } } } }
`;

/** So long the page takes two presses for one double click (`client/ui/page/useArmed.ts`). */
const DOUBLE_CLICK_MS = 500;

const asked = (tab: Page) => tab.locator("[data-testid=confirm-dialog][open]");
const focused = (tab: Page) =>
  tab.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.testid);

describe("on the page of a run that failed, looking at a step that was done", () => {
  test("the key r begins no run: it opens the question, and held or pressed again it does no more", async ({
    failed,
    openTab,
  }) => {
    const { world, id } = await failed();
    const tab = await openTab(`${world.url}/w/${id}?step=ansi`);
    await untilStatus(tab, "failed");
    await tab.keyboard.press("r");
    await asked(tab).waitFor();
    expect(await tab.locator("#confirm-title").textContent()).toBe(
      "Retry “Loud output” from “Very many lines”?",
    );
    await tab.locator("[data-testid=plan-runs]", { hasText: "3. Are you sure asks" }).waitFor();
    expect(await tab.locator("[data-testid=plan-kept-as-it-is]").textContent()).toContain("ANSI");
    expect(await focused(tab)).toBe("harmless");
    // The key is still down, and pressed again: each `down` without an `up` is a repetition.
    for (let held = 0; held < 10; held++) await tab.keyboard.down("r");
    await tab.keyboard.up("r");
    await tab.locator("[data-testid=confirm]:enabled").waitFor();
    await tab.keyboard.press("r");
    expect(await asked(tab).count()).toBe(1);
    expect(await world.count()).toBe(1);
    await tab.keyboard.press("Escape");
    await asked(tab).waitFor({ state: "detached" });
    expect(await world.count()).toBe(1);
  });

  test("Enter held down on the button opens the question and leaves it open", async ({
    failed,
    openTab,
  }) => {
    const { world, id } = await failed();
    const tab = await openTab(`${world.url}/w/${id}`);
    await tab.locator("[data-testid=retry]").focus();
    for (let held = 0; held < 10; held++) await tab.keyboard.down("Enter");
    await asked(tab).waitFor();
    await tab.keyboard.up("Enter");
    expect(await asked(tab).count()).toBe(1);
    expect(await world.count()).toBe(1);
  });

  test("a double click or a double tap on the button begins none, wherever the dialog comes up", async ({
    failed,
    openTab,
  }) => {
    const { world, id } = await failed();
    const tab = await openTab(`${world.url}/w/${id}`);
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
      [390, 300],
      [640, 400],
    ] as const) {
      await tab.setViewportSize({ width, height });
      const place = (await tab.locator("[data-testid=retry]").boundingBox())!;
      // However long this machine takes from one click to the other, for the page they are one double click.
      const letGo = await holdTimers(tab, DOUBLE_CLICK_MS);
      await tab.locator("[data-testid=retry]").click();
      // The second click where the first one was, and where the question's yes has come up.
      await tab.mouse.click(place.x + 5, place.y + 5);
      const yes = await tab.locator("[data-testid=confirm]").boundingBox();
      if (yes) await tab.mouse.click(yes.x + 5, yes.y + 5);
      // Where the dialog is still there, its yes was not meant, and is one that can be pressed once the time is over.
      await letGo();
      if ((await asked(tab).count()) > 0)
        await tab.locator("[data-testid=confirm]:enabled").waitFor();
      await tab.keyboard.press("Escape");
      await asked(tab).waitFor({ state: "detached" });
    }
    expect(await world.count()).toBe(1);
  });

  test("a double click on the confirmation begins one", async ({ failed, openTab }) => {
    const { world, id } = await failed();
    const tab = await openTab(`${world.url}/w/${id}`);
    await tab.locator("[data-testid=retry]").click();
    await tab.locator("[data-testid=confirm]").dblclick();
    await tab.locator("[data-testid=retried-from]").waitFor();
    await asked(tab).waitFor({ state: "detached" });
    expect(await world.count()).toBe(2);
  });

  test("going back leaves an open question behind, unanswered", async ({ failed, openTab }) => {
    const { world, id } = await failed();
    const tab = await openTab(`${world.url}/?q=${id}`);
    await tab.locator(`a[href*="/w/${id}"]`).first().click();
    await tab.locator("[data-testid=retry]").click();
    await asked(tab).waitFor();
    await tab.goBack();
    await asked(tab).waitFor({ state: "detached" });
    await tab.goForward();
    await tab.locator("[data-testid=retry]").waitFor();
    expect(await asked(tab).count()).toBe(0);
    expect(await world.count()).toBe(1);
  });
});
