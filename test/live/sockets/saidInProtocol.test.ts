/** Sentences of PROTOCOL.md that no other test looks at: its session, its two kinds of parts, who renews a lease, what a typing error looks like. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { IS_ON_ETCD, liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";
const deploy = { workflow_id: "deploy", steps: [{ action: "build" }, { action: "ship" }] };

liveTest.skipIf(IS_ON_ETCD)(
  "the session of section 10 goes as it stands there",
  async ({ serve }) => {
    const server = await serve();
    const watcher = await server.openTab();
    watcher.subscribe("current");
    expect(await watcher.next()).toEqual({ type: "current", workflow_id: null });
    const driver = await server.openTab();
    expect(await driver.ask({ kind: "save", state: deploy })).toMatchObject({ revision: 1 });
    expect(await watcher.next()).toEqual({ type: "current", workflow_id: "deploy" });
    expect(await watcher.next()).toMatchObject({ type: "snapshot", revision: 1 });
    const claim = { kind: "claim", workflow_id: "deploy", driver: "laptop" };
    const claimed = await driver.ask(claim);
    expect(claimed).toMatchObject({ revision: 2, token: 1, lease_ms: 30_000 });
    expect(await watcher.next()).toMatchObject({
      type: "changed",
      base: 1,
      revision: 2,
      patch: expect.arrayContaining([
        { op: "add", path: "/driver", value: { name: "laptop", since: expect.any(String) } },
      ]),
    });
    const step = (status: string) => ({
      kind: "step",
      workflow_id: "deploy",
      index: 0,
      update: { status },
    });
    expect(await driver.ask(step("in_progress"), { token: 1 })).toMatchObject({ revision: 3 });
    const begun = await watcher.next();
    expect(begun).toMatchObject({
      type: "changed",
      base: 2,
      patch: expect.arrayContaining([
        { op: "replace", path: "/steps/0/status", value: "in_progress" },
      ]),
    });
    const path = `${STATE}/steps/0?workflow_id=deploy`;
    const other = await server.call("PATCH", path, { body: { status: "completed" } });
    expect([other.status, other.body]).toMatchObject([
      409,
      { code: "stale_driver", message: '"laptop" drives this workflow now' },
    ]);

    watcher.drop();
    expect(await driver.ask(step("completed"), { token: 1 })).toMatchObject({ revision: 4 });
    const back = await server.openTab();
    const { epoch } = claimed as { epoch: string };
    back.subscribe("current", { epoch, revision: 3 });
    expect(await back.next()).toEqual({ type: "current", workflow_id: "deploy" });
    expect(await back.next()).toMatchObject({ type: "changed", base: 3, revision: 4 });
    expect(await back.next()).toEqual({
      type: "resumed",
      workflow_id: "deploy",
      epoch,
      revision: 4,
    });

    const end = {
      kind: "save",
      merge: true,
      workflow_id: "deploy",
      state: { status: "completed" },
    };
    for (const _again of [1, 2])
      driver.send({ type: "propose", request_id: "a5", token: 1, command: end });
    for (const _again of [1, 2])
      expect(await driver.take("accepted")).toMatchObject({ request_id: "a5", revision: 5 });
    expect(await back.next()).toMatchObject({ type: "changed", base: 4, revision: 5 });
    for (const _half of [1, 2]) {
      server.clock.advance(15_000);
      await back.take("heartbeat");
      await until(() => server.clock.waitingFor(8_000) === 0, "the pongs arrived");
    }
    expect(await back.next()).toEqual({
      type: "closed",
      workflow_id: "deploy",
      epoch,
      revision: 5,
      reason: "expired",
    });
    expect(await back.next()).toEqual({ type: "current", workflow_id: null });
  },
);

describe("a part", () => {
  liveTest("a part of a state is merged at its top level only", async ({ serve }) => {
    const server = await serve();
    await server.saved({ ...deploy, note: "x", data: { a: { x: 1 }, b: 2 } });
    const body = { note: null, data: { a: { y: 1 }, b: null } };
    await server.call("PATCH", STATE, { body });
    const { state } = (await server.get()).body;
    expect(state).toMatchObject({ data: { a: { y: 1 }, b: null } });
    expect(state.data).toEqual({ a: { y: 1 }, b: null });
    expect(state).not.toHaveProperty("note");
  });

  liveTest("a part of a step keeps a null, and replaces its data whole", async ({ serve }) => {
    const server = await serve();
    await server.saved({ steps: [{ action: "a", mine: 1, data: { x: 1 } }] });
    await server.call("PATCH", `${STATE}/steps/0`, { body: { mine: null, data: { y: null } } });
    expect((await server.get()).body.state.steps[0]).toMatchObject({
      mine: null,
      data: { y: null },
    });
  });

  liveTest("a part that changes nothing is a change, and told", async ({ serve }) => {
    const server = await serve();
    await server.saved(deploy);
    const tab = await server.openTab();
    tab.subscribe("deploy");
    await tab.take("snapshot");
    server.clock.advance(1_000);
    await tab.rest();
    expect(await server.saved(deploy)).toMatchObject({ revision: 2 });
    expect(await tab.take("changed")).toMatchObject({
      patch: [{ op: "replace", path: "/last_update", value: expect.any(String) }],
    });
  });
});

liveTest(
  "an id that nobody has is nothing to a read or a clear, and unknown to others",
  async ({ serve }) => {
    const server = await serve();
    await server.saved(deploy);
    const wrong = "?workflow_id=depoly";
    expect((await server.get(STATE + wrong)).body).toEqual({
      success: true,
      active: false,
      state: null,
    });
    expect((await server.get(`${STATE}/summary${wrong}`)).body.summary.workflow_id).toBeNull();
    expect((await server.call("DELETE", STATE + wrong)).status).toBe(200);
    const sure = { "If-Match": "*" };
    expect((await server.call("DELETE", STATE + wrong, { headers: sure })).status).toBe(412);
    for (const [method, path, body] of [
      ["PATCH", STATE, { note: "x" }],
      ["PATCH", `${STATE}/steps/0`, { message: "x" }],
      ["POST", "/workflow/stop", {}],
      ["POST", "/workflow/answer", { answer: {} }],
      ["POST", "/workflow/resume", {}],
      ["POST", "/workflow/retry", {}],
    ] as const) {
      const answer = await server.call(method, path + wrong, { body });
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, "unknown_workflow"]);
    }
  },
);

describe("a lease", () => {
  const claim = { kind: "claim", workflow_id: "deploy", driver: "me" };

  liveTest.skipIf(IS_ON_ETCD)(
    "a lease is renewed by any frame or call that carries its token, at either door",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const driver = await server.openTab();
      const { token } = (await driver.ask(claim)) as { token: number };
      const headers = { "Instep-Token": String(token) };
      const report = { kind: "step", index: 0, update: { message: "at work" } };
      const renewing = [
        () => server.call("PATCH", `${STATE}/steps/0`, { body: { message: "x" }, headers }),
        () => server.call("PATCH", `${STATE}?workflow_id=deploy`, { body: { n: 1 }, headers }),
        () =>
          server.call("POST", `${STATE}/steps/0/log`, {
            body: "x",
            headers: { ...headers, "Content-Type": "text/plain" },
          }),
        async () => (await server.openTab()).ask(report, { token }),
      ];
      for (const renew of [...renewing, ...renewing]) {
        server.clock.advance(20_000);
        await renew();
      }
      expect((await server.get()).body.state).toMatchObject({
        status: "running",
        driver: { name: "me" },
      });
      server.clock.advance(30_000);
      await until(
        async () => (await server.get()).body.state.status === "interrupted",
        "it is lost",
      );
    },
  );

  liveTest(
    "a lease that nobody holds is released by anybody, but not with an old token",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const tab = await server.openTab();
      const release = { kind: "release", workflow_id: "deploy" };
      expect(await tab.ask(release)).toMatchObject({ type: "accepted", revision: 1 });
      const { token } = (await tab.ask(claim)) as { token: number };
      await tab.ask(release, { token });
      expect(await tab.ask(release, { token })).toMatchObject({ code: "stale_driver" });
      expect((await server.call("PATCH", STATE, { body: { note: "welcome" } })).status).toBe(200);
    },
  );
});

liveTest("the keys of both doors are the same keys", async ({ serve }) => {
  const server = await serve();
  const tab = await server.openTab();
  tab.send({ type: "propose", request_id: "k", command: { kind: "save", state: deploy } });
  const { epoch, revision } = await tab.take("accepted");
  const headers = { "Idempotency-Key": "k" };
  expect(await server.saved(deploy, headers)).toMatchObject({ epoch, revision });
  const other = await server.call("POST", STATE, { body: { ...deploy, note: "x" }, headers });
  expect(other.body.code).toBe("key_reused");
});
