/** Leases: one driver at a time, known by a token, missed when it is gone. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
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

describe("a claim", () => {
  liveTest("a claim gives a token and a lease, and everyone sees who drives", async ({ serve }) => {
    const server = await serve();
    await server.saved(deploy);
    const [driver, watcher] = [await server.openTab(), await server.openTab()];
    watcher.subscribe("deploy");
    await watcher.take("snapshot");
    expect(await driver.ask(claim("first"))).toMatchObject({
      type: "accepted",
      workflow_id: "deploy",
      revision: 2,
      token: expect.any(Number),
      lease_ms: 30_000,
    });
    const since = new Date(server.clock.now()).toISOString();
    expect((await watcher.take("changed")).patch).toContainEqual({
      op: "add",
      path: "/driver",
      value: { name: "first", since },
    });
    expect((await server.get("/workflows")).body.workflows[0]!.driver).toBe("first");
  });

  liveTest("a claim is one driver's at a time", async ({ serve }) => {
    const server = await serve();
    const { driver, token } = await driven(server);
    const other = await server.openTab();
    for (const command of [
      claim("second"),
      release,
      step(0, "failed"),
      { kind: "save", state: deploy },
      { kind: "save", merge: true, ...id, state: { title: "x" } },
    ]) {
      for (const more of [{}, { token: token + 1 }]) {
        expect(await other.ask(command, more)).toMatchObject(stale);
      }
    }
    for (const [path, body] of [
      ["/workflow/state", { title: "x" }],
      ["/workflow/state/steps/0", { status: "failed" }],
    ] as const) {
      const bare = await server.call("PATCH", path, { body });
      expect([bare.status, bare.body.code]).toEqual([409, "stale_driver"]);
    }
    // The holder may also report by REST, with its token.
    const headers = { "Instep-Token": `${token}` };
    const body = { status: "completed" };
    expect((await server.call("PATCH", "/workflow/state/steps/0", { body, headers })).status).toBe(
      200,
    );
    await driver.accepted(step(1, "in_progress"), { token });
  });

  liveTest("a claim of an unknown or an ended workflow is refused", async ({ serve }) => {
    const server = await serve();
    const tab = await server.openTab();
    expect(await tab.ask(claim("x"))).toMatchObject({ code: "unknown_workflow" });
    await server.saved({ ...deploy, status: "completed" });
    expect(await tab.ask(claim("x"))).toMatchObject({ code: "already_ended" });
  });

  liveTest("a claim ends by release, which changes nothing else", async ({ serve }) => {
    const server = await serve();
    const { driver, token } = await driven(server);
    const { driver: _driver, ...before } = await stateOf(server);
    await driver.accepted(release, { token });
    expect(await stateOf(server)).toEqual(before);
    expect(await driver.ask(step(0, "completed"), { token })).toMatchObject(stale);
    const next = await (await server.openTab()).accepted(claim("second"));
    expect(next.token).toBeGreaterThan(token);
  });

  liveTest("a claim ends with the workflow", async ({ serve }) => {
    const server = await serve();
    const { driver, token } = await driven(server);
    const end = { kind: "save", merge: true, ...id, state: { status: "completed" } };
    await driver.accepted(end, { token });
    expect(await stateOf(server)).not.toHaveProperty("driver");
    server.clock.advance(29_999);
    expect((await stateOf(server)).status).toBe("completed");
  });

  liveTest(
    "a claim once more with its token is a renewal, also from a new socket",
    async ({ serve }) => {
      const server = await serve();
      const { driver, token } = await driven(server);
      const { revision } = (await server.get()).body;
      driver.drop();
      server.clock.advance(20_000);
      const back = await server.openTab();
      expect(await back.ask(claim("first"), { token })).toMatchObject({ token, revision });
      server.clock.advance(20_000);
      await back.accepted(step(0, "completed"), { token });
      server.clock.advance(29_999);
      expect((await stateOf(server)).status).toBe("running");
      server.clock.advance(1);
      await untilInterrupted(server);
    },
  );
});

describe("a lease", () => {
  liveTest(
    "a lease ends 30 s after the last sign of life, and the work is interrupted",
    async ({ serve }) => {
      const server = await serve();
      const { driver, token } = await driven(server);
      driver.drop();
      server.clock.advance(29_999);
      expect((await stateOf(server)).status).toBe("running");
      server.clock.advance(1);
      const state = await untilInterrupted(server);
      expect(state.interruption).toEqual({
        at: new Date(server.clock.now()).toISOString(),
        reason: "driver_gone",
        step: 0,
        since: state.steps[0]?.started_at,
        last_seen: new Date(server.clock.now() - 30_000).toISOString(),
      });
      expect(state.interruption?.since).toEqual(expect.any(String));
      expect(state.steps.map(({ status }) => status)).toEqual(["interrupted", "pending"]);
      expect(state).not.toHaveProperty("driver");
      const late = await server.openTab();
      expect(await late.ask(step(0, "completed"), { token })).toMatchObject(stale);
      expect(await late.ask(claim("first"), { token })).toMatchObject({ type: "accepted" });
    },
  );

  liveTest(
    "a lease is renewed by every frame of its driver, and by no one else's",
    async ({ serve }) => {
      // No heartbeats, whose pongs would have to be waited for.
      const server = await serve({ limits: { heartbeatMs: 3_600_000 } });
      const { driver } = await driven(server);
      const other = await server.openTab();
      for (let i = 0; i < 4; i++) {
        server.clock.advance(20_000);
        driver.send({ type: "ping" });
        await driver.rest();
        await other.rest();
        expect((await stateOf(server)).status).toBe("running");
      }
      server.clock.advance(20_000);
      await other.rest();
      server.clock.advance(10_000);
      await untilInterrupted(server);
    },
  );

  liveTest("a lease has its full time again after a restart", async ({ serve }) => {
    const server = await serve();
    const { token } = await driven(server);
    server.clock.advance(29_000);
    await server.stop();
    server.clock.advance(3_600_000);
    await server.restart();
    server.clock.advance(29_999);
    expect((await stateOf(server)).status).toBe("running");
    const driver = await server.openTab();
    await driver.accepted(step(0, "completed"), { token });
    expect(await driver.ask(claim("second"))).toMatchObject(stale);
    driver.drop();
    server.clock.advance(30_000);
    await untilInterrupted(server);
    const back = await server.openTab();
    const next = await back.accepted(claim("second"));
    expect(next.token).toBeGreaterThan(token);
    await back.accepted(step(1, "in_progress"), { token: next.token });
    const state = await stateOf(server);
    expect(state.status).toBe("running");
    expect(state).not.toHaveProperty("interruption");
  });
});
