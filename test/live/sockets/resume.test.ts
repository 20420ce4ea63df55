/** Coming back: what was missed and no more, or a snapshot; never a hole, a double, or silence. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { heldDisk } from "../../support/disks/heldDisk.js";
import { PatchedMirror } from "../../support/model/patchedMirror.js";
import { IS_ON_ETCD, type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const steps = [{ action: "build" }, { action: "test" }, { action: "ship" }];
const note = (text: string) => ({ kind: "save", merge: true, state: { note: text } });

/** Takes a workflow through `changes` revisions; its states by revision, from 1. */
async function history(server: LiveServer, id: string, changes = 12) {
  const { epoch } = await server.saved({ workflow_id: id, status: "blocked", steps });
  const states: unknown[] = [null];
  for (let revision = 1; ; revision++) {
    states.push((await server.get(`/workflow/state?workflow_id=${id}`)).body.state);
    if (revision === changes) return { epoch, states, revision };
    server.clock.advance(1_000);
    const step = `/workflow/state/steps/${revision % steps.length}?workflow_id=${id}`;
    await server.call("PATCH", step, { body: { status: "blocked", message: `${revision}` } });
  }
}

/** Comes back at `revision`, checks that what is heard leads to `now`, and tells in which way. */
async function comeBack(
  server: LiveServer,
  id: string,
  { epoch, revision }: { epoch: string; revision: number },
  known: unknown,
): Promise<string[]> {
  const tab = await server.openTab();
  tab.subscribe(id, { epoch, revision });
  const heard = await tab.rest();
  const start = known ? { epoch, revision, state: known } : null;
  const mirror = new PatchedMirror(id, start).takeAll(heard);
  const now = (await server.get(`/workflow/state?workflow_id=${id}`)).body;
  expect(mirror.position).toEqual({ epoch: now.epoch, revision: now.revision });
  expect(mirror.state).toEqual(now.state);
  // And from here on it is told everything.
  tab.propose({ ...note(`after ${revision}`), workflow_id: id });
  mirror.takeAll([await tab.next()]);
  expect(mirror.position?.revision).toBe(now.revision + 1);
  tab.drop();
  return heard.map((frame) =>
    frame.type === "changed" ? `${frame.base}-${frame.revision}` : frame.type,
  );
}

describe("coming back", () => {
  liveTest("coming back at any revision gives exactly what was missed", async ({ serve }) => {
    const server = await serve();
    for (let k = 0; k <= 14; k++) {
      const id = `w${k}`;
      const { epoch, states, revision } = await history(server, id);
      const ways = await comeBack(server, id, { epoch, revision: k }, states[k]);
      const missed = Array.from(
        { length: Math.max(0, revision - k) },
        (_, i) => `${k + i}-${k + i + 1}`,
      );
      const isKnown = k >= 1 && k <= revision;
      expect([k, ...ways]).toEqual([k, ...(isKnown ? [...missed, "resumed"] : ["snapshot"])]);
    }
  });

  liveTest(
    "coming back from another life gives a snapshot, whatever the revision",
    async ({ serve }) => {
      const server = await serve();
      for (const k of [0, 1, 11, 12, 13]) {
        const id = `w${k}`;
        await history(server, id);
        const from = { epoch: "another life", revision: k };
        expect(await comeBack(server, id, from, null)).toEqual(["snapshot"]);
      }
    },
  );

  liveTest("coming back after the same id began a new life gives that one", async ({ serve }) => {
    const server = await serve();
    const old = await history(server, "again", 3);
    await server.call("DELETE", "/workflow/state?workflow_id=again");
    const next = await history(server, "again", 3);
    expect(next.epoch).not.toBe(old.epoch);
    expect(await comeBack(server, "again", old, old.states[3])).toEqual(["snapshot"]);
  });

  liveTest(
    "coming back after a restart, at any revision, gives exactly what was missed",
    async ({ serve }) => {
      const server = await serve();
      const all = [];
      for (let k = 0; k <= 7; k++) all.push(await history(server, `w${k}`, 5));
      await server.restart();
      for (const [k, { epoch, states }] of all.entries()) {
        const ways = await comeBack(server, `w${k}`, { epoch, revision: k }, states[k]);
        expect([k, ...ways]).toEqual([k, k === 5 ? "resumed" : "snapshot"]);
      }
    },
  );

  liveTest.skipIf(IS_ON_ETCD)(
    "coming back after an hour of silence gives exactly what was missed",
    async ({ serve }) => {
      const server = await serve();
      const { epoch, states, revision } = await history(server, "quiet", 5);
      const patient = await server.openTab();
      patient.subscribe("quiet", { epoch, revision });
      await patient.take("resumed");
      for (let second = 0; second < 3_600; second += 15) {
        server.clock.advance(15_000);
        await patient.take("heartbeat");
        await until(() => server.clock.waitingFor(8_000) === 0, "the pong arrived");
      }
      expect(await comeBack(server, "quiet", { epoch, revision: 3 }, states[3])).toEqual([
        "3-4",
        "4-5",
        "resumed",
      ]);
      expect(await patient.take("changed")).toMatchObject({ base: 5, revision: 6 });
    },
  );

  liveTest(
    "coming back where changes were saved together gives all of them or a snapshot, never a part",
    async ({ serve, folder }) => {
      const disk = await heldDisk(folder);
      const server = await serve({ store: disk.store });
      const { epoch, states } = await history(server, "grouped", 2);
      const driver = await server.openTab();
      disk.hold();
      driver.propose(note("alone"));
      await until(() => disk.waiting === 1, "the first write has begun");
      const shared = [0, 1, 2, 3].map((i) => driver.propose(note(`together ${i}`)));
      await driver.rest();
      disk.release();
      await driver.answerTo(shared.at(-1)!);

      const ways = [];
      for (let k = 0; k <= 8; k++) {
        const tab = await server.openTab();
        tab.subscribe("grouped", { epoch, revision: k });
        const frames = await tab.rest();
        ways.push(
          frames.map((frame) =>
            frame.type === "changed" ? `${frame.base}-${frame.revision}` : frame.type,
          ),
        );
        if (k <= 2 || k === 7) {
          const state = k === 7 ? (await server.get()).body.state : states[k];
          new PatchedMirror("grouped", { epoch, revision: k, state }).takeAll(frames);
        }
      }
      // A revision within a change was never shown to anyone, so only a snapshot leads on from there.
      expect(ways.map((way) => way.join(" "))).toEqual([
        "snapshot",
        "1-2 2-3 3-7 resumed",
        "2-3 3-7 resumed",
        "3-7 resumed",
        "snapshot",
        "snapshot",
        "snapshot",
        "resumed",
        "snapshot",
      ]);
    },
  );
});

describe("the memory for those who come back", () => {
  liveTest(
    "the memory for those who come back holds the newest changes of each workflow",
    async ({ serve }) => {
      const server = await serve({ limits: { recentChanges: 4 } });
      for (const [k, way] of [
        [7, ["snapshot"]],
        [8, ["8-9", "9-10", "10-11", "11-12", "resumed"]],
      ] as const) {
        const id = `w${k}`;
        const { epoch, states } = await history(server, id);
        expect(await comeBack(server, id, { epoch, revision: k }, states[k])).toEqual(way);
      }
    },
  );

  liveTest(
    "the memory for those who come back is bounded in bytes, for each and for all",
    async ({ serve }) => {
      const server = await serve({ limits: { recentBytes: 2_000 } });
      const { epoch, states } = await history(server, "deep", 40);
      expect(await comeBack(server, "deep", { epoch, revision: 1 }, states[1])).toEqual([
        "snapshot",
      ]);
      expect((await comeBack(server, "deep", { epoch, revision: 40 }, states[40])).at(-1)).toMatch(
        /resumed|snapshot/,
      );

      await server.restart({ limits: { recentTotalBytes: 3_000 } });
      const all = [];
      for (const id of ["a", "b", "c", "d"]) all.push({ id, ...(await history(server, id, 8)) });
      const ways = [];
      for (const { id, epoch, states } of all) {
        ways.push((await comeBack(server, id, { epoch, revision: 7 }, states[7]))[0]);
      }
      expect([ways[0], ways[3]]).toEqual(["snapshot", "7-8"]);
    },
  );

  liveTest(
    "the memory for those who come back gives a snapshot where that is less than what was missed",
    async ({ serve }) => {
      const server = await serve();
      const { epoch, revision } = await server.saved({ workflow_id: "big" });
      const text = "x".repeat(50_000);
      for (let i = 0; i < 4; i++) {
        await server.call("PATCH", "/workflow/state", { body: { text: text + i } });
      }
      const tab = await server.openTab();
      tab.subscribe("big", { epoch, revision });
      expect((await tab.rest()).map(({ type }) => type)).toEqual(["snapshot"]);
    },
  );
});
