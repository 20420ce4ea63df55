/** Commands over the socket: answered once durable, after the sender's own change, and refused in words a client can act on. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { heldDisk } from "../../support/disks/heldDisk.js";
import type { Frame } from "../../support/links/rawTab.js";
import { liveTest } from "../../support/servers/liveServer.js";

const deploy = { workflow_id: "deploy", steps: [{ action: "build" }, { action: "ship" }] };
const save = (state: object) => ({ kind: "save", state });
const note = (text: string) => ({ kind: "save", merge: true, state: { note: text } });

describe("an accepted command", () => {
  liveTest(
    "an accepted command is answered with its position, after the sender's own change",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      tab.subscribe("current");
      await tab.take("current");
      const saved = tab.propose(save(deploy));
      expect(await tab.next()).toEqual({ type: "current", workflow_id: "deploy" });
      const { epoch } = await tab.take("snapshot");
      expect(await tab.next()).toEqual({
        type: "accepted",
        request_id: saved,
        workflow_id: "deploy",
        epoch,
        revision: 1,
      });
      const reported = tab.propose({ kind: "step", index: 0, update: { status: "in_progress" } });
      expect(await tab.take("changed")).toMatchObject({ epoch, base: 1, revision: 2 });
      expect(await tab.take("accepted")).toMatchObject({ request_id: reported, revision: 2 });
      const cleared = tab.propose({ kind: "clear" });
      expect(await tab.take("closed")).toMatchObject({ epoch, revision: 2, reason: "cleared" });
      expect(await tab.take("current")).toMatchObject({ workflow_id: null });
      expect(await tab.take("accepted")).toMatchObject({ request_id: cleared, epoch });
      const again = tab.propose({ kind: "clear" });
      expect(await tab.next()).toEqual({
        type: "accepted",
        request_id: again,
        workflow_id: null,
        epoch: null,
        revision: null,
      });
    },
  );

  liveTest(
    "an accepted command reaches every other tab, and so does a report by REST",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const tabs = [await server.openTab(), await server.openTab()];
      for (const tab of tabs) {
        tab.subscribe("deploy");
        await tab.take("snapshot");
      }
      await tabs[0]!.accepted(note("by socket"));
      await server.call("PATCH", "/workflow/state/steps/0", { body: { status: "completed" } });
      const heard = await Promise.all(tabs.map((tab) => tab.rest()));
      expect(heard[0]).toEqual(heard[1]);
      expect(heard[0]).toMatchObject([
        { type: "changed", base: 1, revision: 2 },
        { type: "changed", base: 2, revision: 3 },
      ]);
      const late = await server.openTab();
      late.subscribe("deploy");
      expect((await late.take("snapshot")).state).toEqual((await server.get()).body.state);
    },
  );

  liveTest(
    "an accepted command is heard of by nobody before it is durable",
    async ({ serve, folder }) => {
      const disk = await heldDisk(folder);
      const server = await serve({ store: disk.store });
      await server.saved(deploy);
      const [driver, watcher] = [await server.openTab(), await server.openTab()];
      for (const tab of [driver, watcher]) {
        tab.subscribe("deploy");
        await tab.take("snapshot");
      }
      disk.hold();
      driver.propose(note("not yet"));
      await until(() => disk.waiting === 1, "the write has begun");
      expect([await driver.rest(), await watcher.rest()]).toEqual([[], []]);
      expect((await server.get()).body).toMatchObject({ revision: 1 });
      disk.release();
      expect(await watcher.take("changed")).toMatchObject({ revision: 2 });
      await driver.take("changed");
      await driver.take("accepted");
    },
  );

  liveTest(
    "an accepted command shares its write and its frame with those that came meanwhile",
    async ({ serve, folder }) => {
      const disk = await heldDisk(folder);
      const server = await serve({ store: disk.store });
      await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("deploy");
      await tab.take("snapshot");
      disk.hold();
      const alone = tab.propose(note("alone"));
      await until(() => disk.waiting === 1, "the first write has begun");
      const shared = [0, 1, 2, 3, 4].map((i) => tab.propose(note(`together ${i}`)));
      tab.propose({ kind: "step", index: 9, update: { status: "completed" } });
      expect(await tab.rest()).toEqual([]);
      disk.release();
      expect(await tab.take("changed")).toMatchObject({ base: 1, revision: 2 });
      expect(await tab.take("accepted")).toMatchObject({ request_id: alone, revision: 2 });
      const together = await tab.take("changed");
      expect(together).toMatchObject({ base: 2, revision: 7 });
      expect(together.patch).toContainEqual({ op: "replace", path: "/note", value: "together 4" });
      for (const [i, request_id] of shared.entries()) {
        expect(await tab.take("accepted")).toMatchObject({ request_id, revision: i + 3 });
      }
      expect(await tab.take("refused")).toMatchObject({ code: "unknown_step" });
      expect((await server.get()).body.revision).toBe(7);
    },
  );

  liveTest(
    "an accepted command takes part in a burst whose frames fit together",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("deploy");
      await tab.take("snapshot");
      const requests = Array.from({ length: 200 }, (_, i) => tab.propose(note(`${i}`)));
      await tab.answerTo(requests.at(-1)!);
      const frames = await tab.rest();
      const changes = frames.filter(({ type }) => type === "changed") as Frame<"changed">[];
      expect(changes.length).toBeLessThan(200);
      let at = 1;
      for (const { base, revision } of changes) {
        expect(base).toBe(at);
        at = revision;
      }
      expect(at).toBe(201);
    },
  );
});

describe("a refused command", () => {
  const cases: readonly (readonly [string, object, object, string])[] = [
    ["of an unknown workflow", { ...note("x"), workflow_id: "none" }, {}, "unknown_workflow"],
    [
      "to an unknown step",
      { kind: "step", index: 2, update: { message: "x" } },
      {},
      "unknown_step",
    ],
    ["from an old position", note("x"), { expected_revision: 7 }, "position_moved"],
    [
      "from another life",
      note("x"),
      { expected_revision: 1, expected_epoch: "x" },
      "position_moved",
    ],
    ["with a token of nobody", note("x"), { token: 5 }, "stale_driver"],
    ["that is none", { kind: "restart" }, {}, "bad_message"],
    ["with an empty state", save({}), {}, "bad_message"],
    ["with an unknown key", { ...note("x"), force: true }, {}, "bad_message"],
    ["with two ids", { ...save(deploy), workflow_id: "other" }, {}, "bad_message"],
    ["with a wrong field", save({ ...deploy, status: "done" }), {}, "bad_message"],
  ];

  liveTest.for(cases)(
    "a refused command, %s, is told so, and changes nothing",
    async (one, { serve }) => {
      const [, command, more, code] = one;
      const server = await serve();
      const saved = await server.saved(deploy);
      const tab = await server.openTab();
      tab.subscribe("deploy");
      await tab.take("snapshot");
      const request_id = tab.propose(command, more);
      const refused = await tab.take("refused");
      expect(refused).toMatchObject({ request_id, code, retry: false });
      expect(refused.message).not.toBe("");
      if (code === "position_moved") {
        expect(refused).toMatchObject({ epoch: saved.epoch, revision: 1 });
      }
      expect(await tab.rest()).toEqual([]);
      expect((await server.get()).body.revision).toBe(1);
    },
  );

  liveTest("a refused command names the fields that are wrong", async ({ serve }) => {
    const tab = await (await serve()).openTab();
    tab.propose(save({ steps: [{ action: "build", progress: 2 }] }));
    const { errors } = await tab.take("refused");
    expect(errors).toMatchObject([{ path: expect.stringContaining("steps.0.progress") }]);
  });

  liveTest(
    "a command that is refused for speed says which one it was, and may be sent again",
    async ({ serve }) => {
      const server = await serve({ limits: { commandsPerSecond: 10, commandBurst: 2 } });
      const tab = await server.openTab();
      await tab.accepted(save(deploy));
      await tab.accepted(note("a"));
      const refused = await tab.ask(note("b"));
      expect(refused).toMatchObject({ type: "refused", code: "rate_limited", retry: true });
      server.clock.advance(100);
      await tab.accepted(note("b"), { request_id: refused.request_id });
    },
  );
});
