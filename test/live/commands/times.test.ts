/** The seed's own states: times as Python writes them are taken at both doors, and kept in UTC. */
import { afterEach, describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";
const own = process.env.TZ;
afterEach(() => {
  if (own === undefined) delete process.env.TZ;
  else process.env.TZ = own;
});

describe("a state with times without a zone", () => {
  liveTest(
    "a state with times without a zone is kept in UTC, in every field that is a time",
    async ({ serve }) => {
      process.env.TZ = "America/New_York";
      const server = await serve();
      const naive = "2026-11-25T21:07:50.123456";
      const kept = "2026-11-26T02:07:50.123456Z";
      const step = { action: "a", started_at: naive, finished_at: naive, retry_at: naive };
      const attempts = [{ attempt: 1, status: "failed", started_at: naive, finished_at: naive }];
      const state = {
        workflow_id: "w",
        status: "blocked",
        start_time: naive,
        steps: [{ ...step, attempts, answered: { at: naive } }],
        block_info: { deadline: naive },
        mine: naive,
      };
      await server.saved(state);
      const whole = {
        start_time: kept,
        steps: [
          {
            started_at: kept,
            finished_at: kept,
            retry_at: kept,
            attempts: [{ started_at: kept, finished_at: kept }],
            answered: { at: kept },
          },
        ],
        block_info: { deadline: kept },
        // Nobody knows what an unknown key means.
        mine: naive,
      };
      expect((await server.get()).body.state).toMatchObject(whole);
      const tab = await server.openTab();
      const update = { started_at: "2026-07-01 10:00", finished_at: "2026-07-01T10:00:00+02:00" };
      await tab.ask({ kind: "step", index: 0, update });
      await tab.ask({ kind: "save", merge: true, state: { start_time: "2026-07-01T09:00:00" } });
      const end = { status: "completed", end_time: "2026-07-01T11:00:00" };
      expect((await server.call("PATCH", STATE, { body: end })).status).toBe(200);
      const changed = {
        start_time: "2026-07-01T13:00:00Z",
        end_time: "2026-07-01T15:00:00Z",
        steps: [{ started_at: "2026-07-01T14:00:00Z", finished_at: "2026-07-01T08:00:00Z" }],
      };
      expect((await server.get()).body.state).toMatchObject(changed);
      await server.restart();
      expect((await server.get()).body.state).toMatchObject(changed);
    },
  );

  liveTest(
    "a state with times without a zone is a late report of an ended one, however its start is written",
    async ({ serve }) => {
      process.env.TZ = "Europe/Berlin";
      const server = await serve({ clearAfterMs: 1_000 });
      const state = { workflow_id: "w", status: "completed", start_time: "2026-01-01T10:00:00" };
      await server.saved(state);
      server.clock.advance(1_000);
      await until(async () => (await server.get()).body.state === null, "it is in the history");
      for (const start_time of [
        "2026-01-01T10:00:00",
        "2026-01-01T09:00:00Z",
        "2026-01-01T09:00:00.000Z",
        "2026-01-01T10:00:00+01:00",
        "2026-01-01T04:00:00-0500",
      ]) {
        const body = { ...state, status: "running", start_time };
        const answer = await server.call("POST", STATE, { body });
        expect([start_time, answer.body.code]).toEqual([start_time, "already_ended"]);
      }
      const next = { ...state, status: "running", start_time: "2026-01-01T09:00:01Z" };
      expect((await server.call("POST", STATE, { body: next })).status).toBe(200);
    },
  );

  liveTest(
    "a state with times without a zone is refused by its field where there is no such time",
    async ({ serve }) => {
      const server = await serve();
      const body = { start_time: "2026-02-30T00:00:00", steps: [{ action: "a", started_at: 5 }] };
      const answer = await server.call("POST", STATE, { body });
      expect(answer.body.errors).toEqual([
        { path: "steps.0.started_at", message: "must be text" },
        {
          path: "start_time",
          message: 'must be a date with a time, such as "2026-11-25T21:07:50Z"',
        },
      ]);
    },
  );
});
