/** The same key again gives the first outcome, applied once: over REST, over the socket, at once, and after a restart. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { heldDisk } from "../../support/disks/heldDisk.js";
import { IS_ON_ETCD, type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";
const deploy = { workflow_id: "deploy", steps: [{ action: "build" }], log: [] as string[] };
const key = (name: string) => ({ "Idempotency-Key": name });

const idsIn = async (server: LiveServer) =>
  (await server.get("/workflows")).body.workflows.map(({ workflow_id }) => workflow_id);

describe("a key that comes again", () => {
  const writes: readonly (readonly [string, string, object | undefined])[] = [
    ["POST", STATE, { ...deploy, note: "mine" }],
    ["PATCH", STATE, { workflow_id: "deploy", note: "mine" }],
    ["PATCH", `${STATE}/steps/0?workflow_id=deploy`, { status: "in_progress" }],
    ["DELETE", `${STATE}?workflow_id=deploy`, undefined],
    ["POST", "/workflow/clear", { workflow_id: "deploy" }],
  ];

  liveTest.for(writes)(
    "a key that comes again applies %s %s once",
    async ([method, path, body], { serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const options = { headers: key("k1"), ...(body === undefined ? {} : { body }) };
      const together = await Promise.all(
        Array.from({ length: 5 }, () => server.call(method, path, options)),
      );
      const after = await server.get();
      await server.restart();
      const late = await server.call(method, path, options);
      for (const { status, text } of [...together, late]) {
        expect([status, text]).toEqual([200, together[0]!.text]);
      }
      expect((await server.get()).text).toBe(after.text);
      expect(after.body.revision ?? 2).toBe(2);
    },
  );

  liveTest(
    "a key that comes again is refused with another command, and forgotten if it was refused",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy, key("k1"));
      const body = { ...deploy, note: "other" };
      const reused = await server.call("POST", STATE, { body, headers: key("k1") });
      expect([reused.status, reused.body.code, reused.body.retry]).toEqual([
        422,
        "key_reused",
        false,
      ]);

      const wrong = `${STATE}/steps/7`;
      const step = { status: "in_progress" };
      const refused = await server.call("PATCH", wrong, { body: step, headers: key("k2") });
      expect(refused.body.code).toBe("unknown_step");
      const mended = { body: step, headers: key("k2") };
      expect((await server.call("PATCH", `${STATE}/steps/0`, mended)).status).toBe(200);
    },
  );

  liveTest(
    "a key that comes again may be quoted, as the draft of the header has it",
    async ({ serve }) => {
      const server = await serve();
      const first = await server.saved(deploy, key("k1"));
      expect(await server.saved(deploy, key('"k1"'))).toEqual(first);
    },
  );

  // A cluster keeps those of the last minute, too, however many they are.
  liveTest.skipIf(IS_ON_ETCD)(
    "a key that comes again is remembered for each workflow by itself, the newest 64",
    async ({ serve }) => {
      const server = await serve();
      const one = await server.saved({ workflow_id: "one" }, key("k"));
      const two = await server.saved({ workflow_id: "two" }, key("k"));
      expect(one.epoch).not.toBe(two.epoch);
      for (let i = 1; i < 64; i++) await server.saved({ workflow_id: "one", i }, key(`k${i}`));
      expect(await server.saved({ workflow_id: "one" }, key("k"))).toEqual(one);
      await server.saved({ workflow_id: "one", i: 64 }, key("k64"));
      expect(await server.saved({ workflow_id: "one" }, key("k"))).toMatchObject({ revision: 66 });
    },
  );

  liveTest("a key that comes again means the same at both doors", async ({ serve }) => {
    const server = await serve();
    await server.saved(deploy);
    const update = { status: "in_progress" };
    const command = { kind: "step", workflow_id: "deploy", index: 0, update };
    const tab = await server.openTab();
    const [byRest, bySocket] = await Promise.all([
      server.call("PATCH", `${STATE}/steps/0?workflow_id=deploy`, {
        body: update,
        headers: key("both"),
      }),
      tab.accepted(command, { request_id: "both" }),
    ]);
    expect(byRest.body).toMatchObject({ revision: 2 });
    expect(bySocket).toMatchObject({ revision: 2, epoch: byRest.body.epoch });
    expect((await server.get()).body.revision).toBe(2);
  });
});

describe("a key without a workflow's id", () => {
  liveTest(
    "a key without a workflow's id starts one workflow, however often and however late it comes",
    async ({ serve }) => {
      const server = await serve();
      const save = () => server.saved({ name: "nameless" }, key("k1"));
      const saved = await Promise.all([save(), save(), save()]);
      await server.saved({ name: "another" }, key("k2"));
      await server.restart();
      for (const again of [...saved, await save()]) expect(again).toEqual(saved[0]);
      expect(await idsIn(server)).toHaveLength(2);
    },
  );

  liveTest(
    "a key without a workflow's id starts no second workflow when the first is in the history",
    async ({ serve }) => {
      const server = await serve({ clearAfterMs: 1_000 });
      const state = { name: "nameless", status: "completed" };
      const saved = await server.saved(state, key("k1"));
      server.clock.advance(1_000);
      await until(async () => (await server.get()).body.state === null, "it is in the history");
      expect(await server.saved(state, key("k1"))).toEqual(saved);
      await server.restart();
      expect(await server.saved(state, key("k1"))).toEqual(saved);
      expect(await idsIn(server)).toEqual([saved.workflow_id]);
    },
  );

  liveTest(
    "a key without a workflow's id clears what was current then, not what is current now",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "old" });
      await server.call("DELETE", STATE, { headers: key("k1") });
      await server.saved({ workflow_id: "new" });
      for (const restart of [false, true]) {
        if (restart) await server.restart();
        expect((await server.call("DELETE", STATE, { headers: key("k1") })).status).toBe(200);
        expect(await idsIn(server)).toEqual(["new"]);
      }
    },
  );

  liveTest("a key without a workflow's id reports on what was current then", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "old" });
    const merge = () => server.call("PATCH", STATE, { body: { note: "mine" }, headers: key("k1") });
    const first = await merge();
    await server.saved({ workflow_id: "new" });
    expect((await merge()).text).toBe(first.text);
    await server.restart();
    expect((await merge()).text).toBe(first.text);
    expect((await server.get()).body.state).not.toHaveProperty("note");
  });
});

describe("a clear that comes again", () => {
  liveTest(
    "a clear that comes again does not clear the next workflow of the same id",
    async ({ serve }) => {
      const server = await serve();
      const path = `${STATE}?workflow_id=deploy`;
      await server.saved(deploy);
      await server.call("DELETE", path, { headers: key("k1") });
      const next = await server.saved(deploy);
      for (const restart of [false, true]) {
        if (restart) await server.restart();
        expect((await server.call("DELETE", path, { headers: key("k1") })).status).toBe(200);
        expect((await server.get(path)).body).toMatchObject({ epoch: next.epoch });
      }
      expect((await server.call("DELETE", path, { headers: key("k2") })).status).toBe(200);
      expect((await server.get(path)).body.state).toBeNull();
    },
  );

  liveTest(
    "a clear that comes again out of the history, too, forgets none of the workflow's keys",
    async ({ serve }) => {
      const server = await serve({ clearAfterMs: 1_000 });
      const path = `${STATE}?workflow_id=deploy`;
      const ended = { ...deploy, status: "completed" };
      const first = await server.saved(ended, key("start"));
      server.clock.advance(1_000);
      await until(async () => (await server.get()).body.state === null, "it is in the history");
      await server.call("DELETE", path, { headers: key("clear") });
      expect((await server.get(path)).body.state).toBeNull();
      expect(await server.saved(ended, key("start"))).toEqual(first);
      const next = await server.saved(deploy);
      await server.restart();
      await server.call("DELETE", path, { headers: key("clear") });
      expect((await server.get(path)).body.epoch).toBe(next.epoch);
    },
  );

  liveTest(
    "a clear that comes again at the moment of the expiry keeps all keys as well",
    async ({ serve, folder }) => {
      const disk = await heldDisk(folder);
      const server = await serve({ store: disk.store, clearAfterMs: 1_000 });
      const path = `${STATE}?workflow_id=deploy`;
      const ended = { ...deploy, status: "completed" };
      const first = await server.saved(ended, key("start"));
      disk.hold();
      const clear = server.call("DELETE", path, { headers: key("clear") });
      await until(() => disk.waiting === 1, "the clear is being saved");
      server.clock.advance(1_000);
      disk.release();
      await clear;
      expect(await server.saved(ended, key("start"))).toEqual(first);
      expect((await server.get(path)).body.state).toBeNull();
    },
  );

  liveTest(
    "a clear that comes again finds its trace only while it is among the newest",
    async ({ serve }) => {
      const server = await serve({ limits: { tombstones: 2 } });
      for (const workflow_id of ["a", "b", "c"]) {
        await server.saved({ workflow_id });
        await server.call("DELETE", `${STATE}?workflow_id=${workflow_id}`, { headers: key("k") });
      }
      for (const workflow_id of ["c", "b"]) {
        await server.saved({ workflow_id });
        await server.call("DELETE", `${STATE}?workflow_id=${workflow_id}`, { headers: key("k") });
        expect((await server.get(`${STATE}?workflow_id=${workflow_id}`)).body.state).not.toBeNull();
      }
    },
  );
});
