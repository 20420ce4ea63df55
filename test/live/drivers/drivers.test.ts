/** Drivers whose workflow is taken from them, and drivers that hold no lease. */
import { describe, expect } from "vitest";
import { WebSocket } from "ws";
import { createClient, drive, type WebSocketConstructor } from "../../../client/index.js";
import { until, within } from "../../support/deadline.js";
import type { RawTab } from "../../support/links/rawTab.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const id = { workflow_id: "deploy" };
const deploy = { ...id, steps: [{ action: "build" }, { action: "ship" }] };
const claim = (driver: string) => ({ kind: "claim", ...id, driver });
const release = { kind: "release", ...id };
const step = (index: number, status: string) => ({
  kind: "step",
  ...id,
  index,
  update: { status },
});
const stale = { type: "refused", code: "stale_driver", retry: false };

const stateOf = async (server: LiveServer) =>
  (await server.get("/workflow/state?workflow_id=deploy")).body.state;
const untilInterrupted = (server: LiveServer) =>
  until(async () => {
    const state = await stateOf(server);
    return state.status === "interrupted" && state;
  }, "the workflow is interrupted");

/** A workflow whose first step a driver is at work on. */
async function driven(server: LiveServer): Promise<{ driver: RawTab; token: number }> {
  await server.saved(deploy);
  const driver = await server.openTab();
  const { token } = await driver.accepted(claim("first"));
  await driver.accepted(step(0, "in_progress"), { token });
  return { driver, token: token as number };
}

describe("clearing a workflow that is driven", () => {
  liveTest(
    "clearing a workflow that is driven is anyone's right; the driver's next report starts nothing",
    async ({ serve }) => {
      const server = await serve();
      const { driver, token } = await driven(server);
      const other = await server.openTab();
      expect(await other.ask({ kind: "clear", ...id })).toMatchObject({ type: "accepted" });
      for (const command of [
        step(0, "completed"),
        { kind: "save", state: deploy },
        { kind: "save", merge: true, ...id, state: { title: "x" } },
        claim("first"),
        release,
      ]) {
        expect(await driver.ask(command, { token })).toMatchObject({ type: "refused" });
      }
      const headers = { "Instep-Token": `${token}` };
      const answer = await server.call("POST", "/workflow/state", { body: deploy, headers });
      expect([answer.status, answer.body.code]).toEqual([409, "stale_driver"]);
      expect(await stateOf(server)).toBeNull();

      // Nor does it report into the next life of that id.
      await server.saved(deploy);
      expect(await driver.ask(step(0, "completed"), { token })).toMatchObject(stale);
      const next = await other.accepted(claim("second"));
      expect(next.token).toBeGreaterThan(token);
      expect(await driver.ask(step(0, "completed"), { token })).toMatchObject(stale);
    },
  );
});

describe("a driver that only uses REST", () => {
  liveTest(
    "a driver that only uses REST is missed after 10 min, and back with its next report",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ ...deploy, steps: [{ action: "build", status: "in_progress" }] });
      server.clock.advance(400_000);
      await server.call("PATCH", "/workflow/state/steps/0", { body: { progress: 0.5 } });
      server.clock.advance(599_999);
      expect((await stateOf(server)).status).toBe("running");
      server.clock.advance(1);
      const state = await untilInterrupted(server);
      expect(state.interruption).toMatchObject({ reason: "silent", step: 0 });
      expect(state.steps[0]).toMatchObject({ status: "interrupted", progress: 0.5 });
      await server.call("PATCH", "/workflow/state/steps/0", { body: { progress: 0.6 } });
      expect(await stateOf(server)).toMatchObject({
        status: "running",
        steps: [{ status: "in_progress", progress: 0.6 }],
      });
    },
  );

  liveTest("a driver that only uses REST has time to report after a restart", async ({ serve }) => {
    const server = await serve({ silentAfterMs: 60_000 });
    await server.saved(deploy);
    await server.stop();
    server.clock.advance(3_600_000);
    await server.restart();
    server.clock.advance(29_999);
    expect((await stateOf(server)).status).toBe("running");
    server.clock.advance(1);
    await untilInterrupted(server);
    await server.saved(deploy);
    expect((await stateOf(server)).status).toBe("running");
  });

  liveTest(
    "a driver that only uses REST is not missed while a person is asked",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ ...deploy, status: "blocked" });
      server.clock.advance(86_400_000);
      expect((await stateOf(server)).status).toBe("blocked");
    },
  );
});

describe("a driver elsewhere", () => {
  liveTest(
    "a driver elsewhere stops when somebody asks the workflow to stop, and says so itself",
    async ({ serve }) => {
      const server = await serve();
      const client = createClient({
        url: server.url,
        WebSocket: WebSocket as unknown as WebSocketConstructor,
      });
      let begun = () => {};
      const hasBegun = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const handlers = {
        build: async ({ signal }: { signal: AbortSignal }) => {
          begun();
          await new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          });
        },
        ship: () => {},
      };
      const driven = drive(client, deploy, handlers, id);
      await hasBegun;
      const answer = await server.call("POST", "/workflow/stop", { body: id });
      expect([answer.status, answer.body.message]).toEqual([202, "Workflow is stopping"]);
      expect(await within(driven, () => "the driver to stop")).toMatchObject({
        status: "cancelled",
      });
      expect(await stateOf(server)).toMatchObject({
        status: "cancelled",
        steps: [{ status: "cancelled" }, { status: "pending" }],
      });
      client.close();
    },
  );
});
