/** Cancelling workflows of the server's own: said only once it is proven, whoever asks and however often. */
import { describe, expect } from "vitest";
import { hastyClock } from "../../../support/clocks/hastyClock.js";
import { processesOf, untilOneIs, untilSomeOf } from "../../../support/servers/processes.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const steps = (run: string) =>
  `name: long\nsteps:\n  - action: first\n    run: ${JSON.stringify(run)}\n  - action: second\n    run: echo never\n`;

describe("cancelling", () => {
  test("cancelling ends a command with all it started before it is said", async ({
    runnerWorld,
  }) => {
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

  test("cancelling ends processes that left the group, too", async ({ runnerWorld }) => {
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

  test("cancelling kills what ignores the asking, at the deadline", async ({ runnerWorld }) => {
    const world = await runnerWorld({ clock: hastyClock(20) });
    world.define("long.yaml", steps("trap '' TERM; echo deaf; while :; do sleep 0.1; done"));
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "deaf");
    await world.command("stop", { workflow_id: id });
    const state = await world.ended(id);
    expect(state).toMatchObject({
      status: "cancelled",
      steps: [
        {
          data: { signal: "SIGKILL" },
          notes: [
            expect.stringMatching(
              /^\d+ \(sh\).* did not end within 10s of SIGTERM and (was|were) killed\.$/,
            ),
          ],
        },
        {},
      ],
    });
    expect(processesOf(id)).toEqual([]);
    expect(await world.outputOf(id, 0)).toMatch(
      /^deaf\ninstep: cancelled: told to end by SIGTERM; SIGKILL follows in 10s\ninstep: waiting for .* to end\ninstep: .* did not end within 10s of SIGTERM and (was|were) killed\n$/,
    );
  });

  test("cancelling does not wait where somebody says so", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("long.yaml", steps("trap '' TERM; echo deaf; while :; do sleep 0.1; done"));
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "deaf");
    await world.command("stop", { workflow_id: id });
    expect(await world.stateOf(id)).toMatchObject({ status: "running", stop_requested: {} });
    await world.command("stop", { workflow_id: id, now: true });
    expect((await world.ended(id)).steps[0]).toMatchObject({ data: { signal: "SIGKILL" } });
  });

  test("cancelling lets a command tidy up, and keeps what it says", async ({ runnerWorld }) => {
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
    expect(await world.outputOf(id, 0)).toMatch(
      /^ready\ninstep: cancelled: told to end by SIGTERM; SIGKILL follows in 10s\n(Terminated\n)?tidy\n$/,
    );
  });

  test("cancelling is for a step that waits to try again as well", async ({ runnerWorld }) => {
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
  test("a step that takes too long is stopped with all it started, and fails", async ({
    runnerWorld,
  }) => {
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

describe("the signal that tells a step to end", () => {
  const one = (run: string, more: string) =>
    `name: long\nsteps:\n  - action: work\n    run: ${JSON.stringify(run)}\n    ${more}\n`;
  const until = "while :; do sleep 0.05; done";

  test.for(["INT", "HUP", "QUIT", "USR1", "USR2", "TERM"])(
    "a step is told to end by SIG%s where it says so",
    async (signal, { runnerWorld }) => {
      const world = await runnerWorld();
      const run = `for s in INT HUP QUIT USR1 USR2 TERM; do trap "echo got $s; exit 0" $s; done; echo ready; ${until}`;
      world.define("long.yaml", one(run, `stop_signal: ${signal}`));
      const id = await world.start("long");
      await world.until(id, ({ steps }) => steps[0]?.message === "ready");
      await world.command("stop", { workflow_id: id });
      expect((await world.ended(id)).status).toBe("cancelled");
      expect(await world.outputOf(id, 0)).toContain(
        `instep: cancelled: told to end by SIG${signal}; SIGKILL follows in 10s\n`,
      );
      expect(await world.outputOf(id, 0)).toContain(`got ${signal}\n`);
    },
  );

  test("SIGINT reaches a program behind a shell, also where the server ignores it", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const run =
      'python3 -uc \'import time\ntry:\n  print("ready")\n  time.sleep(1000)\nexcept KeyboardInterrupt:\n  print("interrupted")\'; echo behind';
    world.define("long.yaml", one(run, "stop_signal: SIGINT"));
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "ready");
    await world.command("stop", { workflow_id: id });
    expect((await world.ended(id)).status).toBe("cancelled");
    expect(await world.outputOf(id, 0)).toContain("interrupted\n");
  });

  test("a step is ended at once by SIGKILL, or with no time between", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    const deaf = `trap '' TERM; echo ready; ${until}`;
    for (const more of ["stop_signal: KILL", "stop_timeout: 0s"]) {
      world.define("long.yaml", one(deaf, more));
      const id = await world.start("long");
      await world.until(id, ({ steps }) => steps[0]?.message === "ready");
      await world.command("stop", { workflow_id: id });
      expect((await world.ended(id)).steps[0]).toMatchObject({ data: { signal: "SIGKILL" } });
    }
  });

  test("the error of a step that took too long says that it was killed", async ({
    runnerWorld,
  }) => {
    const clock = hastyClock(1);
    const world = await runnerWorld({ clock });
    const more = "timeout: 1h\n    stop_timeout: 700ms\n    stop_signal: INT";
    world.define("long.yaml", one("trap '' INT; exec sleep 1000", more));
    const id = await world.start("long");
    await untilOneIs(id, "sleep");
    clock.advance(3_600_000);
    expect((await world.ended(id)).error_message).toBe(
      "work: took longer than 1h and was stopped; it did not end within 700ms of SIGINT and was killed",
    );
    expect(await world.outputOf(id, 0)).toMatch(
      /^instep: took longer than 1h: told to end by SIGINT; SIGKILL follows in 700ms\ninstep: \d+ \(sleep\) did not end within 700ms of SIGINT and was killed\n$/,
    );
  });

  test("the signal to end reaches a step that is stopped", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("long.yaml", one("trap 'echo tidy; exit 0' TERM; echo ready; kill -STOP $$", ""));
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "ready");
    await world.command("stop", { workflow_id: id });
    expect((await world.ended(id)).status).toBe("cancelled");
    expect(await world.outputOf(id, 0)).toMatch(/tidy\n$/);
  });

  test("the time a step has to end is bounded when the server stops, and that is said", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("long.yaml", one("trap '' TERM; echo ready; exec sleep 1000", "stop_timeout: 1h"));
    const id = await world.start("long");
    await world.until(id, ({ steps }) => steps[0]?.message === "ready");
    await untilOneIs(id, "sleep");
    await world.server.restart();
    expect((await world.stateOf(id)).status).toBe("interrupted");
    expect(await world.outputOf(id, 0)).toMatch(
      /^ready\ninstep: the server stops: told to end by SIGTERM; SIGKILL follows in 3\.5s\n(?:.*\n)*instep: \d+ \(sleep\) did not end within 3\.\ds of SIGTERM and was killed\n$/,
    );
  });

  test("a stop signal that there is not is refused at its line", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("long.yaml", one("true", "stop_signal: STOP"));
    const { body } = await world.command("start", { name: "long" });
    expect(JSON.stringify(body)).toContain("TERM, INT, HUP, QUIT, USR1, USR2, KILL");
  });
});
