/** An ended workflow: it stays in view for 30 s, moves to the history, and never opens again. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";
const START = "2026-01-01T00:00:00Z";
const deploy = { workflow_id: "deploy", start_time: START, steps: [{ action: "build" }] };
const NOTHING = { success: true, active: false, state: null };

const list = async (server: LiveServer) =>
  (await server.get("/workflows")).body.workflows.map(
    ({ workflow_id, in_history }) => `${workflow_id}${in_history ? " (history)" : ""}`,
  );

/** The clear is saved first, so it shows a moment after its time. */
const untilGone = (server: LiveServer) =>
  until(async () => (await server.get()).body.state === null, "nothing is current");

describe("an ended workflow", () => {
  liveTest(
    "an ended workflow stays in view for 30 s, and then answers from the history",
    async ({ serve }) => {
      const server = await serve();
      const saved = await server.saved({ ...deploy, status: "completed", note: "kept" });
      server.clock.advance(29_999);
      const before = await server.get();
      expect(before.body.state).toMatchObject({
        status: "completed",
        end_time: expect.any(String),
      });
      expect(await list(server)).toEqual(["deploy"]);

      server.clock.advance(1);
      await untilGone(server);
      expect((await server.get()).body).toEqual(NOTHING);
      const past = await server.get(`${STATE}?workflow_id=deploy`);
      expect(past.text).toBe(before.text);
      expect(past.headers.get("etag")).toBe(`"${saved.epoch}.${saved.revision}"`);
      const summary = await server.get(`${STATE}/summary?workflow_id=deploy`);
      expect(summary.body.summary).toMatchObject({ status: "completed", progress_percent: 100 });
      expect(await list(server)).toEqual(["deploy (history)"]);
    },
  );

  liveTest("an ended workflow gives way to the one started before it", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "first" });
    await server.saved({ ...deploy, status: "failed" });
    server.clock.advance(30_000);
    await until(async () => (await server.get()).body.state.workflow_id === "first", "it left");
  });

  liveTest("an ended workflow has its time counted across restarts", async ({ serve }) => {
    const server = await serve();
    await server.saved({ ...deploy, status: "cancelled" });
    server.clock.advance(20_000);
    await server.restart();
    server.clock.advance(9_999);
    expect((await server.get()).body.state).toMatchObject({ status: "cancelled" });
    await server.stop();
    server.clock.advance(1);
    await server.restart();
    server.clock.advance(0);
    await untilGone(server);
    expect(await list(server)).toEqual(["deploy (history)"]);
    await server.restart();
    expect(await list(server)).toEqual(["deploy (history)"]);
  });

  liveTest("an ended workflow does not get more time from a late report", async ({ serve }) => {
    const server = await serve();
    await server.saved({ ...deploy, status: "failed" });
    server.clock.advance(20_000);
    await server.saved({ ...deploy, status: "failed", error_message: "the disk was full" });
    server.clock.advance(10_000);
    await untilGone(server);
  });

  liveTest.for([
    ["POST", STATE, deploy],
    ["POST", STATE, { ...deploy, status: "failed" }],
    ["PATCH", `${STATE}?workflow_id=deploy`, { status: "running" }],
    ["PATCH", `${STATE}/steps/0?workflow_id=deploy`, { status: "in_progress" }],
  ] as const)(
    "an ended workflow refuses %s %s, in view and in the history",
    async (write, { serve }) => {
      const [method, path, body] = write;
      const server = await serve();
      await server.saved({ ...deploy, status: "completed" });
      for (const isPast of [false, true]) {
        if (isPast) {
          server.clock.advance(30_000);
          await untilGone(server);
        }
        const answer = await server.call(method, path, { body });
        expect([isPast, answer.status, answer.body.code]).toEqual([isPast, 409, "already_ended"]);
      }
      expect(await list(server)).toEqual(["deploy (history)"]);
    },
  );

  liveTest(
    "an ended workflow leaves its id to a new workflow, whose start is another",
    async ({ serve }) => {
      const server = await serve();
      const old = await server.saved({ ...deploy, status: "completed" });
      server.clock.advance(30_000);
      await untilGone(server);
      const late = await server.call("POST", STATE, { body: { ...deploy, status: "completed" } });
      expect([late.status, late.body.code]).toEqual([409, "already_ended"]);

      const next = await server.saved({ ...deploy, start_time: "2026-01-01T00:00:31Z" });
      expect(next.epoch).not.toBe(old.epoch);
      expect(next.revision).toBe(1);
      expect((await server.get(`${STATE}?workflow_id=deploy`)).body.epoch).toBe(next.epoch);
      expect(await list(server)).toEqual(["deploy", "deploy (history)"]);
    },
  );

  liveTest(
    "an ended workflow is gone for good once it is deleted, from the history too",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ ...deploy, status: "completed" });
      server.clock.advance(30_000);
      await untilGone(server);
      await server.call("DELETE", `${STATE}?workflow_id=deploy`);
      expect((await server.get(`${STATE}?workflow_id=deploy`)).body).toEqual(NOTHING);
      await server.restart();
      expect(await list(server)).toEqual([]);
    },
  );
});

describe("the history", () => {
  const end = async (server: LiveServer, workflow_id: string) => {
    await server.saved({ workflow_id, status: "completed" });
    server.clock.advance(30_000);
    await untilGone(server);
  };

  liveTest("the history keeps the newest", async ({ serve }) => {
    const server = await serve({ history: 2 });
    for (const id of ["one", "two", "three"]) await end(server, id);
    const wanted = ["three (history)", "two (history)"];
    await until(async () => `${await list(server)}` === `${wanted}`, "the oldest is dropped");
    expect((await server.get(`${STATE}?workflow_id=one`)).body).toEqual(NOTHING);
    await server.restart({ history: 1 });
    await until(async () => (await list(server)).length === 1, "a shorter history is short");
    expect(await list(server)).toEqual(["three (history)"]);
  });

  liveTest("a history of 0 keeps none", async ({ serve }) => {
    const server = await serve({ history: 0 });
    await end(server, "one");
    expect((await server.get(`${STATE}?workflow_id=one`)).body).toEqual(NOTHING);
    expect(await list(server)).toEqual([]);
    // Nothing is left that would refuse the same workflow: there is no history to be late for.
    await server.saved({ workflow_id: "one", status: "running" });
  });
});
