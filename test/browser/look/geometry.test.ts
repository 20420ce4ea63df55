/** Where things stand on a workflow's page: a slim head, the log in the upper third, steps or log in the first screen of every size. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { PATIENCE_MS } from "../../support/deadline.js";
import { pageTest, type TestServer } from "../pageTest.js";
import { atRest, untilStatus } from "../tab.js";

const LONG = "A name that says more than any line of a page can hold ".repeat(6).trim();
const STEP = "/workflow/state/steps/1";

/** What becomes of a workflow of which the second step has printed 300 lines. */
const ENDS: Readonly<Record<string, object>> = {
  running: { message: "at work" },
  failed: { status: "failed", error_message: `Copy: ${LONG}` },
  completed: { status: "completed" },
  cancelled: { status: "cancelled" },
  interrupted: { status: "interrupted" },
  blocked: {
    status: "blocked",
    block_info: {
      id: "q",
      step: 1,
      prompt: "The A record still points to 10.0.0.9. Switch it now?",
      fields: {
        switch: { type: "boolean", required: true, title: "Switch it" },
        ttl: { type: "number", title: "Time to live" },
      },
    },
  },
};
const STATUSES = Object.keys(ENDS);

interface Names {
  readonly title: string;
  readonly step: string;
}

async function report(server: TestServer, status: string, names: Names): Promise<string> {
  const workflow_id = `${status}-${names.title.length}`;
  const steps = Array.from({ length: 40 }, (_, index) => ({
    action: `step-${index}`,
    title: `${names.step} ${index}`,
  }));
  await server.send("POST", "/workflow/state", { workflow_id, title: names.title, steps });
  const id = `?workflow_id=${workflow_id}`;
  await server.send("PATCH", `/workflow/state/steps/0${id}`, { status: "completed" });
  await server.send("PATCH", STEP + id, { status: "in_progress", progress: 0.4 });
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join("");
  const printed = await fetch(`${server.url}${STEP}/log${id}`, { method: "POST", body: lines });
  expect(printed.ok).toBe(true);
  const { status: ended } = ENDS[status] as { status?: string };
  if (ended === "failed" || ended === "completed")
    await server.send("PATCH", STEP + id, { status: ended });
  await server.send("PATCH", `/workflow/state${id}`, ENDS[status]);
  return `${server.url}/w/${workflow_id}?step=step-1`;
}

/** Once it stays where it is: the log measures the window a frame after it is there. */
const box = (tab: Page, selector: string) =>
  atRest(tab, () =>
    tab.evaluate((selector) => {
      const { top, bottom, left, right, width, height } = document
        .querySelector(selector)!
        .getBoundingClientRect();
      return { top, bottom, left, right, width, height };
    }, selector),
  );

const scrollsSideways = (tab: Page) =>
  tab.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

/** Of the first step or line that is wholly to be seen without scrolling; nothing of it may be covered. */
const firstScreenHas = (tab: Page, selector: string) =>
  tab.evaluate((selector) => {
    return [...document.querySelectorAll(selector)].some((one) => {
      const { top, bottom, left } = one.getBoundingClientRect();
      const isIn = top >= 0 && bottom <= window.innerHeight && bottom > top;
      return isIn && one.contains(document.elementFromPoint(left + 40, (top + bottom) / 2));
    });
  }, selector);

async function open(tab: Page, address: string, width: number, height: number, status: string) {
  await tab.setViewportSize({ width, height });
  await tab.goto(address);
  await untilStatus(tab, status);
  await tab.locator("[data-step]").first().waitFor({ state: "attached" });
}

const NAMES: readonly Names[] = [
  { title: "Nightly backup", step: "Copy" },
  { title: LONG, step: LONG },
];

describe("at 1280 x 800", () => {
  for (const status of STATUSES) {
    pageTest(
      `a ${status} workflow has a head of 96 px, and the log from the upper third on with three fifths of the window`,
      async ({ startServer, openTab }) => {
        const server = await startServer();
        const tab = await openTab("about:blank");
        for (const names of NAMES) {
          await open(tab, await report(server, status, names), 1280, 800, status);
          await tab.locator(".output-line").first().waitFor();
          const log = await box(tab, "[data-testid=output]");
          expect((await box(tab, ".workflow-head")).bottom).toBeLessThanOrEqual(96);
          expect(log.top).toBeLessThanOrEqual(267);
          expect(log.height).toBeGreaterThanOrEqual(480);
          expect(log.bottom).toBeLessThanOrEqual(800);
          expect(await scrollsSideways(tab)).toBe(false);
          expect(await tab.evaluate(() => document.documentElement.scrollHeight)).toBe(800);
        }
      },
    );
  }
});

describe("why it failed", () => {
  const WHY = "Compile the sources: Error: Cannot find module '/srv/app/index.js'";
  for (const [width, height] of [
    [1280, 800],
    [1440, 900],
    [390, 844],
  ] as const) {
    pageTest(
      `the reason of a failure is wholly to be read in the head of a window of ${width} px`,
      async ({ startServer, openTab }) => {
        const { url, send } = await startServer();
        const name = "A step with a name that makes its button as wide as one gets";
        await send("POST", "/workflow/state", {
          workflow_id: "why",
          title: "Deploy",
          status: "failed",
          error_message: `${WHY} (exit code 1)`,
          current_step: 1,
          steps: [
            {
              action: "prepare",
              status: "completed",
              tasks: [{ name: "optional", status: "failed" }],
            },
            { action: "compile", title: name, status: "failed", error: `${WHY} (exit code 1)` },
          ],
        });
        const tab = await openTab("about:blank");
        await open(tab, `${url}/w/why`, width, height, "failed");
        const text = tab.locator("[data-testid=headline]");
        expect(await text.textContent()).toContain("index.js");
        const cut = await text.evaluate((element) => {
          const lines = element.parentElement!;
          return lines.scrollHeight - lines.clientHeight;
        });
        expect(cut).toBeLessThanOrEqual(1);
      },
    );
  }
});

pageTest(
  "what can be done with a damaged workflow stands apart from the words above it and from each other",
  async ({ startServer, openTab, dataDir }) => {
    const first = await startServer();
    await first.send("POST", "/workflow/state", { workflow_id: "torn", steps: [{ action: "a" }] });
    await first.close();
    const folder = join(dataDir, "workflows");
    const [file] = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    const record = await readFile(join(folder, file!));
    await writeFile(join(folder, `${file}.bak`), record);
    await writeFile(join(folder, file!), "{");
    const { url } = await startServer();
    const tab = await openTab("about:blank");
    for (const width of [1280, 390]) {
      await tab.setViewportSize({ width, height: 800 });
      await tab.goto(`${url}/w/torn`);
      await tab.locator("[data-testid=restore]").waitFor();
      const [words, restore, away, frame, top] = await Promise.all(
        [".empty p", "[data-testid=restore]", "[data-testid=put-away]", ".empty", ".top"].map(
          (selector) => box(tab, selector),
        ),
      );
      expect(restore!.top - words!.bottom).toBeGreaterThanOrEqual(8);
      expect(frame!.top - top!.bottom).toBeGreaterThanOrEqual(8);
      const apart = Math.max(away!.left - restore!.right, away!.top - restore!.bottom);
      expect(apart).toBeGreaterThanOrEqual(8);
    }
  },
);

pageTest(
  "a definition of forty steps takes no more of the start page than two lines for them",
  async ({ startServer, openTab, dataDir }) => {
    const workflowsDir = join(dataDir, "definitions");
    await mkdir(workflowsDir);
    const steps = Array.from(
      { length: 40 },
      (_, index) =>
        `  - { action: s${index}, title: "Step ${index} of which the name is long", run: "true" }`,
    );
    await writeFile(join(workflowsDir, "many.yaml"), `name: many\nsteps:\n${steps.join("\n")}\n`);
    const { url } = await startServer({ workflowsDir });
    const tab = await openTab("about:blank");
    for (const width of [1280, 390]) {
      await tab.setViewportSize({ width, height: 800 });
      await tab.goto(`${url}/start`);
      const more = tab.locator(".definition-more");
      await more.waitFor();
      expect((await box(tab, ".definition-more")).height).toBeLessThanOrEqual(44);
      expect(await more.textContent()).toMatch(/^many\.yaml · 40 steps: Step 0/);
    }
  },
);

/** The sum of all layout shifts from now on, as the browser counts them, and what moved. */
const watchShifts = (tab: Page) =>
  tab.evaluate(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, sources = [] } = entry as PerformanceEntry & {
          value: number;
          sources?: { node: Node | null }[];
        };
        const moved = sources.map(({ node }) => (node as Element | null)?.className ?? "text");
        shifts.push(`${value.toFixed(5)}: ${moved.join(", ")}`);
      }
    }).observe({ type: "layout-shift" });
  });
const shiftsOf = (tab: Page) =>
  tab.evaluate(() => (window as unknown as { shifts: string[] }).shifts);

describe("while a workflow runs", () => {
  pageTest(
    "head and log stay where they are, and what then wants a decision does not move the log",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      const tab = await openTab("about:blank");
      const { send, url } = server;
      const steps = ["One", "A second with a longer name", "Three"].map((title) => ({
        action: title,
        title,
      }));
      await send("POST", "/workflow/state", { workflow_id: "moving", title: "Moving", steps });
      await send("PATCH", "/workflow/state/steps/0", { status: "in_progress" });
      await open(tab, `${url}/w/moving`, 1280, 800, "running");
      await tab.locator("[data-testid=output]").waitFor();
      // The counter of other runs, which looks for them a moment later, has found none.
      await expect.poll(() => tab.evaluate(() => performance.now())).toBeGreaterThan(3_000);
      await watchShifts(tab);
      const before = await box(tab, "[data-testid=output]");
      for (let step = 0; step < 2; step += 1) {
        for (let percent = 1; percent <= 9; percent += 1) {
          const lines = Array.from({ length: 40 }, (_, n) => `line ${percent} ${n}\n`).join("");
          await fetch(`${url}/workflow/state/steps/${step}/log`, { method: "POST", body: lines });
          await send("PATCH", `/workflow/state/steps/${step}`, { progress: percent / 10 });
        }
        await send("PATCH", `/workflow/state/steps/${step}`, { status: "completed" });
        await send("PATCH", `/workflow/state/steps/${step + 1}`, { status: "in_progress" });
        await tab.locator(`[data-step="${step + 1}"][data-status=in_progress]`).waitFor();
      }
      await tab.locator("[data-testid=output]").waitFor();
      // A row opens as its step begins: a hundredth of what counts as a shift at all, and neither log nor head is in it.
      // Lines of a log that is followed move up as others come: a slow machine draws that in two frames.
      const isOfLines = (shift: string) => /^[\d.]+: (output-(block|line)(, )?)+$/.test(shift);
      const shifts = (await shiftsOf(tab)).filter((shift) => !isOfLines(shift));
      const sum = shifts.reduce((all, shift) => all + Number.parseFloat(shift), 0);
      expect(sum, shifts.join("\n")).toBeLessThan(0.01);
      expect(shifts.join("\n")).not.toMatch(/output-log|fact|choices|workflow-now|workflow-title/);
      expect(await box(tab, "[data-testid=output]")).toEqual(before);
      for (const status of ["blocked", "interrupted"]) {
        await send("PATCH", "/workflow/state", { ...ENDS[status] });
        await untilStatus(tab, status);
        await tab.locator(".notices > *").first().waitFor();
        expect(await box(tab, "[data-testid=output]")).toEqual(before);
      }
    },
  );
});

describe("on a wide screen", () => {
  for (const width of [1920, 3840]) {
    pageTest(
      `the log has the room on a screen of ${width} px`,
      async ({ startServer, openTab }) => {
        const server = await startServer();
        const tab = await openTab("about:blank");
        await open(tab, await report(server, "running", NAMES[0]!), width, 1080, "running");
        await tab.locator(".output-line").first().waitFor();
        const log = await box(tab, "[data-testid=output]");
        expect(log.right).toBeGreaterThanOrEqual(width - 48);
        expect(log.width).toBeGreaterThanOrEqual(width - 600);
        expect(log.height).toBeGreaterThanOrEqual(0.6 * 1080);
      },
    );
  }
});

const SMALL: readonly (readonly [number, number])[] = [
  [320, 640],
  [390, 844],
  [640, 400],
  [768, 1024],
  [844, 390],
];

describe("on a small screen", () => {
  for (const status of STATUSES.filter((one) => one !== "blocked")) {
    pageTest(
      `steps or log of a ${status} workflow are in the first screen`,
      async ({ startServer, openTab }) => {
        const server = await startServer();
        const tab = await openTab("about:blank");
        for (const names of NAMES) {
          const address = await report(server, status, names);
          for (const [width, height] of SMALL) {
            await open(tab, address, width, height, status);
            const at = `${width} x ${height}, ${names.title.length} characters`;
            const isThere = () => firstScreenHas(tab, "[data-step] .step-line, .output-line");
            await expect.poll(isThere, { message: at, timeout: PATIENCE_MS }).toBe(true);
            expect(await scrollsSideways(tab), at).toBe(false);
          }
        }
      },
    );
  }

  pageTest(
    "the answer to a question of two fields can be given in the first screen",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      const tab = await openTab("about:blank");
      const address = await report(server, "blocked", NAMES[0]!);
      for (const [width, height] of SMALL) {
        await open(tab, address, width, height, "blocked");
        const at = `${width} x ${height}`;
        const isThere = () => firstScreenHas(tab, "[data-testid=answer]");
        await expect.poll(isThere, { message: at, timeout: PATIENCE_MS }).toBe(true);
        expect(await scrollsSideways(tab), at).toBe(false);
        // Beside the log the form scrolls by itself.
        if (width > 640) continue;
        // Between it and the window's end, or the bar there, is nothing: a field that shows again below it looks lost.
        const foot = await box(tab, ".question-foot");
        const bar = await tab.evaluate(() => {
          const choices = document.querySelector(".choices")!;
          const isBar = getComputedStyle(choices).position === "fixed";
          return isBar ? choices.getBoundingClientRect().top : window.innerHeight;
        });
        const form = await box(tab, "[data-testid=question]");
        if (form.bottom > bar + 1) expect(foot.bottom, at).toBeGreaterThanOrEqual(bar - 2);
      }
    },
  );
});
