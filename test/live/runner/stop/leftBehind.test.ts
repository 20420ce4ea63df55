/** Processes that a step's command leaves running: named in its log and in a note, whatever becomes of it. */
import { afterEach, describe, expect } from "vitest";
import { hastyClock } from "../../../support/clocks/hastyClock.js";
import { processesOf } from "../../../support/servers/processes.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";
import { livesTest } from "../../../support/servers/serverLives.js";

const recipe = (run: string, more = "") =>
  `name: left\nsteps:\n  - action: up\n    run: ${JSON.stringify(run)}\n${more && `    ${more}\n`}`;

const daemons = new Set<string>();
afterEach(() => {
  for (const id of daemons) for (const pid of processesOf(id)) process.kill(pid, "SIGKILL");
  daemons.clear();
});

/** Until then it has the name, and the process group, of what starts it. */
const IS_SLEEP = "until grep -q sleep /proc/$!/comm; do :; done";

describe("a process that a command leaves running", () => {
  test("a process that a command leaves running is ended and named", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "left.yaml",
      recipe(`nohup sleep 1000 >/dev/null 2>&1 & ${IS_SLEEP}; echo "pid $!"`),
    );
    const { status, steps } = await world.ended(await world.start("left"));
    const output = await world.outputOf((await world.stateOf("current")).workflow_id, 0);
    const [, pid] = /pid (\d+)/.exec(output)!;
    expect(status).toBe("completed");
    expect(output).toBe(`pid ${pid}\ninstep: ended 1 process it left: ${pid} (sleep)\n`);
    expect(steps[0]?.notes).toEqual([`Ended 1 process it left: ${pid} (sleep).`]);
  });

  test("processes that a command leaves running are counted, and of many only some are named", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "left.yaml",
      recipe(`for i in 1 2 3 4 5 6 7 8; do sleep 1000 & ${IS_SLEEP}; done`),
    );
    const { steps } = await world.ended(await world.start("left"));
    expect(steps[0]?.notes).toEqual([
      expect.stringMatching(
        /^Ended 8 processes it left: (\d+ \(sleep\), ){4}\d+ \(sleep\) and 3 more\.$/,
      ),
    ]);
  });

  test("a process left running is not named where it ends by itself at once, and its last output is kept", async ({
    runnerWorld,
  }) => {
    // A tenth of real time: a fifth of a second is two for what runs here.
    const world = await runnerWorld({ clock: hastyClock(0.1) });
    world.define("left.yaml", recipe("(sleep 0.05; echo last) & echo first"));
    const id = await world.start("left");
    const { steps } = await world.ended(id);
    expect(await world.outputOf(id, 0)).toBe("first\nlast\n");
    expect(steps[0]?.notes ?? []).toEqual([]);
  });

  test("a process left running is named while it is waited for, and killed where it does not end", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "left.yaml",
      recipe(`(trap '' TERM; exec sleep 1000) & ${IS_SLEEP}; printf half`, "stop_timeout: 2s"),
    );
    const id = await world.start("left");
    const waiting = await world.until(id, ({ steps }) => steps[0]?.notes?.length === 1);
    expect(waiting.steps[0]).toMatchObject({
      status: "in_progress",
      notes: [expect.stringMatching(/^Waiting for \d+ \(sleep\) to end\.$/)],
    });
    const { status, steps } = await world.ended(id);
    expect(status).toBe("completed");
    const [named] = /\d+ \(sleep\)/.exec(steps[0]!.notes![0]!)!;
    const killed = `${named} did not end within 2s of SIGTERM and was killed`;
    expect(steps[0]?.notes).toEqual([`Ended 1 process it left: ${named}; ${killed}.`]);
    expect(await world.outputOf(id, 0)).toBe(
      `half\ninstep: waiting for ${named} to end\ninstep: ${killed}\ninstep: ended 1 process it left: ${named}\n`,
    );
  });

  test("a process left running lives on where it left the group, and that is said", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("left.yaml", recipe(`setsid sleep 1000 >/dev/null 2>&1 & ${IS_SLEEP}`));
    const id = await world.start("left");
    daemons.add(id);
    const { steps } = await world.ended(id);
    const [pid] = processesOf(id);
    expect(steps[0]?.notes).toEqual([
      `Lives on, outside of the command's process group: ${pid} (sleep).`,
    ]);
  });

  test("a process left running is said where it holds the output", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("left.yaml", recipe(`echo begun; setsid sleep 1000 & ${IS_SLEEP}`));
    const id = await world.start("left");
    daemons.add(id);
    await world.ended(id);
    expect(await world.outputOf(id, 0)).toMatch(
      /^begun\ninstep: lives on.*\ninstep: what still holds this output is not read any more.*\n$/,
    );
  });

  test("a process left running has a name that steers nothing", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "left.yaml",
      recipe(
        String.raw`cp "$(command -v sleep)" "$(printf 'a\nb\033[2Jc')"; ./a* 1000 & until grep -q 2Jc /proc/$!/comm; do :; done`,
      ),
    );
    const { steps } = await world.ended(await world.start("left"));
    expect(steps[0]?.notes).toEqual([expect.stringMatching(/: \d+ \(a bc\)\.$/)]);
  });
});

describe("a step that leaves something on purpose", () => {
  test("a step that leaves a process on purpose ends at once, and says which lives on", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("left.yaml", recipe(`sleep 1000 & ${IS_SLEEP}; echo begun`, "leaves: true"));
    const id = await world.start("left");
    daemons.add(id);
    const { steps } = await world.ended(id);
    const [pid] = processesOf(id);
    expect(steps[0]).toMatchObject({
      status: "completed",
      notes: [`Left running on purpose: ${pid} (sleep).`],
    });
    expect(await world.outputOf(id, 0)).toMatch(
      /^begun\ninstep: left running on purpose: \d+ \(sleep\)\n/,
    );
  });

  test("a step that leaves a process on purpose leaves none where its command fails, takes too long or is cancelled", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("left.yaml", recipe("sleep 1000 & exit 3", "leaves: true"));
    const failed = await world.start("left");
    expect((await world.ended(failed)).steps[0]).toMatchObject({
      error: "exit code 3",
      notes: [expect.stringMatching(/^Ended 1 process it left/)],
    });
    expect(processesOf(failed)).toEqual([]);

    const busy = "setsid sleep 1000 & sleep 1000 & echo begun; sleep 1000";
    world.define("left.yaml", recipe(busy, "leaves: true\n    timeout: 300ms"));
    const late = await world.start("left");
    expect((await world.ended(late)).status).toBe("failed");
    expect(processesOf(late)).toEqual([]);

    world.define("left.yaml", recipe(busy, "leaves: true"));
    const cancelled = await world.start("left");
    await world.until(cancelled, ({ steps }) => steps[0]?.message === "begun");
    await world.command("stop", { workflow_id: cancelled });
    expect((await world.ended(cancelled)).status).toBe("cancelled");
    expect(processesOf(cancelled)).toEqual([]);
  });

  livesTest(
    "a process that is left on purpose lives on through the end, the crash and the clean-up of a server",
    async ({ lives }) => {
      const first = await lives.begin();
      first.define(
        "left.yaml",
        `${recipe("sleep 1001 >/dev/null 2>&1 & setsid sleep 1002 >/dev/null 2>&1 &", "leaves: true")}
  - { action: outside, run: "setsid sleep 1003 >/dev/null 2>&1 & ${IS_SLEEP}" }
  - { action: work, survives: false, run: "sleep 1004 & echo begun; sleep 1005" }\n`,
      );
      const id = await first.start("left");
      daemons.add(id);
      await first.until(id, ({ steps }) => steps[2]?.message === "begun");
      const daemonsOf = () => processesOf(id).length;
      await first.kill();
      const second = await lives.begin();
      await second.until(id, ({ interruption }) => interruption?.processes === "ended");
      expect(daemonsOf()).toBe(3);

      await second.command("resume", { workflow_id: id });
      await second.until(id, ({ steps }) => steps[2]?.message === "begun");
      await second.command("stop", { workflow_id: id });
      const { steps, status } = await second.ended(id);
      expect(status).toBe("cancelled");
      expect(daemonsOf()).toBe(3);
      expect(steps[0]?.notes?.at(-1)).toMatch(
        /^Still runs after the cancel: \d+ \(sleep\), \d+ \(sleep\)\.$/,
      );
      expect(steps[1]?.notes?.at(-1)).toMatch(/^Still runs after the cancel: \d+ \(sleep\)\.$/);
      expect(steps[2]?.notes ?? []).toEqual([]);

      second.process.signal("SIGTERM");
      await second.process.exitCode;
      expect(daemonsOf()).toBe(3);
    },
  );
});
