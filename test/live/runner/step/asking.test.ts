/** Questions to people: stored, answered by exactly one, and gone with their deadline. */
import { describe, expect } from "vitest";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";
import type { ServeOptions } from "../../../support/servers/liveServer.js";
import { type RunnerWorld, runnerTest as test } from "../../../support/servers/runnerWorld.js";

const SURE = `
name: sure
steps:
  - action: ask
    title: Are you sure
    ask:
      prompt: Switch over now?
      fields:
        go: { type: boolean, required: true, title: Switch over }
        slot: { type: choice, options: [blue, green], default: blue }
        count: { type: number, min: 1, max: 5 }
  - action: use
    run: echo "$ANSWER_GO $ANSWER_SLOT \${ANSWER_COUNT-none}"
`;

const IN_TEN_MINUTES =
  'name: in10m\nsteps:\n  - action: a\n    ask: { prompt: "?", fields: { n: { type: number } }, deadline: 10m }\n';

/** A question with a deadline, on a clock the test holds. */
async function askedForTenMinutes(runnerWorld: (given: ServeOptions) => Promise<RunnerWorld>) {
  const clock = manualClock();
  const world = await runnerWorld({ clock });
  world.define("in10m.yaml", IN_TEN_MINUTES);
  const id = await world.start("in10m");
  await world.until(id, blocked);
  return { clock, world, id };
}

const blocked = ({ status }: { status: string }) => status === "blocked";

describe("a question", () => {
  test("a question is shown with its typed fields, and its answer reaches the commands", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("sure.yaml", SURE);
    const id = await world.start("sure");
    const asked = await world.until(id, blocked);
    expect(asked).toMatchObject({
      current_step: 0,
      steps: [{ status: "blocked" }, { status: "pending" }],
      block_info: {
        id: expect.any(String),
        step: 0,
        block_reason: "question",
        prompt: "Switch over now?",
        fields: { go: { type: "boolean" }, slot: { type: "choice" } },
      },
    });
    const answer = await world.command("answer", {
      workflow_id: id,
      answer: { go: true },
      question: asked.block_info?.id,
      by: "ada",
    });
    expect(answer).toMatchObject({ status: 200, body: { message: "Answer taken" } });
    const state = await world.ended(id);
    expect(state.status).toBe("completed");
    expect(state.block_info).toBeUndefined();
    expect(state.steps[0]).toMatchObject({
      status: "completed",
      answer: { go: true, slot: "blue" },
      answered: { by: "ada" },
    });
    expect(await world.outputOf(id, 1)).toBe("true blue none\n");
  });

  test("a question is answered by exactly one of twenty tabs, and the others learn by whom", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("sure.yaml", SURE);
    const id = await world.start("sure");
    const { block_info } = await world.until(id, blocked);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const tab = await world.server.openTab();
        return tab.ask({
          kind: "answer",
          workflow_id: id,
          answer: { go: true, count: 1 + (number % 5) },
          question: block_info?.id,
          by: `tab ${number}`,
        });
      }),
    );
    const taken = answers.filter(({ type }) => type === "accepted");
    expect(taken).toHaveLength(1);
    const { steps } = await world.ended(id);
    const winner = steps[0]?.answered?.by;
    expect(answers.findIndex(({ type }) => type === "accepted")).toBe(
      Number(winner?.replace("tab ", "")),
    );
    for (const refused of answers.filter(({ type }) => type === "refused")) {
      expect(refused).toMatchObject({ code: "already_answered" });
      expect(refused).toHaveProperty("message", expect.stringContaining(String(winner)));
    }
  });

  test("a question refuses an answer that does not fit, by field, and goes on waiting", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("sure.yaml", SURE);
    const id = await world.start("sure");
    await world.until(id, blocked);
    for (const [answer, path] of [
      [{}, "answer.go"],
      [{ go: "yes" }, "answer.go"],
      [{ go: true, slot: "red" }, "answer.slot"],
      [{ go: true, count: 6 }, "answer.count"],
      [{ go: true, more: 1 }, "answer.more"],
    ] as const) {
      const refused = await world.command("answer", { workflow_id: id, answer });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    }
    const without = await world.command("resume", { workflow_id: id });
    expect(without).toMatchObject({ status: 400, body: { errors: [{ path: "answer" }] } });
    const stale = await world.command("answer", {
      workflow_id: id,
      answer: { go: true },
      question: "another",
    });
    expect(stale).toMatchObject({
      status: 409,
      body: { code: "not_waiting", detail: "that question is over; another one is asked now" },
    });
    expect((await world.stateOf(id)).status).toBe("blocked");
  });

  test("a question that is a gate stops the workflow with a no", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("sure.yaml", SURE);
    const id = await world.start("sure");
    await world.until(id, blocked);
    await world.command("answer", { workflow_id: id, answer: { go: false } });
    expect(await world.ended(id)).toMatchObject({
      status: "failed",
      error_message: "Are you sure: answered no: Switch over",
      steps: [{ answer: { go: false } }, { status: "pending" }],
    });
  });

  test("a question survives a restart of the server, with its id", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("sure.yaml", SURE);
    const id = await world.start("sure");
    const { block_info } = await world.until(id, blocked);
    await world.server.restart();
    const after = await world.stateOf(id);
    expect(after.block_info).toEqual(block_info);
    await world.command("answer", {
      workflow_id: id,
      answer: { go: true },
      question: block_info?.id,
    });
    expect((await world.ended(id)).status).toBe("completed");
  });

  test("a question with a default is answered by it at its deadline", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "late.yaml",
      "name: late\nsteps:\n  - action: a\n    ask:\n      prompt: ?\n      fields: { n: { type: number } }\n      default: { n: 7 }\n      deadline: 50ms\n    run: echo $ANSWER_N\n".replace(
        "prompt: ?",
        'prompt: "?"',
      ),
    );
    const id = await world.start("late");
    const state = await world.ended(id);
    expect(state.steps[0]).toMatchObject({
      status: "completed",
      answered: { by: "the deadline" },
    });
    expect(await world.outputOf(id, 0)).toBe("7\n");
  });

  test("a question without a default fails its step at its deadline", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "late.yaml",
      'name: late\nsteps:\n  - action: a\n    ask: { prompt: "?", deadline: 50ms }\n    run: echo never\n',
    );
    const state = await world.ended(await world.start("late"));
    expect(state).toMatchObject({
      status: "failed",
      error_message: "a: nobody answered in time",
    });
  });

  test("a question has its whole time, wherever the clock is set meanwhile", async ({
    runnerWorld,
  }) => {
    for (const by of [-3_600_000, 3_600_000]) {
      const { clock, world, id } = await askedForTenMinutes(runnerWorld);
      clock.advance(120_000);
      clock.setWall(clock.now() + by);
      clock.advance(479_000);
      await settled();
      expect((await world.stateOf(id)).status).toBe("blocked");
      clock.advance(1_000);
      expect((await world.ended(id)).steps[0]).toMatchObject({ error: "nobody answered in time" });
    }
  });

  test("a question goes on with what was left of its time after a restart, and never with more than all of it", async ({
    runnerWorld,
  }) => {
    for (const [by, left] of [
      [0, 480_000],
      [-3_600_000, 600_000],
    ] as const) {
      const { clock, world, id } = await askedForTenMinutes(runnerWorld);
      clock.advance(120_000);
      await world.server.stop();
      clock.setWall(clock.now() + by);
      await world.server.restart();
      clock.advance(left - 1_000);
      await settled();
      expect((await world.stateOf(id)).status).toBe("blocked");
      clock.advance(1_000);
      expect((await world.ended(id)).steps[0]).toMatchObject({ error: "nobody answered in time" });
    }
  });

  test("a question can still be answered after its deadline passed while the server slept", async ({
    runnerWorld,
  }) => {
    const { clock, world, id } = await askedForTenMinutes(runnerWorld);
    clock.advance(590_000);
    clock.sleep(3_600_000);
    const answer = await world.command("answer", { workflow_id: id, answer: { n: 1 } });
    expect(answer.status).toBe(200);
    expect((await world.ended(id)).status).toBe("completed");
  });

  test("a question is only asked where its command says so, with what that printed", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "when.yaml",
      `
name: when
inputs: { code: { type: number, required: true } }
steps:
  - action: a
    ask:
      prompt: "Trust {{output}}?"
      when: echo SHA256:abc; exit $INPUT_CODE
    run: echo went on
`,
    );
    const needed = await world.start("when", { inputs: { code: 0 } });
    expect((await world.until(needed, blocked)).block_info?.prompt).toBe("Trust SHA256:abc?");
    await world.command("answer", { workflow_id: needed, answer: {} });
    expect((await world.ended(needed)).status).toBe("completed");
    const not = await world.ended(await world.start("when", { inputs: { code: 1 } }));
    expect(not).toMatchObject({ status: "completed" });
    expect(not.steps[0]?.answered).toBeUndefined();
    const broken = await world.ended(await world.start("when", { inputs: { code: 2 } }));
    expect(broken).toMatchObject({ status: "failed", error_message: "a: exit code 2" });
  });

  test("a question can be called off", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("sure.yaml", SURE);
    const id = await world.start("sure");
    await world.until(id, blocked);
    await world.command("stop", { workflow_id: id });
    const state = await world.ended(id);
    expect(state).toMatchObject({ status: "cancelled", steps: [{ status: "cancelled" }, {}] });
    const late = await world.command("answer", { workflow_id: id, answer: { go: true } });
    expect(late).toMatchObject({ status: 409, body: { code: "already_ended" } });
  });

  test("a question of a driver elsewhere is answered the same way", async ({ runnerWorld }) => {
    const { server, command } = await runnerWorld();
    await server.saved({
      workflow_id: "script",
      status: "blocked",
      steps: [{ action: "a", status: "blocked" }],
      block_info: { prompt: "Go on?", fields: { go: { type: "boolean", required: true } } },
    });
    const wrong = await command("answer", { workflow_id: "script", answer: { go: 3 } });
    expect(wrong.status).toBe(400);
    await command("answer", { workflow_id: "script", answer: { go: true }, by: "ada" });
    const { body } = await server.get();
    expect(body.state).toMatchObject({
      status: "running",
      steps: [{ status: "in_progress", answer: { go: true }, answered: { by: "ada" } }],
    });
  });
});
