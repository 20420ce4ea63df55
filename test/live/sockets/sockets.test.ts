/** Transcripts of sockets, frame by frame: the workflows they follow, from the first snapshot to the end. */
import { describe, expect } from "vitest";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const deploy = { workflow_id: "deploy", steps: [{ action: "build" }] };
const clear = (server: LiveServer, id: string) =>
  server.call("DELETE", `/workflow/state?workflow_id=${id}`);

describe("a socket", () => {
  liveTest("a socket is greeted first", async ({ serve }) => {
    const server = await serve();
    const [one, two] = [await server.greet(), await server.greet()];
    expect(one.hello).toEqual({
      type: "hello",
      protocol: 1,
      server_time: new Date(server.clock.now()).toISOString(),
      boot_id: expect.any(String),
      heartbeat_ms: 15_000,
      can: ["watch", "drive"],
      named_followers: true,
    });
    expect(two.hello.boot_id).toBe(one.hello.boot_id);
    await server.restart();
    expect((await server.greet()).hello.boot_id).not.toBe(one.hello.boot_id);
  });

  liveTest("a socket hears nothing of what it does not follow", async ({ serve }) => {
    const server = await serve();
    const tab = await server.openTab();
    await server.saved(deploy);
    expect(await tab.rest()).toEqual([]);
  });
});

describe("following a workflow by id", () => {
  liveTest(
    "following a workflow by id gives its state, and then every change",
    async ({ serve }) => {
      const server = await serve();
      const saved = await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("deploy");
      const { state } = (await server.get()).body;
      expect(await tab.next()).toEqual({ type: "snapshot", ...saved, state });

      server.clock.advance(1_000);
      const now = new Date(server.clock.now()).toISOString();
      await server.call("PATCH", "/workflow/state", { body: { title: "Deploy it" } });
      const changed = await tab.take("changed");
      expect(changed).toEqual({
        type: "changed",
        workflow_id: "deploy",
        epoch: saved.epoch,
        base: 1,
        revision: 2,
        patch: expect.any(Array),
      });
      expect(changed.patch).toHaveLength(2);
      expect(changed.patch).toEqual(
        expect.arrayContaining([
          { op: "add", path: "/title", value: "Deploy it" },
          { op: "replace", path: "/last_update", value: now },
        ]),
      );
    },
  );

  liveTest(
    "following an id of which there is no workflow says so, and is no subscription",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      tab.subscribe("deploy");
      expect(await tab.next()).toEqual({
        type: "closed",
        workflow_id: "deploy",
        epoch: null,
        revision: null,
        reason: "unknown",
      });
      await server.saved(deploy);
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest(
    "following a workflow by id ends when it is cleared: nothing more follows",
    async ({ serve }) => {
      const server = await serve();
      const saved = await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("deploy");
      await tab.take("snapshot");
      await clear(server, "deploy");
      expect(await tab.next()).toEqual({ type: "closed", ...saved, reason: "cleared" });
      await server.saved(deploy);
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest(
    "following a workflow by id ends when it goes to the history, which can be followed too",
    async ({ serve }) => {
      const server = await serve({ limits: { heartbeatMs: 1e9 } });
      const saved = await server.saved({ ...deploy, status: "completed" });
      const tab = await server.openTab();
      tab.subscribe("deploy");
      await tab.take("snapshot");
      server.clock.advance(30_000);
      expect(await tab.next()).toEqual({ type: "closed", ...saved, reason: "expired" });

      tab.subscribe("deploy", saved);
      expect(await tab.next()).toEqual({ type: "resumed", ...saved });
      tab.subscribe("deploy");
      expect(await tab.take("snapshot")).toMatchObject({
        ...saved,
        state: { status: "completed" },
      });
      await clear(server, "deploy");
      expect(await tab.take("closed")).toMatchObject({ workflow_id: "deploy", reason: "cleared" });
    },
  );

  liveTest(
    "following a workflow of the history goes on with a new one of the same id",
    async ({ serve }) => {
      const server = await serve({ limits: { heartbeatMs: 1e9 } });
      const old = await server.saved({ ...deploy, status: "failed" });
      const tab = await server.openTab();
      tab.subscribe("deploy");
      await tab.take("snapshot");
      server.clock.advance(30_000);
      await tab.take("closed");
      tab.subscribe("deploy", old);
      await tab.take("resumed");
      const next = await server.saved(deploy);
      expect(await tab.take("snapshot")).toMatchObject(next);
      expect(next.epoch).not.toBe(old.epoch);
    },
  );

  liveTest(
    "following a workflow by id stops when it is asked to, and may begin again",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("deploy");
      await tab.take("snapshot");
      tab.send({ type: "unsubscribe", workflow_id: "deploy" });
      tab.send({ type: "unsubscribe", workflow_id: "never followed" });
      expect((await tab.take("refused")).code).toBe("bad_message");
      await server.saved(deploy);
      expect(await tab.rest()).toEqual([]);
      tab.subscribe("deploy");
      expect(await tab.take("snapshot")).toMatchObject({ revision: 2 });
    },
  );

  liveTest(
    "following a workflow by id twice is answered twice, and told once",
    async ({ serve }) => {
      const server = await serve();
      const saved = await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("deploy");
      tab.subscribe("deploy", saved);
      await tab.take("snapshot");
      await tab.take("resumed");
      await server.saved(deploy);
      expect((await tab.rest()).map(({ type }) => type)).toEqual(["changed"]);
    },
  );
});
