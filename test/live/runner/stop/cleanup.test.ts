/** Steps that clean up: after a failure, a cancel, the end of the time; the workflow's own end stays what it was. */
import { describe, expect } from "vitest";
import { hastyClock } from "../../../support/clocks/hastyClock.js";
import { processesOf } from "../../../support/servers/processes.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const recipe = (steps: string, more = "") => `name: tidy\n${more}steps:\n${steps}`;

const BUILD_FAILS = '  - { action: build, run: "exit 3" }\n';
const SHIP = "  - { action: ship, run: echo shipped }\n";
const CLEAN = "  - { action: clean, when: always, run: echo cleaned }\n";
const UNDO = "  - { action: undo, when: failure, run: echo undone }\n";
/** Says when it begins, and goes on until it is ended. */
const LONG = "  - { action: long, survives: false, run: 'echo begun; sleep 1000' }\n";
/** Ends when the folder has a file "go". */
const SLOW_CLEAN =
  "  - action: clean\n    when: always\n    idempotent: true\n    run: |\n      echo cleaning\n      until test -e go; do sleep 0.02; done\n      echo cleaned\n";

const begun =
  (index: number, word: string) =>
  ({ steps }: { steps: { message?: unknown }[] }) =>
    steps[index]?.message === word;

describe("cleaning up after a failure", () => {
  test("cleaning up runs after a failure, what waits for success does not, and the first error stays", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(BUILD_FAILS + SHIP + UNDO + CLEAN));
    const id = await world.start("tidy");
    const state = await world.ended(id);
    expect(state).toMatchObject({
      status: "failed",
      error_message: "build: exit code 3",
      steps: [
        { status: "failed" },
        { status: "pending" },
        { status: "completed", when: "failure" },
        { status: "completed", when: "always" },
      ],
    });
    expect(state.ending).toBeUndefined();
    expect(await world.outputOf(id, 3)).toBe("cleaned\n");
  });

  test("everybody reads how a workflow will end while it cleans up after a failure", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(BUILD_FAILS + SLOW_CLEAN));
    const id = await world.start("tidy");
    const state = await world.until(id, begun(1, "cleaning"));
    expect(state).toMatchObject({
      status: "running",
      ending: { status: "failed", error_message: "build: exit code 3" },
    });
    world.define("go", "");
    expect(await world.ended(id)).toMatchObject({ status: "failed", current_step: 1 });
  });

  test("a failure of cleaning up after a failure is its own, and the first cause stays", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "tidy.yaml",
      recipe(`${BUILD_FAILS}  - { action: clean, when: always, run: exit 4 }\n${UNDO}`),
    );
    expect(await world.ended(await world.start("tidy"))).toMatchObject({
      status: "failed",
      error_message: "build: exit code 3",
      steps: [{}, { status: "failed", error: "exit code 4" }, { status: "completed" }],
    });
  });
});

describe("cleaning up where all goes well", () => {
  test("cleaning up runs in its place where all goes well, and what is for a failure is left out and says so", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(UNDO + CLEAN + SHIP));
    expect(await world.ended(await world.start("tidy"))).toMatchObject({
      status: "completed",
      steps: [
        { status: "skipped", skip_reason: "when", completion_note: "Only runs after a failure." },
        { status: "completed" },
        { status: "completed" },
      ],
    });
  });

  test("a failure of cleaning up fails a workflow in which all else went well", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(`${SHIP}  - { action: clean, when: always, run: exit 4 }\n`));
    expect(await world.ended(await world.start("tidy"))).toMatchObject({
      status: "failed",
      error_message: "clean: exit code 4",
    });
  });

  test("a failure that is passed over is marked, and is none to what is for a failure", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const lint = "  - { action: lint, continue_on_error: true, run: exit 5 }\n";
    world.define("tidy.yaml", recipe(lint + UNDO + SHIP));
    expect(await world.ended(await world.start("tidy"))).toMatchObject({
      status: "completed",
      steps: [{ status: "failed", continued: true }, { status: "skipped" }, {}],
    });
  });
});

describe("cleaning up after a cancel", () => {
  test("cleaning up runs after a cancel, and cancelled is said when it is done", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(LONG + SHIP + UNDO + SLOW_CLEAN));
    const id = await world.start("tidy");
    await world.until(id, begun(0, "begun"));
    await world.command("stop", { workflow_id: id });
    expect(await world.until(id, begun(3, "cleaning"))).toMatchObject({
      status: "running",
      stop_requested: { at: expect.any(String) },
      ending: { status: "cancelled" },
      steps: [{ status: "cancelled" }, { status: "pending" }, { status: "skipped" }, {}],
    });
    world.define("go", "");
    const state = await world.ended(id);
    expect(state).toMatchObject({
      status: "cancelled",
      steps: [{}, {}, {}, { status: "completed" }],
    });
    expect(state.error_message).toBeUndefined();
  });

  test("a failure of cleaning up after a cancel is said, and the workflow is cancelled all the same", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(`${LONG}  - { action: clean, when: always, run: exit 4 }\n`));
    const id = await world.start("tidy");
    await world.until(id, begun(0, "begun"));
    await world.command("stop", { workflow_id: id });
    expect(await world.ended(id)).toMatchObject({
      status: "cancelled",
      error_message: "Cleaning up failed: clean: exit code 4",
    });
  });

  test("a second cancel does not stop cleaning up, one at once does, and leaves no process", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(LONG + SLOW_CLEAN + CLEAN.replace("clean", "last")));
    const id = await world.start("tidy");
    await world.until(id, begun(0, "begun"));
    await world.command("stop", { workflow_id: id });
    await world.until(id, begun(1, "cleaning"));
    await world.command("stop", { workflow_id: id });
    expect(await world.stateOf(id)).toMatchObject({ status: "running" });
    await world.command("stop", { workflow_id: id, now: true });
    expect(await world.ended(id)).toMatchObject({
      status: "cancelled",
      steps: [{}, { status: "cancelled" }, { status: "skipped", skip_reason: "stopped" }],
    });
    expect(processesOf(id)).toEqual([]);
  });

  test("a cancel that comes while a good run cleans up at its end cancels the workflow", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(SHIP + SLOW_CLEAN));
    const id = await world.start("tidy");
    await world.until(id, begun(1, "cleaning"));
    await world.command("stop", { workflow_id: id });
    world.define("go", "");
    expect(await world.ended(id)).toMatchObject({
      status: "cancelled",
      steps: [{ status: "completed" }, { status: "completed" }],
    });
  });

  test("a cancel after a failure ends what is for the failure, cleaning up goes on, and the workflow failed", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const undo = "  - { action: undo, when: failure, run: 'echo undoing; sleep 1000' }\n";
    world.define("tidy.yaml", recipe(BUILD_FAILS + undo + CLEAN));
    const id = await world.start("tidy");
    await world.until(id, begun(1, "undoing"));
    await world.command("stop", { workflow_id: id });
    expect(await world.ended(id)).toMatchObject({
      status: "failed",
      error_message: "build: exit code 3",
      steps: [{}, { status: "cancelled" }, { status: "completed" }],
    });
  });

  test("cleaning up runs after a cancel that ends a question", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(`  - { action: sure, ask: { prompt: Sure? } }\n${CLEAN}`));
    const id = await world.start("tidy");
    await world.until(id, ({ status }) => status === "blocked");
    await world.command("stop", { workflow_id: id });
    expect(await world.ended(id)).toMatchObject({
      status: "cancelled",
      steps: [{ status: "cancelled" }, { status: "completed" }],
    });
  });
});

describe("a retry", () => {
  test("a retry decides anew what was left out", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    const build = "  - { action: build, run: test -e go }\n";
    world.define("tidy.yaml", recipe(build + SHIP + UNDO + CLEAN));
    world.define("go", "");
    const good = await world.ended(await world.start("tidy"));
    expect(good.steps[2]).toMatchObject({ status: "skipped" });
    const { body } = await world.command("retry", { workflow_id: good.workflow_id, from: "undo" });
    expect(await world.ended(body.workflow_id)).toMatchObject({
      status: "completed",
      steps: [{}, {}, { status: "skipped", skip_reason: "when", when: "failure" }, {}],
    });
  });

  test("a retry begins at what failed, and cleans up again", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "tidy.yaml",
      recipe(`  - { action: build, run: test -e go }\n${SHIP}${UNDO}${CLEAN}`),
    );
    const bad = await world.ended(await world.start("tidy"));
    expect(bad).toMatchObject({ status: "failed", steps: [{}, {}, { status: "completed" }, {}] });
    world.define("go", "");
    const { body } = await world.command("retry", { workflow_id: bad.workflow_id });
    expect(await world.ended(body.workflow_id)).toMatchObject({
      status: "completed",
      retried_from: { step: 0 },
      steps: [
        { status: "completed" },
        { status: "completed" },
        { status: "skipped" },
        { status: "completed" },
      ],
    });
  });

  test("a retry keeps switched off what was switched off at the start, also what always runs", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("tidy.yaml", recipe(BUILD_FAILS + CLEAN));
    const id = await world.start("tidy", { skip: ["clean"] });
    expect(await world.ended(id)).toMatchObject({ steps: [{}, { status: "skipped" }] });
    const { body } = await world.command("retry", { workflow_id: id });
    expect((await world.ended(body.workflow_id)).steps[1]).toMatchObject({ status: "skipped" });
    const refused = await world.command("retry", { workflow_id: id, from: "clean" });
    expect(refused).toMatchObject({ status: 409, body: { code: "step_switched_off" } });
  });
});

describe("a workflow that takes too long", () => {
  const limit = "timeout: 1h\n";
  const HOUR_MS = 3_600_000;
  /** Time passes as fast as it does, and faster where a test says so. */
  const hours = () => hastyClock(1);

  test("a workflow that takes too long is stopped, has failed, and cleans up", async ({
    runnerWorld,
  }) => {
    const clock = hours();
    const world = await runnerWorld({ clock });
    world.define("tidy.yaml", recipe(LONG + SHIP + UNDO + SLOW_CLEAN, limit));
    const id = await world.start("tidy");
    await world.until(id, begun(0, "begun"));
    clock.advance(HOUR_MS);
    expect(await world.until(id, begun(3, "cleaning"))).toMatchObject({
      status: "running",
      ending: { status: "failed" },
      steps: [
        { status: "cancelled", completion_note: "Stopped: the workflow took longer than 1h." },
        { status: "pending" },
        { status: "completed" },
        { status: "in_progress" },
      ],
    });
    world.define("go", "");
    expect(await world.ended(id)).toMatchObject({
      status: "failed",
      error_message: "took longer than 1h and was stopped",
    });
    expect(processesOf(id)).toEqual([]);
  });

  test("a workflow that takes too long is ended between its steps, too", async ({
    runnerWorld,
  }) => {
    const clock = hours();
    const world = await runnerWorld({ clock });
    world.define(
      "tidy.yaml",
      recipe(SHIP + SHIP.replace("ship", "more"), `${limit}step_delay: 2h\n`),
    );
    const id = await world.start("tidy");
    await world.until(id, ({ steps }) => steps[0]?.status === "completed");
    clock.advance(HOUR_MS);
    expect(await world.ended(id)).toMatchObject({
      status: "failed",
      error_message: "took longer than 1h and was stopped",
      steps: [{ status: "completed" }, { status: "pending" }],
    });
  });

  test("the time of a workflow is that of all its steps together, not of one", async ({
    runnerWorld,
  }) => {
    const clock = hours();
    const world = await runnerWorld({ clock });
    const nap = (name: string) =>
      `  - { action: ${name}, run: 'echo ${name}; until test -e ${name}-go; do sleep 0.02; done' }\n`;
    world.define("tidy.yaml", recipe(nap("one") + nap("two") + nap("three"), limit));
    const id = await world.start("tidy");
    await world.until(id, begun(0, "one"));
    clock.advance(0.6 * HOUR_MS);
    world.define("one-go", "");
    await world.until(id, begun(1, "two"));
    clock.advance(0.4 * HOUR_MS);
    expect(await world.ended(id)).toMatchObject({
      status: "failed",
      error_message: "took longer than 1h and was stopped",
      steps: [{ status: "completed" }, { status: "cancelled" }, { status: "pending" }],
    });
  });

  test("a workflow that waits for an answer does not take too long, also over a restart", async ({
    runnerWorld,
  }) => {
    const clock = hours();
    const world = await runnerWorld({ clock });
    const sure = "  - { action: sure, ask: { prompt: Sure? }, run: echo sure }\n";
    world.define("tidy.yaml", recipe(sure + SHIP, limit));
    const id = await world.start("tidy");
    await world.until(id, ({ status }) => status === "blocked");
    clock.advance(2 * HOUR_MS);
    await world.server.restart();
    clock.advance(2 * HOUR_MS);
    await world.command("answer", { workflow_id: id, answer: {} });
    expect(await world.ended(id)).toMatchObject({
      status: "completed",
      steps: [{ answered: { waited_ms: expect.any(Number) } }, {}],
    });
  });

  test("a workflow that takes too long counts what it took before the server was started again", async ({
    runnerWorld,
  }) => {
    const clock = hours();
    const world = await runnerWorld({ clock });
    // It ends with the server, as of what it said last: a command in a keeper's hands has the machine's own time.
    const slow =
      "  - { action: slow, survives: false, idempotent: true, run: 'echo begins; until test -e more; do sleep 0.02; done; echo at work $INSTEP_ATTEMPT; sleep 1000' }\n";
    world.define("tidy.yaml", recipe(slow + CLEAN, `${limit}on_restart: resume\n`));
    const id = await world.start("tidy");
    await world.until(id, begun(0, "begins"));
    clock.advance(0.6 * HOUR_MS);
    world.define("more", "");
    await world.until(id, begun(0, "at work 1"));
    await world.server.restart();
    await world.until(id, begun(0, "at work 2"));
    clock.advance(0.4 * HOUR_MS);
    const ended = await world.ended(id);
    expect(ended).toMatchObject({
      status: "failed",
      error_message: "took longer than 1h and was stopped",
      steps: [{ status: "cancelled", attempt: 2 }, { status: "completed" }],
    });
    const [again] = ended.steps;
    const tookMs = Date.parse(again!.finished_at!) - Date.parse(again!.started_at!);
    expect(tookMs).toBeLessThan(HOUR_MS);
  });

  test("a workflow whose own time is over while it cleans up after a failure keeps its first cause", async ({
    runnerWorld,
  }) => {
    const clock = hours();
    const world = await runnerWorld({ clock });
    // Less than what cleaning up may take.
    world.define("tidy.yaml", recipe(BUILD_FAILS + SLOW_CLEAN, "timeout: 5m\n"));
    const id = await world.start("tidy");
    await world.until(id, begun(1, "cleaning"));
    clock.advance(6 * 60_000);
    world.define("go", "");
    expect(await world.ended(id)).toMatchObject({
      status: "failed",
      error_message: "build: exit code 3",
      steps: [{}, { status: "completed" }],
    });
  });

  test("a workflow whose cleaning up does not end is ended after ten minutes, also after a cancel", async ({
    runnerWorld,
  }) => {
    const clock = hastyClock(2_000);
    const world = await runnerWorld({ clock });
    const clean =
      "  - { action: clean, survives: false, when: always, run: 'echo cleaning; sleep 1000' }\n";
    world.define("tidy.yaml", recipe(LONG + clean));
    const id = await world.start("tidy");
    await world.until(id, begun(0, "begun"));
    await world.command("stop", { workflow_id: id });
    expect(await world.ended(id)).toMatchObject({
      status: "cancelled",
      error_message: "Cleaning up failed: clean: took longer than 10m and was stopped",
    });
    expect(processesOf(id)).toEqual([]);
  });
});
