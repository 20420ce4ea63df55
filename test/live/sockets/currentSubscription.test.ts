/** Following whichever workflow is current: who it is, its frames, and the next one. */
import { describe, expect } from "vitest";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const deploy = { workflow_id: "deploy", steps: [{ action: "build" }] };
const clear = (server: LiveServer, id: string) =>
  server.call("DELETE", `/workflow/state?workflow_id=${id}`);

describe("following the current workflow", () => {
  liveTest(
    "following the current workflow says who it is, follows it, and moves on to the next",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      tab.subscribe("current");
      expect(await tab.next()).toEqual({ type: "current", workflow_id: null });

      const one = await server.saved({ workflow_id: "one" });
      expect(await tab.next()).toEqual({ type: "current", workflow_id: "one" });
      expect(await tab.take("snapshot")).toMatchObject(one);

      const two = await server.saved({ workflow_id: "two" });
      expect(await tab.next()).toEqual({ type: "current", workflow_id: "two" });
      expect(await tab.take("snapshot")).toMatchObject(two);

      await server.saved({ workflow_id: "one", note: "no longer current" });
      await server.saved({ workflow_id: "two", note: "current" });
      expect(await tab.take("changed")).toMatchObject({ workflow_id: "two", base: 1, revision: 2 });

      await clear(server, "two");
      expect(await tab.next()).toMatchObject({ type: "closed", ...two, revision: 2 });
      expect(await tab.next()).toEqual({ type: "current", workflow_id: "one" });
      expect(await tab.take("snapshot")).toMatchObject({ ...one, revision: 2 });

      await clear(server, "one");
      expect(await tab.next()).toMatchObject({ type: "closed", workflow_id: "one" });
      expect(await tab.next()).toEqual({ type: "current", workflow_id: null });
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest(
    "following the current workflow falls back when the end was shown for long enough",
    async ({ serve }) => {
      const server = await serve({ limits: { heartbeatMs: 1e9 } });
      await server.saved({ workflow_id: "one" });
      const two = await server.saved({ workflow_id: "two", status: "completed" });
      const tab = await server.openTab();
      tab.subscribe("current");
      await tab.take("current");
      await tab.take("snapshot");
      server.clock.advance(30_000);
      expect(await tab.next()).toEqual({ type: "closed", ...two, reason: "expired" });
      expect(await tab.next()).toEqual({ type: "current", workflow_id: "one" });
      expect(await tab.take("snapshot")).toMatchObject({ workflow_id: "one", revision: 1 });
    },
  );

  liveTest(
    "following the current workflow uses a position where it is of that workflow's life",
    async ({ serve }) => {
      const server = await serve();
      const saved = await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("current", saved);
      expect(await tab.next()).toEqual({ type: "current", workflow_id: "deploy" });
      expect(await tab.next()).toEqual({ type: "resumed", ...saved });
      tab.subscribe("current", { epoch: "another life", revision: 1 });
      expect(await tab.next()).toEqual({ type: "current", workflow_id: "deploy" });
      expect(await tab.take("snapshot")).toMatchObject(saved);
    },
  );

  liveTest("following the current workflow stops when it is asked to", async ({ serve }) => {
    const server = await serve();
    await server.saved(deploy);
    const tab = await server.openTab();
    tab.subscribe("current");
    await tab.take("current");
    await tab.take("snapshot");
    tab.send({ type: "unsubscribe", workflow_id: "current" });
    await server.saved(deploy);
    await server.saved({ workflow_id: "next" });
    expect(await tab.rest()).toEqual([]);
  });

  liveTest(
    "following the current workflow and by id as well gives each frame once",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("deploy");
      tab.subscribe("current");
      await tab.rest();
      const patch = { title: "once" };
      await server.call("PATCH", "/workflow/state", { body: patch });
      expect((await tab.rest()).map(({ type }) => type)).toEqual(["changed"]);

      // Either subscription alone goes on when the other one ends.
      tab.send({ type: "unsubscribe", workflow_id: "current" });
      await server.call("PATCH", "/workflow/state", { body: patch });
      expect((await tab.rest()).map(({ type }) => type)).toEqual(["changed"]);
      tab.subscribe("current");
      await tab.rest();
      tab.send({ type: "unsubscribe", workflow_id: "deploy" });
      await server.call("PATCH", "/workflow/state", { body: patch });
      expect((await tab.rest()).map(({ type }) => type)).toEqual(["changed"]);

      tab.subscribe("deploy");
      await tab.rest();
      await server.saved({ workflow_id: "next" });
      expect((await tab.rest()).map(({ type }) => type)).toEqual(["current", "snapshot"]);
      await server.saved(deploy);
      expect(await tab.rest()).toMatchObject([{ type: "changed", workflow_id: "deploy" }]);
      await clear(server, "deploy");
      expect(await tab.rest()).toMatchObject([{ type: "closed", workflow_id: "deploy" }]);
    },
  );

  liveTest(
    "following the current workflow that is followed by id already brings no snapshot of it again",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "older" });
      await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("older");
      tab.subscribe("current");
      await tab.rest();
      await clear(server, "deploy");
      const { epoch } = await tab.take("closed");
      expect(await tab.rest()).toEqual([{ type: "current", workflow_id: "older" }]);
      await server.saved({ workflow_id: "older", note: "goes on" });
      expect(await tab.rest()).toMatchObject([{ type: "changed", workflow_id: "older", base: 1 }]);
      // The same id may come back, as another life.
      await server.saved(deploy);
      const [named, shown] = await tab.rest();
      expect([named, shown]).toMatchObject([{ type: "current" }, { workflow_id: "deploy" }]);
      expect(shown).not.toMatchObject({ epoch });
    },
  );

  liveTest(
    "a workflow that is followed by two names with an old position is told twice in each part",
    async ({ serve }) => {
      const server = await serve();
      const first = await server.saved(deploy);
      await server.saved({ ...deploy, note: "missed" });
      const tab = await server.openTab();
      tab.subscribe("deploy", first);
      tab.subscribe("current", first);
      expect(
        (await tab.rest()).map((frame) => [
          frame.type,
          "revision" in frame ? frame.revision : null,
        ]),
      ).toEqual([
        ["changed", 2],
        ["resumed", 2],
        ["current", null],
        ["changed", 2],
        ["resumed", 2],
      ]);
    },
  );
});
