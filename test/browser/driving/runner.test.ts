/** Workflows of the server's own on the page: started, watched, answered, cancelled, retried, whatever happens to the tab. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import type { InstepOptions } from "../../../server/server.js";
import { until } from "../../support/deadline.js";
import { processesOf, untilSomeOf } from "../../support/servers/processes.js";
import { type RunnerCalls, runnerAt } from "../../support/servers/runnerWorld.js";
import { pageTest } from "../pageTest.js";
import {
  atRest,
  pictureOf,
  press,
  untilPill,
  untilStatus,
  untilStep,
  withOwnSocket,
} from "../tab.js";

interface World extends RunnerCalls {
  readonly url: string;
  close(): Promise<void>;
}

const test = pageTest.extend<{
  /** Again after a `close`: the next server on the same data. */
  world: (options?: Partial<InstepOptions>) => Promise<World>;
  /** A workflow whose server ended while its second step waited, and the server that came after. */
  interrupted: () => Promise<{ world: World; id: string }>;
}>({
  world: async ({ startServer, dataDir }, use) => {
    await use(async (options = {}) => {
      const workflowsDir = join(dataDir, "definitions");
      mkdirSync(workflowsDir, { recursive: true });
      const env = { PATH: process.env.PATH };
      const { url, close } = await startServer({
        workflowsDir,
        env,
        clearAfterMs: 600_000,
        ...options,
      });
      return { url, close, ...runnerAt(() => url, workflowsDir) };
    });
  },

  interrupted: async ({ world }, use) => {
    await use(async () => {
      const first = await world();
      first.define("long.yaml", LONG);
      const id = await first.start("long");
      await first.until(id, ({ steps }) => steps[1]?.message === "waiting");
      await first.close();
      return { world: await world(), id };
    });
  },
});

const DEPLOY = `
name: deploy
title: Deploy the shop
inputs:
  host: { type: string, required: true, pattern: '^[a-z.]+$', title: Host }
  mode: { type: choice, options: [blue, green], default: blue }
  times: { type: number, min: 1, max: 5 }
  key: { type: secret }
steps:
  - { action: check, title: Check it, run: 'echo "checking $INPUT_HOST in $INPUT_MODE"' }
  - action: sure
    ask:
      prompt: "It points to 10.0.0.9.\\nSwitch it now?"
      fields:
        go: { type: boolean, required: true, title: Switch }
        note: { type: string, title: Note, pattern: '^[a-z ]*$' }
  - { action: switch, run: 'echo "note: $ANSWER_NOTE"' }
  - { action: extra, run: echo extra, enabled: false }
`;
const LONG = `
name: long
steps:
  - { action: first, run: echo first }
  - { action: wait, run: 'echo waiting; sleep 1000 & until test -e go; do sleep 0.05; done; echo done' }
  - { action: last, run: echo last }
`;
const BREAKS =
  "name: breaks\nsteps:\n  - { action: one, run: echo one }\n  - { action: two, run: 'echo trying; test -e go' }\n  - { action: three, run: echo three }\n";

const log = (tab: Page) => tab.locator("[data-testid=output]");
const untilLog = (tab: Page, text: string) => log(tab).getByText(text, { exact: true }).waitFor();

describe("a workflow that is started from the page", () => {
  test("a start is refused in place where an input does not fit, and starts once however often it is pressed", async ({
    world,
    openTab,
  }) => {
    const { url, define, ended } = await world();
    define(
      "deploy.yaml",
      DEPLOY.replace(/ {2}- action: sure[\s\S]*?(?= {2}- \{ action: switch)/, ""),
    );
    define("broken.yaml", "name: broken\nsteps: 7\n");
    const tab = await openTab(`${url}/start`);
    await tab.getByText("broken.yaml:2:1").waitFor();
    await tab.getByRole("link", { name: "Deploy the shop" }).click();

    const start = tab.locator("[data-testid=start]");
    await start.click();
    await tab.locator("[data-testid=errors]", { hasText: "Give the host." }).waitFor();
    await tab.getByRole("link", { name: "Give the host." }).click();
    await tab.keyboard.type("Not A Host");
    await tab.getByLabel("times").fill("9");
    await start.click();
    const errors = tab.locator("[data-testid=errors]");
    await errors.getByText("must match").waitFor();
    await errors.getByText("Times must be at most 5.").waitFor();
    await tab.getByLabel("Host").fill("example.com");
    await tab.getByLabel("times").fill("2");
    await tab.getByLabel("green").check();
    await tab.locator("#input-key").fill("secret-1234");
    await tab.getByLabel("switch").uncheck();
    await tab.getByLabel("extra").check();
    // What was typed and switched is there after a reload; a secret is not.
    await tab.reload();
    await until(
      async () => (await tab.getByLabel("Host").inputValue()) === "example.com",
      "the draft is there",
    );
    expect(await tab.getByLabel("green").isChecked()).toBe(true);
    expect(await tab.getByLabel("extra").isChecked()).toBe(true);
    expect(await tab.locator("#input-key").inputValue()).toBe("");
    await tab.locator("#input-key").fill("secret-1234");
    await start.dblclick();
    await tab.waitForURL("**/w/*");
    const id = decodeURIComponent(new URL(tab.url()).pathname.slice("/w/".length));
    const state = await ended(id);
    expect(state.inputs).toEqual({ host: "example.com", mode: "green", times: 2, key: "***" });
    expect(state.steps.map(({ status }) => status)).toEqual(["completed", "skipped", "completed"]);
    const list = await (await fetch(`${url}/workflows`)).json();
    expect(list.workflows).toHaveLength(1);

    // Again, beginning with what it was started with; a secret is typed again.
    await untilStatus(tab, "completed");
    await tab.getByRole("link", { name: "Run again…" }).click();
    await until(
      async () => (await tab.getByLabel("Host").inputValue()) === "example.com",
      "the form is filled in",
    );
    expect(await tab.getByLabel("green").isChecked()).toBe(true);
    expect(await tab.getByLabel("switch").isChecked()).toBe(false);
    expect(await tab.locator("#input-key").inputValue()).toBe("");
  });

  test("a workflow goes on through ten refreshes, a second tab, a cut link and with no tab at all", async ({
    world,
    openTab,
  }) => {
    const { url, define, start, ended, outputOf } = await world();
    define(
      "count.yaml",
      "name: count\nsteps:\n  - { action: count, run: 'i=0; until test -e go; do i=$((i+1)); echo line $i; sleep 0.02; done' }\n  - { action: last, run: echo last }\n",
    );
    const id = await start("count");
    const [tab, other] = [await openTab(`${url}/w/${id}`), await openTab(`${url}/w/${id}`)];
    for (let refresh = 0; refresh < 10; refresh++) {
      await log(tab)
        .getByText(/^line \d+$/)
        .first()
        .waitFor();
      await tab.reload();
    }
    await log(tab)
      .getByText(/^line \d+$/)
      .first()
      .waitFor();
    // Both move on four times a second: in between they are the same.
    await until(
      async () => isDeepStrictEqual(await pictureOf(tab), await pictureOf(other)),
      "both tabs show the same",
    );
    await withOwnSocket(tab);
    await untilPill(tab, "Live");
    await tab.context().setOffline(true);
    await tab.evaluate(() => window.dispatchEvent(new Event("offline")));
    await untilPill(tab, "Offline");
    await tab.context().setOffline(false);
    await tab.evaluate(() => window.dispatchEvent(new Event("online")));
    await untilPill(tab, "Live");
    for (const one of [tab, other]) await one.goto("about:blank");
    define("go", "");
    expect((await ended(id)).status).toBe("completed");
    const printed = (await outputOf(id, 0)).trimEnd().split("\n");
    expect(printed).toEqual(printed.map((_, index) => `line ${index + 1}`));

    const late = await openTab(`${url}/w/${id}?step=count`);
    await untilStatus(late, "completed");
    await log(late).press("End");
    await untilLog(late, printed.at(-1)!);
    await other.goto(`${url}/w/${id}?step=count`);
    await untilStatus(other, "completed");
    expect(await pictureOf(other)).toEqual(await pictureOf(late));
  });
});

describe("a question", () => {
  test("a question is answered in one tab and seen in the other, with its draft kept over a reload", async ({
    world,
    openTab,
  }) => {
    const { url, define, start, ended, outputOf } = await world();
    define("deploy.yaml", DEPLOY);
    const id = await start("deploy", { inputs: { host: "example.com" } });
    const [one, other] = [await openTab(`${url}/w/${id}`), await openTab(`${url}/w/${id}`)];
    const question = one.locator("[data-testid=question]");
    await question.getByText("Switch it now?").waitFor();
    await one.getByLabel("Note").fill("all fine");
    await one.reload();
    await untilStatus(one, "blocked");
    await expect.poll(() => one.getByLabel("Note").inputValue()).toBe("all fine");

    await other.getByLabel("Note").fill("not so fast");
    await one.locator("[data-testid=answer]").click();
    await one
      .locator("[data-testid=errors]", { hasText: "Choose yes or no for “Switch”." })
      .waitFor();
    await one.getByLabel("Yes").check();
    await one.locator("[data-testid=answer]").click();
    for (const tab of [one, other]) {
      await untilStatus(tab, "completed");
      await tab.locator("[data-testid=question]").waitFor({ state: "detached" });
    }
    const told = other.locator("[data-testid=answered-elsewhere]");
    expect(await told.textContent()).toMatch(
      /was answered by browser tab .*: go: yes, note: all fine\. What you typed was not sent\./,
    );
    expect(await one.locator("[data-testid=answered-elsewhere]").count()).toBe(0);
    await told.getByRole("button", { name: "Close" }).click();
    await told.waitFor({ state: "detached" });
    const state = await ended(id);
    expect(state.steps[1]?.answer).toEqual({ go: true, note: "all fine" });
    expect(state.steps[1]?.answered?.by).toMatch(/^browser tab/);
    expect(await outputOf(id, 2)).toBe("note: all fine\n");
    await other.locator("[data-step='1'] .step-name").click();
    await other.locator("[data-step='1']", { hasText: "Answered by browser tab" }).waitFor();
  });
});

describe("a command", () => {
  test("a command is cancelled for real: the page says so once it is proven", async ({
    world,
    openTab,
  }) => {
    const { url, define, start } = await world();
    define("long.yaml", LONG);
    const id = await start("long");
    const [one, other] = [await openTab(`${url}/w/${id}`), await openTab(`${url}/w/${id}`)];
    await untilSomeOf(id, 2);
    await untilLog(one, "waiting");
    await one.locator("[data-testid=cancel]").click();
    await one.getByText("all it started are told to end").waitFor();
    await one.locator("[data-testid=confirm]").click();
    for (const tab of [one, other]) await untilStatus(tab, "cancelled");
    expect(processesOf(id)).toEqual([]);
    await untilStep(other, 1, "cancelled");
    await untilStep(other, 2, "pending");
  });

  test("a command that ignores the asking is killed from the page", async ({ world, openTab }) => {
    const { url, define, start } = await world();
    define(
      "deaf.yaml",
      "name: deaf\nsteps:\n  - { action: deaf, stop_timeout: 1h, run: \"trap '' TERM; echo deaf; while :; do sleep 0.1; done\" }\n",
    );
    const id = await start("deaf");
    const tab = await openTab(`${url}/w/${id}`);
    await untilLog(tab, "deaf");
    await tab.keyboard.press("c");
    await tab.locator("[data-testid=confirm]").click();
    await tab.locator("[data-testid=cancelling]", { hasText: "Cancelling…" }).waitFor();
    await press(tab, "kill");
    await untilStatus(tab, "cancelled");
    expect(processesOf(id)).toEqual([]);
  });

  test("a command that failed is tried again from its step, with what was done kept", async ({
    world,
    openTab,
  }) => {
    const { url, define, start, ended, stateOf } = await world();
    define("breaks.yaml", BREAKS);
    const id = await start("breaks");
    await ended(id);
    const tab = await openTab(`${url}/w/${id}`);
    await untilStatus(tab, "failed");
    await tab.locator("[data-testid=headline]", { hasText: "exit code 1" }).waitFor();
    await untilLog(tab, "trying");
    define("go", "");
    await tab.getByRole("button", { name: "Retry from two…" }).click();
    await tab.locator("[data-testid=confirm]").click();
    await tab.locator("[data-testid=retried-from]").waitFor();
    await untilStatus(tab, "completed");
    const again = new URL(tab.url()).pathname.slice("/w/".length);
    expect(await stateOf(again)).toMatchObject({ retried_from: { workflow_id: id, step: 1 } });
    await tab.locator("[data-testid=retried-from] a").click();
    await untilStatus(tab, "failed");
  });
});

describe("a refresh", () => {
  const cases: readonly (readonly [string, string, (world: World, id: string) => Promise<void>])[] =
    [
      ["running", LONG, async () => {}],
      ["blocked", DEPLOY, async () => {}],
      ["failed", BREAKS, async () => {}],
      ["completed", BREAKS, async ({ define }: World) => define("go", "")],
      [
        "cancelled",
        LONG,
        async ({ command }: World, id: string) => void (await command("stop", { workflow_id: id })),
      ],
    ];
  for (const [status, source, prepare] of cases) {
    test(`a refresh shows a workflow that is ${status} as it was`, async ({ world, openTab }) => {
      const here = await world();
      here.define("one.yaml", source);
      const name = /name: (\w+)/.exec(source)![1]!;
      if (status === "completed") await prepare(here, "");
      const id = await here.start(name, name === "deploy" ? { inputs: { host: "a.b" } } : {});
      if (status === "running" || status === "cancelled") {
        await here.until(id, ({ steps }) => steps[1]?.message === "waiting");
      }
      if (status === "cancelled") await prepare(here, id);
      await here.until(id, (state) => state.status === status);
      const tab = await openTab(`${here.url}/w/${id}`);
      await untilStatus(tab, status);
      await tab.locator("[data-step='0'] .step-name").click();
      await tab.locator(".step.is-chosen[data-step='0']").waitFor();
      const before = await atRest(tab, () => pictureOf(tab));
      const address = tab.url();
      await tab.reload();
      await untilStatus(tab, status);
      await expect.poll(() => pictureOf(tab)).toEqual(before);
      expect(tab.url()).toBe(address);
      expect(await tab.locator(".step.is-chosen").getAttribute("data-step")).toBe("0");
      here.define("go", "");
      await here.command("stop", { workflow_id: id, now: true });
    });
  }
});

describe("a workflow that was interrupted", () => {
  test("an interrupted workflow is shown as it was after a refresh, and resumed from the page", async ({
    interrupted,
    openTab,
  }) => {
    const { world, id } = await interrupted();
    const tab = await openTab(`${world.url}/w/${id}`);
    await untilStatus(tab, "interrupted");
    const before = await atRest(tab, () => pictureOf(tab));
    await tab.reload();
    await untilStatus(tab, "interrupted");
    await expect.poll(() => pictureOf(tab)).toEqual(before);
    world.define("go", "");
    await tab
      .locator(".workflow-head [data-testid=resume]", { hasText: "Resume from wait" })
      .click();
    await tab.locator("[data-testid=confirm]").click();
    await untilStatus(tab, "completed");
    await tab.locator("[data-step='1']", { hasText: "2 attempts" }).waitFor();
  });

  test("an interrupted workflow goes on behind its interrupted step once a person says that it is done", async ({
    interrupted,
    openTab,
  }) => {
    const { world, id } = await interrupted();
    const tab = await openTab(`${world.url}/w/${id}`);
    await tab.locator(".workflow-head [data-testid=mark-done]").click();
    await tab.getByRole("dialog").getByText("Mark “wait” as done?").waitFor();
    await tab.locator("[data-testid=confirm]").click();
    await untilStatus(tab, "completed");
    const step = tab.locator("[data-step='1'][data-status='completed']");
    await step.locator(".step-name").click();
    await step.getByText(/^Marked as done by browser tab .* after it was interrupted\.$/).waitFor();
  });
});

describe("what matters now", () => {
  test("what matters now is in the window by itself: the newest line, the step that is chosen, the line of a link", async ({
    world,
    openTab,
  }) => {
    const { url, define, start } = await world();
    const quick = Array.from({ length: 30 }, (_, n) => `  - { action: step-${n}, run: echo ${n} }`);
    define(
      "thirty.yaml",
      `name: thirty\nsteps:\n${quick.join("\n")}\n  - { action: talks, run: 'seq 1000; until test -e go; do sleep 0.02; done' }\n`,
    );
    const id = await start("thirty");
    const tab = await openTab(`${url}/w/${id}`);
    await untilStep(tab, 30, "in_progress");
    await untilLog(tab, "1000");
    const inWindow = (selector: string) =>
      until(
        () =>
          tab.evaluate((selector) => {
            const shown = [...document.querySelectorAll(selector)].at(-1)!.getBoundingClientRect();
            const side = document.querySelector(".steps-side")!.getBoundingClientRect();
            const isStep = selector.includes("data-step");
            const bottom = isStep ? Math.min(side.bottom, innerHeight) : innerHeight;
            return shown.top >= 0 && shown.bottom <= bottom && window.scrollY === 0;
          }, selector),
        `${selector} is in the window`,
      );
    for (const size of [
      { width: 1280, height: 800 },
      { width: 1600, height: 1000 },
    ]) {
      await tab.setViewportSize(size);
      await inWindow(".output-line");
      await inWindow("[data-testid=output]");
    }
    await inWindow("[data-step='30']");
    await tab.keyboard.press("j");
    for (let up = 0; up < 25; up++) await tab.keyboard.press("k");
    await tab.waitForURL("**?step=step-5");
    await inWindow("[data-step='5']");

    // Whoever goes back to the step at work goes on with the run.
    await tab.locator("[data-step='30'] .step-name").click();
    await tab.waitForURL((address) => address.search === "");

    const phone = await openTab(`${url}/`);
    await phone.setViewportSize({ width: 390, height: 844 });
    await phone.goto(`${url}/w/${id}?step=talks#L400-L402`);
    await phone.locator(".output-line", { hasText: /^400/ }).first().waitFor();
    define("go", "");
    await untilStatus(phone, "completed");
  });
});

describe("many steps", () => {
  test("a thousand are drawn, followed and gone through by keyboard alone", async ({
    startServer,
    openTab,
  }) => {
    const server = await startServer();
    const steps = Array.from({ length: 1_000 }, (_, index) => ({
      action: `step-${index}`,
      status: index < 500 ? "completed" : index === 500 ? "in_progress" : "pending",
    }));
    await server.send("POST", "/workflow/state", { workflow_id: "many", current_step: 500, steps });
    const tab = await openTab(`${server.url}/w/many`);
    await untilStep(tab, 500, "in_progress");
    await expect.poll(() => tab.locator("[data-step]").count()).toBe(1_000);
    expect(await tab.locator(".step.is-chosen").getAttribute("data-step")).toBe("500");
    await tab.keyboard.press("k");
    await tab.waitForURL("**?step=step-499");
    await tab.keyboard.press("j");
    await tab.keyboard.press("j");
    await tab.waitForURL("**?step=step-501");
    await server.send("PATCH", "/workflow/state/steps/500?workflow_id=many", {
      status: "completed",
    });
    await untilStep(tab, 500, "completed");
    await tab.keyboard.press("?");
    await tab.getByRole("dialog").getByText("Next step").waitFor();
    await tab.keyboard.press("Escape");
    await tab.keyboard.press("t");
    await tab.locator("#pane-timeline").waitFor();
  });
});
