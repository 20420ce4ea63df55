/** Cancelling workflows of the server's own: said only once it is proven, whoever asks and however often. */
import { describe, expect } from "vitest";
import { hastyClock } from "../../support/hastyClock.js";
import { processesOf, untilSomeOf } from "../../support/processes.js";
import { runnerTest as test } from "../../support/runnerWorld.js";

const steps = (run: string) =>
  `name: long\nsteps:\n  - action: first\n    run: ${JSON.stringify(run)}\n  - action: second\n    run: echo never\n`;

describe("cancelling", () => {
  test("ends a command with all it started before it is said", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("long.yaml", steps("sleep 1000 & sleep 1000"));
    const id = await world.start("long");
    await untilSomeOf(id, 3);
    const answer = await world.command("stop", { workflow_id: id });
    expect(answer).toMatchObject({ status: 202, body: { message: "Workflow is stopping" } });
    const state = await world.ended(id);
    expect(processesOf(id)).toEqual([]);
    expect(state).toMatchObject({ status: "cancelled", steps: [{ status: "cancelled" }, {}] });
    expect(state.steps[1]?.status).toBe("pending");
    expect(state.stop_requested).toBeUndefined();
  });

  test("ends what left the group, too", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "long.yaml",
      steps("setsid sleep 1000 & setsid sh -c 'sleep 1000 & wait' & sleep 1000"),
    );
    const id = await world.start("long");
    await untilSomeOf(id, 5);
    await world.command("stop", { workflow_id: id });
    expect((await world.ended(id)).status).toBe("cancelled");
    expect(processesOf(id)).toEqual([]);
  });

  test("kills what ignores the asking, at the deadline", async ({ runnerWorld }) => {
    const world = await runnerWorld({ clock: hastyClock(20) });
    world.define("long.yaml", steps("trap '' TERM; echo deaf; while :; do sleep 0.1; done"));
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "deaf");
    await world.command("stop", { workflow_id: id });
    const state = await world.ended(id);
    expect(state).toMatchObject({
      status: "cancelled",
      steps: [{ data: { signal: "SIGKILL" } }, {}],
    });
    expect(processesOf(id)).toEqual([]);
  });

  test("does not wait where somebody says so", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("long.yaml", steps("trap '' TERM; echo deaf; while :; do sleep 0.1; done"));
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "deaf");
    await world.command("stop", { workflow_id: id });
    expect(await world.stateOf(id)).toMatchObject({ status: "running", stop_requested: {} });
    await world.command("stop", { workflow_id: id, now: true });
    expect((await world.ended(id)).steps[0]).toMatchObject({ data: { signal: "SIGKILL" } });
  });

  test("lets a command tidy up, and keeps what it says", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "long.yaml",
      steps("trap 'echo tidy; exit 0' TERM; echo ready; while :; do sleep 0.05; done"),
    );
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "ready");
    await world.command("stop", { workflow_id: id });
    expect((await world.ended(id)).status).toBe("cancelled");
    // The shell itself may say that its `sleep` was ended.
    expect(await world.outputOf(id, 0)).toMatch(/^ready\n(Terminated\n)?tidy\n$/);
  });

  test("is for a step that waits to try again as well", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "again.yaml",
      "name: again\nsteps:\n  - action: a\n    run: exit 1\n    retries: 1\n    backoff: 1h\n",
    );
    const id = await world.start("again");
    const waiting = await world.until(id, ({ steps }) => steps[0]?.retry_at != null);
    expect(waiting.steps[0]).toMatchObject({ status: "in_progress", error: "exit code 1" });
    await world.command("stop", { workflow_id: id });
    expect(await world.ended(id)).toMatchObject({ status: "cancelled" });
  });

  test("stopping the server interrupts what runs, and leaves no process", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("long.yaml", steps("echo begun; sleep 1000"));
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "begun");
    await world.server.restart();
    expect(processesOf(id)).toEqual([]);
    expect(await world.stateOf(id)).toMatchObject({
      status: "interrupted",
      interruption: { reason: "server_restart", step: 0, since: expect.any(String) },
      steps: [{ status: "interrupted" }, { status: "pending" }],
    });
  });
});

describe("a step that takes too long", () => {
  test("is stopped with all it started, and fails", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "slow.yaml",
      "name: slow\nsteps:\n  - action: a\n    run: sleep 1000 & sleep 1000\n    timeout: 300ms\n",
    );
    const id = await world.start("slow");
    const state = await world.ended(id);
    expect(state.error_message).toBe("a: took longer than 300ms and was stopped");
    expect(processesOf(id)).toEqual([]);
  });
});
