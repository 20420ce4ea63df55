/** An answer at both doors, in the form it has and as the `resume` that it was: the same command, taken once. */
import { describe, expect } from "vitest";
import type { Answered } from "../../support/links/rawTab.js";
import type { Answer } from "../../support/links/rest.js";
import { type RunnerWorld, runnerTest as test } from "../../support/servers/runnerWorld.js";

/** Two questions with a secret each; what is told to them is held against what the commands get. */
const TWICE = `
name: twice
steps:
  - action: first
    ask: { prompt: Which key?, fields: { key: { type: secret, required: true } } }
  - action: second
    ask: { prompt: Which other?, fields: { other: { type: secret }, n: { type: number, default: 1 } } }
  - action: use
    run: '[ "$ANSWER_KEY" = canary-1 ] && [ "$ANSWER_OTHER" = canary-2 ] && echo "both, and $ANSWER_N"'
`;

const FORMS = ["answer", "resume"] as const;
const DOORS = ["REST", "a socket"] as const;
type Form = (typeof FORMS)[number];
type Door = (typeof DOORS)[number];
const WAYS = DOORS.flatMap((door) => FORMS.map((form) => [door, form] as const));

/** `body` through a door, as an answer or as a resume. */
async function say(
  { server }: RunnerWorld,
  [door, form]: readonly [Door, Form],
  body: object,
  key?: string,
): Promise<Answer["body"] | Answered> {
  if (door === "REST") {
    const headers = key === undefined ? {} : { "Idempotency-Key": key };
    return (await server.call("POST", `/workflow/${form}`, { body, headers })).body;
  }
  const tab = await server.openTab();
  return tab.ask({ kind: form, ...body }, key === undefined ? {} : { request_id: key });
}

/** Started, and waiting with its first question. */
async function asking(runnerWorld: () => Promise<RunnerWorld>) {
  const world = await runnerWorld();
  world.define("twice.yaml", TWICE);
  const id = await world.start("twice");
  const asked = (step: number) =>
    world.until(id, ({ block_info, status }) => status === "blocked" && block_info?.step === step);
  return { world, id, asked, first: (await asked(0)).block_info };
}

describe("an answer", () => {
  test.for(WAYS)(
    "an answer by %s as `%s` is taken with who gave it, and its secret reaches the commands",
    async (way, { runnerWorld }) => {
      const { world, id, asked, first } = await asking(runnerWorld);
      const body = { workflow_id: id, answer: { key: "canary-1" }, question: first?.id, by: "ada" };
      const taken = await say(world, way, body);
      expect(taken).toMatchObject({ workflow_id: id, epoch: expect.any(String) });
      if (way[0] === "REST") expect(taken).toMatchObject({ message: "Answer taken" });
      else expect(taken).toMatchObject({ type: "accepted" });
      const { steps } = await asked(1);
      expect(steps[0]).toMatchObject({
        answer: { key: "***" },
        answered: { by: "ada", id: first?.id, prompt: "Which key?", hidden: ["key"] },
      });
      await say(world, way, { answer: { other: "canary-2" } });
      expect(await world.ended(id)).toMatchObject({ status: "completed" });
      expect(await world.outputOf(id, 2)).toBe("both, and 1\n");
      expect((await world.server.get(`/workflow/state?workflow_id=${id}`)).text).not.toContain(
        "canary",
      );
    },
  );

  test("both forms of an answer under one request id are one command at both doors, also after a restart", async ({
    runnerWorld,
  }) => {
    const { world, id, asked } = await asking(runnerWorld);
    const body = { workflow_id: id, answer: { key: "canary-1" } };
    const together = await Promise.all(WAYS.map((way) => say(world, way, body, "k1")));
    const { revision } = together[0]!;
    expect(revision).toBeGreaterThan(1);
    const second = await asked(1);
    await world.server.restart();
    const late = await Promise.all(WAYS.map((way) => say(world, way, body, "k1")));
    for (const one of [...together, ...late])
      expect(one).toMatchObject({ workflow_id: id, revision });
    const other = { workflow_id: id, answer: { other: "canary-2" } };
    for (const way of WAYS)
      expect(await say(world, way, other, "k1")).toMatchObject({ code: "key_reused" });
    expect(await world.stateOf(id)).toMatchObject({ status: "blocked", steps: second.steps });
    await say(world, ["REST", "answer"], other, "k2");
    await world.ended(id);
    expect(await world.outputOf(id, 2)).toBe("both, and 1\n");
  });

  test.for(WAYS)(
    "an answer by %s as `%s` that is wrong, late or for another question is refused by its code",
    async (way, { runnerWorld }) => {
      const { world, id, asked, first } = await asking(runnerWorld);
      const refusal = (body: object) => say(world, way, { workflow_id: id, ...body });
      expect(await refusal({ answer: { kye: "x" } })).toMatchObject({
        code: "bad_message",
        retry: false,
        errors: [
          { path: "answer.kye", message: "is not asked for; did you mean key?" },
          { path: "answer.key", message: "is required" },
        ],
      });
      expect(await refusal({ answer: { key: "x" }, question: "another" })).toMatchObject({
        code: "not_waiting",
        message: "that question is over; another one is asked now",
      });
      expect(await say(world, way, { workflow_id: "none", answer: {} })).toMatchObject({
        code: "unknown_workflow",
      });
      await world.command("answer", { workflow_id: id, answer: { key: "x" }, by: "bob" });
      await asked(1);
      expect(await refusal({ answer: { key: "y" }, question: first?.id })).toMatchObject({
        code: "already_answered",
      });
      await world.command("stop", { workflow_id: id });
      await world.ended(id);
      expect(await refusal({ answer: { key: "y" } })).toMatchObject({
        code: "already_answered",
        message: expect.stringContaining("by bob"),
      });
    },
  );

  test.for(DOORS)(
    "a resume of a blocked workflow is told by %s that an answer is required",
    async (door, { runnerWorld }) => {
      const { world, id } = await asking(runnerWorld);
      expect(await say(world, [door, "resume"], { workflow_id: id })).toMatchObject({
        code: "bad_message",
        message: "answer: is required, the workflow waits for one",
        errors: [{ path: "answer", message: "is required" }],
      });
      expect(await say(world, [door, "answer"], { workflow_id: id })).toMatchObject({
        code: "bad_message",
        errors: [{ path: door === "REST" ? "answer" : "command.answer", message: "is required" }],
      });
      expect((await world.stateOf(id)).status).toBe("blocked");
    },
  );

  test.for(FORMS)(
    "an answer as `%s` counts as a write against those who send too fast",
    async (form, { runnerWorld }) => {
      const world = await runnerWorld({ limits: { commandsPerSecond: 1, commandBurst: 3 } });
      const { server } = world;
      const body = { workflow_id: "none", answer: {} };
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => server.call("POST", `/workflow/${form}`, { body })),
      );
      expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([404, 429]));
      const tab = await server.openTab();
      const asked = Array.from({ length: 8 }, () => tab.ask({ kind: form, ...body }));
      expect(await Promise.all(asked)).toContainEqual(
        expect.objectContaining({ code: "rate_limited", retry: true }),
      );
    },
  );
});
