/** Reports that change a part: merge patches, single steps and their stamps, fields that are the server's. */
import { describe, expect } from "vitest";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";
const steps = [{ action: "build" }, { action: "test" }, { action: "ship" }];
const deploy = { workflow_id: "deploy", name: "Deploy", steps, custom: { a: 1, b: 2 } };

const isoNow = (server: LiveServer) => new Date(server.clock.now()).toISOString();
const stateOf = async (server: LiveServer) => (await server.get()).body.state;
const step = async (server: LiveServer, index: number, update: object) => {
  const answer = await server.call("PATCH", `${STATE}/steps/${index}`, { body: update });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return (await stateOf(server)).steps[index];
};

describe("a whole save", () => {
  liveTest(
    "a whole save keeps the start it left out, and ignores what is the server's",
    async ({ serve }) => {
      const server = await serve();
      const started = isoNow(server);
      await server.saved(deploy);
      server.clock.advance(5_000);
      await server.saved({
        ...deploy,
        last_update: "1999-01-01T00:00:00Z",
        driver: "me",
        interruption: 7,
        steps: steps.map((one) => ({ ...one, index: 9 })),
      });
      const state = await stateOf(server);
      expect(state).toMatchObject({ start_time: started, last_update: isoNow(server) });
      expect(state.steps.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(state).not.toHaveProperty("driver");
      expect(state).not.toHaveProperty("interruption");
    },
  );

  liveTest("a whole save replaces everything else", async ({ serve }) => {
    const server = await serve();
    await server.saved(deploy);
    await server.saved({ workflow_id: "deploy", other: true });
    const state = await stateOf(server);
    expect(state).toMatchObject({ other: true, steps: [], status: "running", current_step: 0 });
    expect(state).not.toHaveProperty("custom");
    expect(state).not.toHaveProperty("name");
  });

  liveTest("a whole save fills in the end", async ({ serve }) => {
    const server = await serve();
    await server.saved({ ...deploy, status: "completed" });
    expect((await stateOf(server)).end_time).toBe(isoNow(server));
  });
});

describe("PATCH /workflow/state", () => {
  liveTest("PATCH /workflow/state merges at the top level; null removes", async ({ serve }) => {
    const server = await serve();
    const saved = await server.saved({ ...deploy, old: "x" });
    const body = { title: "Deploy it", custom: { c: 3 }, old: null, name: null };
    const answer = await server.call("PATCH", STATE, { body });
    expect(answer.body).toEqual({
      success: true,
      message: "Workflow state saved",
      ...saved,
      revision: 2,
    });
    const state = await stateOf(server);
    expect(state).toMatchObject({ title: "Deploy it", custom: { c: 3 } });
    expect(state.custom).toEqual({ c: 3 });
    expect(state.steps).toHaveLength(3);
    expect(Object.keys(state)).not.toEqual(expect.arrayContaining(["old"]));
    expect(state).not.toHaveProperty("name");
  });

  liveTest(
    "PATCH /workflow/state replaces the steps whole, and ends a workflow",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      await server.call("PATCH", STATE, { body: { steps: [{ action: "only" }] } });
      expect((await stateOf(server)).steps).toEqual([
        { action: "only", status: "pending", index: 0 },
      ]);
      await server.call("PATCH", STATE, { body: { status: "completed" } });
      expect(await stateOf(server)).toMatchObject({
        status: "completed",
        end_time: isoNow(server),
      });
    },
  );

  liveTest("PATCH /workflow/state needs a workflow", async ({ serve }) => {
    const server = await serve();
    for (const path of [STATE, `${STATE}?workflow_id=none`]) {
      const answer = await server.call("PATCH", path, { body: { title: "x" } });
      expect([answer.status, answer.body.code]).toEqual([404, "unknown_workflow"]);
    }
  });
});

describe("PATCH /workflow/state/steps/:index", () => {
  liveTest(
    "PATCH /workflow/state/steps/:index moves the current step and stamps the times and the attempt",
    async ({ serve }) => {
      const server = await serve();
      const saved = await server.saved(deploy);
      const startedAt = isoNow(server);
      expect(await step(server, 1, { status: "in_progress", message: "testing" })).toEqual({
        action: "test",
        status: "in_progress",
        index: 1,
        attempt: 1,
        started_at: startedAt,
        message: "testing",
      });
      expect((await stateOf(server)).current_step).toBe(1);

      server.clock.advance(1_000);
      expect(await step(server, 1, { progress: 0.5 })).toMatchObject({
        status: "in_progress",
        started_at: startedAt,
        progress: 0.5,
      });
      expect(await step(server, 1, { status: "failed", error: "red" })).toMatchObject({
        started_at: startedAt,
        finished_at: isoNow(server),
      });

      server.clock.advance(1_000);
      const again = await step(server, 1, { status: "in_progress" });
      expect(again).toEqual({
        action: "test",
        status: "in_progress",
        index: 1,
        attempt: 2,
        first_started_at: startedAt,
        started_at: isoNow(server),
      });
      expect((await server.get()).body).toMatchObject({ epoch: saved.epoch, revision: 5 });
    },
  );

  liveTest(
    "PATCH /workflow/state/steps/:index moves the current step only for a status that is not pending",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ ...deploy, current_step: 1 });
      await step(server, 2, { message: "soon" });
      await step(server, 2, { status: "pending" });
      expect((await stateOf(server)).current_step).toBe(1);
      await step(server, 2, { status: "skipped" });
      expect((await stateOf(server)).current_step).toBe(2);
    },
  );

  liveTest(
    "PATCH /workflow/state/steps/:index keeps what the driver says of times and attempts",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const told = { attempt: 7, started_at: "2025-12-31T23:59:00Z" };
      expect(await step(server, 0, { status: "in_progress", ...told })).toMatchObject(told);
    },
  );

  liveTest(
    "PATCH /workflow/state/steps/:index keeps fields it does not know, and data of any shape",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const update = {
        data: { files: [1, null, "x"] },
        tasks: [{ name: "lint" }],
        extra: { y: 1 },
      };
      expect(await step(server, 0, update)).toMatchObject({ ...update, status: "pending" });
    },
  );

  liveTest("a blocked step blocks the workflow, and its report frees it", async ({ serve }) => {
    const server = await serve();
    await server.saved(deploy);
    await step(server, 0, { status: "blocked" });
    expect((await stateOf(server)).status).toBe("blocked");
    await step(server, 0, { status: "in_progress" });
    expect((await stateOf(server)).status).toBe("running");
  });

  liveTest.for([
    [`${STATE}/steps/3`, 404, "unknown_step"],
    [`${STATE}/steps/-1`, 400, "bad_message"],
    [`${STATE}/steps/x`, 400, "bad_message"],
    [`${STATE}/steps/1.5`, 400, "bad_message"],
    [`${STATE}/steps/0?workflow_id=none`, 404, "unknown_workflow"],
  ] as const)("PATCH %s is refused", async ([path, status, code], { serve }) => {
    const server = await serve();
    await server.saved(deploy);
    const answer = await server.call("PATCH", path, { body: { status: "completed" } });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    const wrong = await server.call("PATCH", `${STATE}/steps/0`, { body: { status: "done" } });
    expect(wrong.body.errors).toMatchObject([{ path: "status" }]);
  });
});
