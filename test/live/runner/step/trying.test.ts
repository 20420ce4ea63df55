/** Steps that fail: tried again, passed over, timed out; and ended workflows tried again from a step. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { hastyClock } from "../../../support/clocks/hastyClock.js";
import { processesOf } from "../../../support/servers/processes.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const THREE = `
name: three
inputs:
  word: { type: string, default: hello }
  key: { type: secret }
steps:
  - { action: one, run: echo "one $INPUT_WORD" }
  - { action: two, run: 'echo "two $INPUT_WORD \${INPUT_KEY:-none}"; test -e go' }
  - { action: three, run: echo three }
`;

describe("a step that fails", () => {
  test("a step that fails may be passed over, and is still shown as failed", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "on.yaml",
      "name: on\nsteps:\n  - { action: a, when_failed: continue, run: exit 7 }\n  - { action: b, run: echo b }\n",
    );
    const state = await world.ended(await world.start("on"));
    expect(state).toMatchObject({
      status: "completed",
      steps: [{ status: "failed", error: "exit code 7" }, { status: "completed" }],
    });
  });

  test("a step that fails may say itself why", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    const run = "echo ::error::First.; echo '::error::The disk is full: make room.' >&2; exit 4";
    world.define("say.yaml", `name: say\nsteps:\n  - { action: a, run: "${run}" }\n`);
    const state = await world.ended(await world.start("say"));
    expect(state).toMatchObject({
      error_message: "a: The disk is full: make room.",
      steps: [{ error: "The disk is full: make room.", data: { exit_code: 4 } }],
    });
  });

  test("a step that fails because its program is not there says so", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("no.yaml", "name: no\nsteps:\n  - { action: a, argv: [not-there-at-all] }\n");
    const state = await world.ended(await world.start("no"));
    expect(state.steps[0]?.error).toMatch(
      /^there is no program not-there-at-all in PATH=.+ \(exit code 127\)$/,
    );
  });

  test("a step that fails because of a signal names it", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("sig.yaml", "name: sig\nsteps:\n  - { action: a, run: kill -9 $$ }\n");
    const state = await world.ended(await world.start("sig"));
    expect(state.steps[0]).toMatchObject({ status: "failed", data: { signal: "SIGKILL" } });
    expect(state.steps[0]?.error).toContain("SIGKILL");
  });

  test("a step that fails says when it is tried again", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "later.yaml",
      "name: later\nsteps:\n  - { action: a, retries: 1, backoff: 1h, run: exit 1 }\n",
    );
    const id = await world.start("later");
    const state = await world.until(id, ({ steps }) => steps[0]?.retry_at != null);
    const waitMs = Date.parse(String(state.steps[0]?.retry_at)) - Date.now();
    expect(waitMs).toBeGreaterThan(0);
    expect(state.status).toBe("running");
    await world.command("stop", { workflow_id: id });
    expect((await world.ended(id)).status).toBe("cancelled");
  });

  test("a step that is ended by its timeout leaves nothing running", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "slow.yaml",
      "name: slow\nsteps:\n  - { action: a, timeout: 300ms, run: sleep 1000 & sleep 1000 }\n",
    );
    const id = await world.start("slow");
    const state = await world.ended(id);
    expect(state.steps[0]?.error).toMatch(/300ms|timed out|took longer/);
    expect(processesOf(id)).toEqual([]);
  });
});

describe("a process that cannot be ended", () => {
  test("a process that cannot be ended is reported so, and not called cancelled", async ({
    runnerWorld,
  }) => {
    const real = new Set<number>();
    let isDeaf = true;
    const world = await runnerWorld({
      clock: hastyClock(50),
      // As a process in uninterruptible sleep: the signal is taken, and nothing happens.
      signalGroup: (group, signal) => {
        real.add(group);
        if (isDeaf && signal !== 0) return true;
        try {
          return process.kill(-group, signal);
        } catch {
          return false;
        }
      },
    });
    world.define("deaf.yaml", "name: deaf\nsteps:\n  - { action: a, run: exec sleep 1000 }\n");
    const id = await world.start("deaf");
    await world.until(id, ({ steps }) => steps[0]?.status === "in_progress");
    await world.command("stop", { workflow_id: id });
    const state = await world.ended(id);
    isDeaf = false;
    for (const group of real) process.kill(-group, "SIGKILL");
    // Still on record, so that the next server looks for it.
    expect(readdirSync(join(world.server.dataDir, "processes"))).toHaveLength(1);
    expect(state.status).toBe("failed");
    expect(state.steps[0]?.status).toBe("failed");
    expect(state.steps[0]?.error).toMatch(/may still be running: \d+ \(sleep\)/);
  });
});

describe("retrying", () => {
  test("a retry makes a new workflow that keeps what was done", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("three.yaml", THREE);
    const id = await world.start("three", { inputs: { word: "bye", key: "top-secret" } });
    const failed = await world.ended(id);
    expect(failed).toMatchObject({ status: "failed", steps: [{}, { status: "failed" }, {}] });

    world.define("go", "");
    const answer = await world.command("retry", { workflow_id: id });
    expect(answer).toMatchObject({ status: 201, body: { message: "Workflow started" } });
    const again = answer.body.workflow_id;
    expect(again).not.toBe(id);
    const state = await world.ended(again);
    expect(state).toMatchObject({
      status: "completed",
      retried_from: { workflow_id: id, step: 1 },
      inputs: { word: "bye", key: "***" },
    });
    expect(state.steps[0]).toMatchObject({
      status: "completed",
      started_at: failed.steps[0]?.started_at,
      finished_at: failed.steps[0]?.finished_at,
    });
    expect(await world.outputOf(again, 1)).toBe("two bye ***\n");
    // The old one is what it was.
    expect(await world.stateOf(id)).toEqual(failed);
  });

  test("a retry goes from any step that is named, by its action or its index", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("three.yaml", THREE);
    world.define("go", "");
    const id = await world.start("three");
    await world.ended(id);
    for (const from of ["three", 2]) {
      const answer = await world.command("retry", { workflow_id: id, from });
      const state = await world.ended(answer.body.workflow_id);
      expect(state.retried_from).toMatchObject({ workflow_id: id, step: 2 });
      expect(await world.outputOf(answer.body.workflow_id, 2)).toBe("three\n");
    }
  });

  test("a retry is refused with a reason where it cannot be", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("three.yaml", THREE);
    world.define("long.yaml", "name: long\nsteps:\n  - { action: a, run: sleep 1000 }\n");
    world.define("go", "");
    const done = await world.start("three", { skip: ["three"] });
    await world.ended(done);
    const running = await world.start("long");
    await world.server.saved({ workflow_id: "tab", status: "completed", steps: [{ action: "a" }] });
    for (const [body, status, code] of [
      [{ workflow_id: running }, 409, "not_waiting"],
      [{ workflow_id: "nobody" }, 404, "unknown_workflow"],
      [{ workflow_id: "tab" }, 409, "not_resumable"],
      [{ workflow_id: done, from: "four" }, 400, "bad_message"],
      [{ workflow_id: done, from: 9 }, 400, "bad_message"],
      [{ workflow_id: done, from: "three" }, 409, "step_switched_off"],
    ] as const) {
      const answer = await world.command("retry", body);
      expect([body, answer.status, answer.body.code]).toEqual([body, status, code]);
    }
    await world.command("stop", { workflow_id: running, now: true });
  });

  test("a retry runs the recipe that the workflow was started with, also where its file was edited since", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("three.yaml", THREE);
    const id = await world.start("three");
    await world.ended(id);
    world.define("three.yaml", THREE.replace("echo three", "echo another"));
    world.define("go", "");
    const answer = await world.command("retry", { workflow_id: id });
    expect((await world.ended(answer.body.workflow_id)).status).toBe("completed");
    expect(await world.outputOf(answer.body.workflow_id, 2)).toBe("three\n");
  });

  test("a retry finds what the kept steps left, also a retry of a retry", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "keeps.yaml",
      `
name: keeps
steps:
  - { action: make, run: 'echo made > "made-$INSTEP_FIRST_WORKFLOW_ID"' }
  - { action: use, run: 'cat "made-$INSTEP_FIRST_WORKFLOW_ID"; test -e go' }
`,
    );
    let id = await world.start("keeps");
    for (let retry = 0; retry < 3; retry++) {
      expect((await world.ended(id)).status).toBe("failed");
      expect(await world.outputOf(id, 1)).toBe("made\n");
      if (retry === 2) world.define("go", "");
      id = (await world.command("retry", { workflow_id: id })).body.workflow_id;
    }
    expect((await world.ended(id)).status).toBe("completed");
  });
});
