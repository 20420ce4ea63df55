/** Parallel steps of a definition, with real processes: at the same time, each with all that a step has, and ended together. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { branchesOf, stepAtIndex } from "../../../../shared/state/stepPlace.js";
import { until } from "../../../support/deadline.js";
import { processesOf, untilSomeOf } from "../../../support/servers/processes.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const statusesOf = ({ steps }: WorkflowState) =>
  steps.map((step) => {
    const branches = branchesOf(step).map(({ status }) => status);
    return branches.length === 0 ? step.status : [step.status, ...branches];
  });

const says = (index: number, message: string) => (state: WorkflowState) =>
  stepAtIndex(state, index)?.message === message;

/** Each branch waits until all three are there. */
const MEETING = `
name: meet
steps:
  - { action: before, run: "mkdir here" }
  - action: meet
    parallel:
      - action: one
        run: &meet |
          touch "here/$INSTEP_STEP"
          until [ "$(ls here | wc -l)" = 3 ]; do sleep 0.02; done
          echo "$INSTEP_STEP was here"
      - { action: two, run: *meet }
      - { action: three, run: *meet }
  - { action: after, run: "ls here" }
`;

/** Its branches go on until there is a file of their number with a word in it: one that was just made is still empty. */
const waiting = (more: string, branches: readonly string[]) => `
name: wait
steps:
  - action: wait
    ${more}
    parallel:
${branches
  .map(
    (own, at) => `      - action: w${at + 1}
        ${own}
        run: |
          echo "w${at + 1} began"
          until test -s go-${at + 1}; do sleep 0.02; done
          [ "$(cat go-${at + 1})" = ok ] || { echo "::error::no luck"; exit 3; }
`,
  )
  .join("")}
  - { action: after, run: echo after }
`;

describe("the branches of a parallel step", () => {
  test("the branches of a parallel step run at the same time, each with output of its own, and the next step after all", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("meet.yaml", MEETING);
    const id = await world.start("meet");
    const state = await world.ended(id);
    expect(statusesOf(state)).toEqual([
      "completed",
      ["completed", "completed", "completed", "completed"],
      "completed",
    ]);
    expect(state.steps[1]).toMatchObject({ progress: 1, attempt: 1 });
    for (const index of [1001, 2001, 3001])
      expect(await world.outputOf(id, index)).toBe(`${index} was here\n`);
    expect(await world.outputOf(id, 2)).toBe("1001\n2001\n3001\n");
  });

  test("the branches of a parallel step run at most so many at once as `max` says, begun in their order", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    const six = Array.from({ length: 6 }, () => "");
    world.define("wait.yaml", waiting("max: 2", six));
    const id = await world.start("wait");
    const go = (number: number) =>
      writeFileSync(path.join(folder, "workflows", `go-${number}`), "ok");
    const running = ({ steps }: WorkflowState) =>
      branchesOf(steps[0]).flatMap(({ status }, at) => (status === "in_progress" ? [at + 1] : []));
    const order = [2, 1, 4, 3, 6, 5];
    let at = [1, 2];
    for (const done of order) {
      const next = at.filter((one) => one !== done);
      const begins = Math.max(...at, ...order.slice(0, order.indexOf(done))) + 1;
      const state = await world.until(id, (seen) => running(seen).join() === at.join());
      expect(running(state).length).toBeLessThanOrEqual(2);
      go(done);
      at = begins <= 6 ? [...next, begins].sort() : next;
    }
    expect((await world.ended(id)).status).toBe("completed");
  });

  test("branches go on to their ends where one fails, and the step fails with what that one said", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    world.define("wait.yaml", waiting("title: Copies", ["title: Web 1", "", ""]));
    const id = await world.start("wait");
    const go = (number: number, how: string) =>
      writeFileSync(path.join(folder, "workflows", `go-${number}`), how);
    go(1, "no");
    const failed = await world.until(id, (state) => stepAtIndex(state, 1000)?.status === "failed");
    expect(failed).toMatchObject({ status: "running", steps: [{ status: "in_progress" }, {}] });
    expect(stepAtIndex(failed, 1000)).toMatchObject({ error: "no luck" });
    go(3, "no");
    await world.until(id, (state) => stepAtIndex(state, 3000)?.status === "failed");
    go(2, "ok");
    const state = await world.ended(id);
    expect(statusesOf(state)).toEqual([["failed", "failed", "completed", "failed"], "pending"]);
    const error = "Web 1: no luck; w3: no luck";
    expect(state).toMatchObject({
      status: "failed",
      error_message: `Copies: ${error}`,
      steps: [{ error }, {}],
    });
  });

  test("the branches of a parallel step end with the first that fails where `fail_fast` says so", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    world.define("wait.yaml", waiting("fail_fast: true\n    max: 2", ["", "", ""]));
    const id = await world.start("wait");
    await world.until(id, says(2000, "w2 began"));
    writeFileSync(path.join(folder, "workflows", "go-1"), "no");
    const state = await world.ended(id);
    expect(processesOf(id)).toEqual([]);
    expect(statusesOf(state)).toEqual([["failed", "failed", "cancelled", "pending"], "pending"]);
    expect(state.error_message).toBe("wait: w1: no luck");
  });

  test("branches may fail without their step where they say so, and are tried again each by itself", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    const own = ["continue_on_error: true", "retries: 1\n        backoff: 0s", ""];
    world.define("wait.yaml", waiting("", own));
    const id = await world.start("wait");
    for (const [number, how] of ["no", "no", "ok"].entries())
      writeFileSync(path.join(folder, "workflows", `go-${number + 1}`), how);
    const state = await world.ended(id);
    expect(statusesOf(state)[0]).toEqual(["failed", "failed", "failed", "completed"]);
    expect(stepAtIndex(state, 2000)).toMatchObject({
      attempt: 2,
      attempts: [{ attempt: 1, status: "failed", exit_code: 3 }],
    });
    expect(state.error_message).toBe("wait: w2: no luck");
    expect(await world.outputOf(id, 2000, 1)).toBe("w2 began\n::error::no luck\n");
    writeFileSync(path.join(folder, "workflows", "go-2"), "ok");
    const again = await world.command("retry", { workflow_id: id });
    expect(again).toMatchObject({ status: 201 });
    const { workflow_id } = again.body;
    const done = await world.ended(workflow_id);
    // Nothing ran again but what was not done.
    expect(statusesOf(done)).toEqual([
      ["completed", "failed", "completed", "completed"],
      "completed",
    ]);
    expect(await world.outputOf(workflow_id, 3000)).toBe("");
    expect(await world.outputOf(workflow_id, 2000)).toBe("w2 began\n");
  });

  test("the branches of a parallel step have their own progress, tasks, notes, folder, variables and time", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    world.define(
      "own.yaml",
      `
name: own
steps:
  - action: own
    parallel:
      - action: tells
        env: { WHAT: copies }
        cwd: /tmp
        run: |
          echo "::progress 50::half"
          echo "::task completed::$WHAT::in $(pwd)"
          echo "::note::noted"
          until test -e ${path.join(folder, "workflows", "go")}; do sleep 0.02; done
      - { action: slow, timeout: 1ms, run: sleep 1000 }
      - { action: quiet, run: "true" }
`,
    );
    const id = await world.start("own");
    const half = await world.until(
      id,
      (state) =>
        stepAtIndex(state, 1000)?.progress === 0.5 &&
        stepAtIndex(state, 2000)?.status === "failed" &&
        state.steps[0]?.progress != null,
    );
    expect(stepAtIndex(half, 1000)).toMatchObject({
      message: "half",
      tasks: [{ name: "copies", status: "completed", note: "in /tmp" }],
      notes: ["noted"],
    });
    writeFileSync(path.join(folder, "workflows", "go"), "");
    const state = await world.ended(id);
    expect(stepAtIndex(state, 2000)?.error).toMatch(/took longer than/);
  });
});

describe("cancelling a parallel step", () => {
  test("cancelling a parallel step ends every branch before it is said", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("wait.yaml", waiting("", ["", "", ""]));
    const id = await world.start("wait");
    for (const number of [1, 2, 3]) await world.until(id, says(1000 * number, `w${number} began`));
    await untilSomeOf(id, 3);
    await world.command("stop", { workflow_id: id });
    const state = await world.ended(id);
    expect(processesOf(id)).toEqual([]);
    expect(statusesOf(state)).toEqual([
      ["cancelled", "cancelled", "cancelled", "cancelled"],
      "pending",
    ]);
    expect(state.status).toBe("cancelled");
  });

  test("cancelling a parallel step begins no branch that waited for its turn, and keeps those that had ended", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    world.define("wait.yaml", waiting("max: 1", ["", "", ""]));
    const id = await world.start("wait");
    writeFileSync(path.join(folder, "workflows", "go-1"), "ok");
    await world.until(id, says(2000, "w2 began"));
    await world.command("stop", { workflow_id: id });
    const state = await world.ended(id);
    expect(statusesOf(state)[0]).toEqual(["cancelled", "completed", "cancelled", "pending"]);
  });
});

describe("switches and retries", () => {
  const FOUR = `
name: four
steps:
  - { action: before, run: echo before }
  - action: copy
    parallel:
      - { action: a, run: echo a }
      - { action: b, run: echo b, enabled: false }
      - { action: c, run: echo c }
  - { action: after, run: echo after }
`;

  test.for([
    [{}, [["completed", "completed", "skipped", "completed"], "completed"]],
    [
      { skip: ["a"], enable: ["b"] },
      [["completed", "skipped", "completed", "completed"], "completed"],
    ],
    [{ skip: ["copy"] }, [["skipped", "skipped", "skipped", "skipped"], "completed"]],
    [{ skip: ["a", "c"] }, [["skipped", "skipped", "skipped", "skipped"], "completed"]],
  ] as const)(
    "a start with the switches %j runs only the branches that they leave on",
    async ([switches, expected], { runnerWorld }) => {
      const world = await runnerWorld();
      world.define("four.yaml", FOUR);
      const id = await world.start("four", switches);
      expect(statusesOf(await world.ended(id)).slice(1)).toEqual(expected);
    },
  );

  test("a retry of a branch runs that branch again, and then the steps behind it", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("four.yaml", FOUR);
    const id = await world.start("four");
    await world.ended(id);
    const ranIn = async (from: string | number) => {
      const { body } = await world.command("retry", { workflow_id: id, from });
      const state = await world.ended(body.workflow_id);
      expect(state.status).toBe("completed");
      const all = [0, 1001, 2001, 3001, 2];
      const printed = await Promise.all(all.map((one) => world.outputOf(body.workflow_id, one)));
      return { from: state.retried_from?.step, printed: printed.map((text) => text.trim()) };
    };
    const branch = { from: 3001, printed: ["", "", "", "c", "after"] };
    expect(await ranIn("c")).toEqual(branch);
    expect(await ranIn(3001)).toEqual(branch);
    expect(await ranIn("copy")).toEqual({ from: 1, printed: ["", "a", "", "c", "after"] });
    expect(await ranIn("after")).toEqual({ from: 2, printed: ["", "", "", "", "after"] });
    const off = await world.command("retry", { workflow_id: id, from: "b" });
    expect(off.body.code).toBe("step_switched_off");
  });
});

test("what many branches print at full speed is kept byte for byte", async ({ runnerWorld }) => {
  const world = await runnerWorld();
  const lines = 20_000;
  const branch = (at: number) =>
    `      - { action: p${at}, run: "seq -f 'p${at} line %.0f of many' ${lines}" }\n`;
  const branches = Array.from({ length: 6 }, (_, at) => branch(at)).join("");
  world.define("print.yaml", `name: print\nsteps:\n  - action: all\n    parallel:\n${branches}`);
  const id = await world.start("print");
  const state = await world.ended(id);
  expect(state.status).toBe("completed");
  for (let at = 0; at < 6; at++) {
    const index = 1000 * (at + 1);
    const wanted = Array.from({ length: lines }, (_, n) => `p${at} line ${n + 1} of many\n`);
    const text = await world.outputOf(id, index);
    expect(text === wanted.join("")).toBe(true);
    expect(stepAtIndex(state, index)?.log_bytes).toBe(text.length);
  }
  await until(
    () => processesOf(id).length === 0,
    () => "nothing is left",
  );
});
