/** Commands that are told of a workflow's end and of its questions: with what happened, at least once, and without changing it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { hookRunsOf } from "../../../../shared/state/hookRuns.js";
import { until } from "../../../support/deadline.js";
import { processesOf, untilSomeOf } from "../../../support/servers/processes.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const told = (run: string, more = "", step = "run: echo done") =>
  `name: told\n${more}on_end: { run: ${JSON.stringify(run)} }\nsteps:\n  - { action: work, ${step} }\n`;
const isTold = (state: object): boolean =>
  hookRunsOf(state as Record<string, unknown>).some(({ status }) => status !== "running");

describe("on_end", () => {
  test("on_end is told how it ended, on standard input and in variables", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    world.define(
      "told.yaml",
      told(
        'cat > told.json; echo "$INSTEP_EVENT $INSTEP_STATUS $INSTEP_ERROR $INSTEP_WORKFLOW_ID"',
        "",
        "run: exit 3",
      ),
    );
    const id = await world.start("told");
    const state = await world.until(id, isTold);
    expect(state).toMatchObject({ status: "failed", error_message: "work: exit code 3" });
    expect(hookRunsOf(state)).toMatchObject([
      {
        kind: "end",
        attempt: 1,
        status: "completed",
        started_at: expect.any(String),
        finished_at: expect.any(String),
        last_lines: [`ended failed work: exit code 3 ${id}`],
      },
    ]);
    const summary = JSON.parse(readFileSync(join(folder, "workflows", "told.json"), "utf8"));
    expect(summary).toMatchObject({
      event: "ended",
      workflow_id: id,
      status: "failed",
      error_message: "work: exit code 3",
    });
  });

  test("an on_end that fails, or takes too long, changes nothing of the end, and says why", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("told.yaml", told("echo no; exit 7"));
    const state = await world.until(await world.start("told"), isTold);
    expect(state.status).toBe("completed");
    expect(hookRunsOf(state)).toMatchObject([
      { status: "failed", error: "exit code 7", last_lines: ["no"] },
    ]);
    const slow =
      "name: slow\non_end: { run: sleep 1000, timeout: 300ms }\nsteps: [{ action: a, run: echo }]\n";
    world.define("slow.yaml", slow);
    const late = await world.until(await world.start("slow"), isTold);
    expect(late.status).toBe("completed");
    expect(hookRunsOf(late)).toMatchObject([{ error: "took longer than 300ms and was stopped" }]);
    expect(processesOf(late.workflow_id)).toEqual([]);
  });

  test("on_end finds secrets, and shows none", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "told.yaml",
      told('echo "the key is $INPUT_KEY"', "inputs: { key: { type: secret } }\n"),
    );
    const id = await world.start("told", { inputs: { key: "long-secret-key" } });
    expect(hookRunsOf(await world.until(id, isTold))[0]?.last_lines).toEqual(["the key is ***"]);
  });

  test("on_end keeps the workflow in view until it was told, and goes with it into the history", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld({ clearAfterMs: 1 });
    world.define("told.yaml", told("until test -e go; do sleep 0.02; done; echo told"));
    const id = await world.start("told");
    await world.until(id, (state) => hookRunsOf(state).length > 0);
    expect(existsSync(join(folder, "workflows", "go"))).toBe(false);
    world.define("go", "");
    await until(async () => isTold((await world.stateOf(id)) ?? {}), "it is told");
    expect(hookRunsOf(await world.stateOf(id))).toMatchObject([{ last_lines: ["told"] }]);
  });

  test("an on_end that the server's end cut short is run again by the next server", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "told.yaml",
      told('echo "$INSTEP_ATTEMPT"; until test -e go; do sleep 0.02; done'),
    );
    const id = await world.start("told");
    await world.until(id, (state) => hookRunsOf(state).length > 0);
    await untilSomeOf(id, 1);
    await world.server.restart();
    world.define("go", "");
    const state = await world.until(id, isTold);
    expect(state.status).toBe("completed");
    expect(hookRunsOf(state)).toMatchObject([
      { attempt: 2, status: "completed", last_lines: ["2"] },
    ]);
  });
});

describe("on_blocked", () => {
  test("on_blocked is told of each question, once", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "told.yaml",
      "name: told\non_blocked: { run: 'echo \"asks: $INSTEP_QUESTION\"' }\nsteps:\n  - { action: one, ask: { prompt: One? } }\n  - { action: two, ask: { prompt: Two? } }\n",
    );
    const id = await world.start("told");
    await world.until(id, isTold);
    await world.command("answer", { workflow_id: id, answer: {} });
    const state = await world.until(
      id,
      (one) => hookRunsOf(one).filter(({ status }) => status === "completed").length === 2,
    );
    expect(hookRunsOf(state)).toMatchObject([
      { kind: "blocked", last_lines: ["asks: One?"] },
      { kind: "blocked", last_lines: ["asks: Two?"] },
    ]);
  });
});
