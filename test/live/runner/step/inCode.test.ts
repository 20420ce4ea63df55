/** Definitions in code: functions as steps, with the same words as commands have. */
import { describe, expect } from "vitest";
import { defineWorkflow, type RunStep } from "../../../../server/server.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const define = (run: (step: RunStep) => unknown, more: object = {}) =>
  defineWorkflow({ name: "code", steps: [{ action: "only", run, ...more }] });

describe("a workflow in code", () => {
  test("a workflow in code reports progress, tasks, notes, output and its result", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({
      definitions: [
        define(async (step) => {
          step.progress(0.5, "half");
          step.task("node-x", "completed", "a note");
          step.note("worth knowing");
          await step.output("one\n");
          await step.run("echo two; echo ::task failed::node-y");
          return { files: 3 };
        }),
      ],
    });
    const id = await world.start("code");
    const state = await world.ended(id);
    expect(state.steps[0]).toMatchObject({
      status: "completed",
      progress: 0.5,
      tasks: [
        { name: "node-x", status: "completed", note: "a note" },
        { name: "node-y", status: "failed" },
      ],
      notes: ["worth knowing"],
      data: { files: 3 },
    });
    expect(await world.outputOf(id, 0)).toBe("one\ntwo\n::task failed::node-y\n");
  });

  test("a workflow in code asks, also over a restart of the server: the answer is there when it asks again", async ({
    runnerWorld,
  }) => {
    let asked = 0;
    const world = await runnerWorld({
      definitions: [
        define(async (step) => {
          asked += 1;
          return step.ask({ prompt: "How many?", fields: { n: { type: "number" } } });
        }),
      ],
    });
    const id = await world.start("code");
    await world.until(id, ({ status }) => status === "blocked");
    await world.server.restart();
    await world.command("answer", { workflow_id: id, answer: { n: 3 } });
    const state = await world.ended(id);
    expect(state.steps[0]).toMatchObject({ status: "completed", data: { n: 3 }, attempt: 2 });
    expect(asked).toBe(2);
  });

  test("a step in code that throws fails with its words, and is tried again", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({
      definitions: [
        define(
          (step) => {
            throw new Error(`no luck ${step.attempt}`);
          },
          { retries: 1, backoff: 1 },
        ),
      ],
    });
    const state = await world.ended(await world.start("code"));
    expect(state.steps[0]).toMatchObject({
      status: "failed",
      error: "no luck 2",
      attempts: [{ attempt: 1, error: "no luck 1" }],
    });
  });

  test("a workflow in code that does not stop when it is told to is not called cancelled", async ({
    runnerWorld,
  }) => {
    let release = () => {};
    const world = await runnerWorld({
      definitions: [
        define(
          (step) =>
            new Promise<void>((resolve) => {
              step.message("deaf");
              release = resolve;
            }),
        ),
      ],
    });
    const id = await world.start("code");
    await world.until(id, ({ steps }) => steps[0]?.message === "deaf");
    await world.command("stop", { workflow_id: id });
    await world.command("stop", { workflow_id: id, now: true });
    const state = await world.ended(id);
    expect(state).toMatchObject({
      status: "failed",
      steps: [{ error: expect.stringContaining('may still be running: the handler of "only"') }],
    });
    release();
  });

  test("a workflow in code is not confused by a restart that lost it", async ({ runnerWorld }) => {
    const world = await runnerWorld({
      definitions: [define((step) => step.run("sleep 1000"))],
    });
    const id = await world.start("code");
    await world.until(id, ({ steps }) => steps[0]?.status === "in_progress");
    await world.server.restart({ definitions: [] });
    const refused = await world.command("resume", { workflow_id: id });
    expect(refused).toMatchObject({ status: 409, body: { code: "not_resumable" } });
    await world.server.restart({ definitions: [define(() => "done")] });
    await world.command("resume", { workflow_id: id });
    expect((await world.ended(id)).steps[0]).toMatchObject({
      data: "done",
      attempt: 2,
      attempts: [{ attempt: 1, status: "interrupted" }],
    });
  });
});

test("steps in code run at the same time, and cannot ask then", async ({ runnerWorld }) => {
  let here = 0;
  let meet = () => {};
  const both = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const meeting = async (step: RunStep) => {
    here += 1;
    if (here === 2) meet();
    await both;
    return step.index;
  };
  const asking = (step: RunStep) => step.ask({ prompt: "Now?", fields: {} });
  const parallel = [
    { action: "one", run: meeting },
    { action: "two", run: meeting },
    { action: "asks", run: asking, continueOnError: true },
  ];
  const definition = defineWorkflow({ name: "both", steps: [{ action: "both", parallel }] });
  const world = await runnerWorld({ definitions: [definition] });
  const state = await world.ended(await world.start("both"));
  expect(state).toMatchObject({
    status: "completed",
    steps: [
      {
        steps: [
          { status: "completed", data: 1000 },
          { status: "completed", data: 2000 },
          { status: "failed", error: "a step of `parallel` cannot ask: ask in a step before it" },
        ],
      },
    ],
  });
  const wrong = { action: "both", parallel: [{ action: "deep", parallel }] };
  expect(() => defineWorkflow({ name: "both", steps: [wrong] })).toThrow(
    "cannot stand in `parallel`",
  );
});
