/** Commands of a step in code: how they are stopped, and what they leave. */
import { describe, expect } from "vitest";
import { defineWorkflow, type RunStep } from "../../../../server/server.js";
import { processesOf, untilOneIs } from "../../../support/servers/processes.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const define = (run: (step: RunStep) => unknown, more: object = {}) =>
  defineWorkflow({ name: "code", steps: [{ action: "only", run, ...more }] });

const traps = (signals: string) =>
  `for s in ${signals}; do trap "echo got $s; exit 3" $s; done; echo ready; while :; do sleep 0.05; done`;

describe("a command of a step in code", () => {
  test("a command of a step in code is told to end as the step says, or as the command does", async ({
    runnerWorld,
  }) => {
    for (const [step, command, got] of [
      [{ stopSignal: "INT" }, {}, "INT"],
      [{ stopSignal: "SIGINT" }, { stopSignal: "SIGHUP" }, "HUP"],
    ] as const) {
      const world = await runnerWorld({
        definitions: [define((own) => own.run(traps("INT HUP TERM"), command), step)],
      });
      const id = await world.start("code");
      await world.until(id, ({ steps }) => steps[0]?.message === "ready");
      await world.command("stop", { workflow_id: id });
      expect((await world.ended(id)).status).toBe("cancelled");
      expect(await world.outputOf(id, 0)).toContain(`got ${got}\n`);
    }
  });

  test("a command in code that had to be killed does not count as a function that did not stop", async ({
    runnerWorld,
  }) => {
    let why: unknown;
    const world = await runnerWorld({
      definitions: [
        define(
          (step) =>
            step.run("trap '' TERM; echo ready; exec sleep 1000").catch((error: unknown) => {
              why = error;
              throw error;
            }),
          { stopTimeout: 400 },
        ),
      ],
    });
    const id = await world.start("code");
    await world.until(id, ({ steps }) => steps[0]?.message === "ready");
    await untilOneIs(id, "sleep");
    await world.command("stop", { workflow_id: id });
    const { status, steps } = await world.ended(id);
    expect(status).toBe("cancelled");
    expect(String(why)).toContain("was ended by SIGKILL");
    expect(steps[0]?.notes).toEqual([
      expect.stringMatching(/^\d+ \(sleep\) did not end within 400ms of SIGTERM and was killed\.$/),
    ]);
  });

  test("a command of a step in code leaves what it says, and nothing else", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({
      definitions: [
        define(async (step) => {
          // Until then it has the name of what starts it.
          const run = "sleep 1000 >/dev/null 2>&1 & until grep -q sleep /proc/$!/comm; do :; done";
          await step.run(run, { leaves: true });
          await step.run(run);
        }),
      ],
    });
    const id = await world.start("code");
    const { steps } = await world.ended(id);
    const left = processesOf(id);
    for (const pid of left) process.kill(pid, "SIGKILL");
    expect(left).toHaveLength(1);
    expect(steps[0]?.notes).toEqual([
      `Left running on purpose: ${left[0]} (sleep).`,
      expect.stringMatching(/^Ended 1 process it left: \d+ \(sleep\)\.$/),
    ]);
  });

  test("a command of a step in code is refused with a stop signal that there is not", async ({
    runnerWorld,
  }) => {
    const none = { stopSignal: "STOP" } as object;
    expect(() => define(() => {}, none)).toThrow("TERM, INT, HUP, QUIT, USR1, USR2, KILL");
    const world = await runnerWorld({ definitions: [define((step) => step.run("true", none))] });
    const { error_message } = await world.ended(await world.start("code"));
    expect(error_message).toContain("stopSignal: must be one of TERM, INT");
  });
});
