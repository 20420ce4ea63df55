/** The document `*`: all workflows in one list, its changes gathered for a moment. */
import jsonPatch from "fast-json-patch";
import { describe, expect } from "vitest";
import type { ListState } from "../../../shared/wire/serverMessages.js";
import { until } from "../../support/deadline.js";
import type { Frame, RawTab } from "../../support/links/rawTab.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const GATHER_MS = 100;

/** By another RFC 6902 implementation than ours. */
const patched = (list: ListState, { patch }: Frame<"changed">): ListState =>
  jsonPatch.applyPatch(structuredClone(list), patch as jsonPatch.Operation[], true).newDocument;

async function followed(server: LiveServer): Promise<{ tab: RawTab; list: ListState }> {
  const tab = await server.openTab();
  tab.subscribe("*");
  const snapshot = await tab.take("snapshot");
  return { tab, list: snapshot.state as ListState };
}

const inList = ({ workflows }: ListState) => Object.values(workflows);

describe("the list, followed", () => {
  liveTest("the followed list holds the same lines as the list over REST", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "past", status: "failed" });
    server.clock.advance(30_000);
    await until(async () => (await server.get()).body.state === null, "it is in the history");
    await server.saved({ workflow_id: "open", steps: [{ action: "build" }] });
    server.clock.advance(GATHER_MS);
    const { list } = await followed(server);
    const { workflows } = (await server.get("/workflows")).body;
    expect(inList(list)).toHaveLength(2);
    expect(inList(list)).toEqual(expect.arrayContaining([...workflows]));
    for (const [key, line] of Object.entries(list.workflows)) expect(key).toBe(line.epoch);
  });

  liveTest(
    "the followed list gathers what changes for a moment into one frame",
    async ({ serve }) => {
      const server = await serve();
      const { tab, list } = await followed(server);
      expect(list).toEqual({ workflows: {} });
      for (const workflow_id of ["a", "b"]) await server.saved({ workflow_id });
      await server.saved({ workflow_id: "a", name: "the newest" });
      expect(await tab.rest()).toEqual([]);
      server.clock.advance(GATHER_MS);
      const changed = await tab.take("changed");
      expect(changed).toMatchObject({ workflow_id: "*", base: 1, revision: 2 });
      const lines = inList(patched(list, changed));
      expect(lines.map(({ workflow_id, name }) => [workflow_id, name]).sort()).toEqual([
        ["a", "the newest"],
        ["b", null],
      ]);
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest(
    "the followed list and the summary say since when a link is lost, and no longer once it is back",
    async ({ serve }) => {
      const server = await serve();
      const process = { machine: "box", pid: 7, since: "2026-03-04T09:41:00.000Z" };
      const since = "2026-03-04T09:41:07.000Z";
      const steps = [{ action: "copy", status: "in_progress", data: { process } }];
      await server.saved({ workflow_id: "w", steps });
      server.clock.advance(GATHER_MS);
      const { tab, list } = await followed(server);
      const { summary } = (await server.get("/workflow/state/summary")).body;
      expect(inList(list)).toMatchObject([{ link_lost: null }]);
      const lost = { since, why: "reset", next_try_at: null };
      const report = (data: object) =>
        server.call("PATCH", "/workflow/state/steps/0", { body: { data } });
      await report({ process: { ...process, link_lost: lost } });
      server.clock.advance(GATHER_MS);
      const gone = patched(list, await tab.take("changed"));
      expect(inList(gone)).toMatchObject([{ link_lost: since, active: true }]);
      const { body } = await server.get("/workflow/state/summary");
      expect(body.summary).toMatchObject({
        ...summary,
        last_update: expect.any(String),
        link_lost: since,
      });
      await report({ process });
      server.clock.advance(GATHER_MS);
      expect(inList(patched(gone, await tab.take("changed")))).toMatchObject([{ link_lost: null }]);
      expect((await server.get("/workflow/state/summary")).body.summary).not.toHaveProperty(
        "link_lost",
      );
    },
  );

  liveTest(
    "the followed list follows a workflow from its start to the history and out of it",
    async ({ serve }) => {
      const server = await serve({ limits: { heartbeatMs: 1e9 } });
      const start = await followed(server);
      const { tab } = start;
      let { list } = start;
      const seen = async () => {
        server.clock.advance(GATHER_MS);
        list = patched(list, await tab.take("changed"));
        return inList(list).map(({ status, in_history }) => [status, in_history]);
      };
      await server.saved({ workflow_id: "deploy" });
      expect(await seen()).toEqual([["running", false]]);
      await server.saved({ workflow_id: "deploy", status: "completed" });
      expect(await seen()).toEqual([["completed", false]]);
      const by = await server.openTab();
      by.subscribe("deploy");
      await by.take("snapshot");
      server.clock.advance(30_000);
      await by.take("closed");
      expect(await seen()).toEqual([["completed", true]]);
      await server.saved({ workflow_id: "deploy", name: "again" });
      expect(await seen()).toEqual([
        ["completed", true],
        ["running", false],
      ]);
      await server.call("DELETE", "/workflow/state");
      expect(await seen()).toEqual([["completed", true]]);
      await server.call("DELETE", "/workflow/state?workflow_id=deploy");
      expect(await seen()).toEqual([]);
    },
  );

  liveTest(
    "the followed list says nothing of a workflow that came and went unseen",
    async ({ serve }) => {
      const server = await serve();
      const { tab } = await followed(server);
      await server.saved({ workflow_id: "brief" });
      await server.call("DELETE", "/workflow/state");
      server.clock.advance(GATHER_MS);
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest(
    "the followed list resumes within one life of the server, and starts over after it",
    async ({ serve }) => {
      const server = await serve();
      const { tab } = await followed(server);
      await server.saved({ workflow_id: "a" });
      server.clock.advance(GATHER_MS);
      const { epoch, revision } = await tab.take("changed");
      await server.saved({ workflow_id: "b" });
      server.clock.advance(GATHER_MS);
      await tab.take("changed");

      const back = await server.openTab();
      back.subscribe("*", { epoch, revision });
      expect(await back.take("changed")).toMatchObject({ base: revision, revision: revision + 1 });
      expect(await back.next()).toEqual({
        type: "resumed",
        workflow_id: "*",
        epoch,
        revision: revision + 1,
      });

      await server.restart();
      const { tab: after, list } = await followed(server);
      expect(inList(list)).toHaveLength(2);
      after.subscribe("*", { epoch, revision: revision + 1 });
      expect((await after.take("snapshot")).epoch).not.toBe(epoch);
    },
  );

  liveTest("the followed list shows no secrets", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "a", secrets: "canary", ssh_connection: { key: "canary" } });
    expect(JSON.stringify(await followed(server).then(({ list }) => list))).not.toContain("canary");
  });

  liveTest(
    "the followed list holds of a long history what was started last, and counts the others",
    async ({ serve }) => {
      const server = await serve({ history: 5, clearAfterMs: 1_000, limits: { listHistory: 3 } });
      const start = await followed(server);
      let { list } = start;
      const run = async (workflow_id: string) => {
        await server.saved({ workflow_id, status: "completed" });
        server.clock.advance(1_000);
        await until(async () => {
          const { workflows } = (await server.get("/workflows")).body;
          return workflows[0]?.in_history === true && workflows.length <= 5;
        }, `${workflow_id} is in the history, which keeps five`);
        server.clock.advance(GATHER_MS);
      };
      const shown = async () => {
        for (const frame of await start.tab.rest())
          if (frame.type === "changed") list = patched(list, frame);
        const ids = inList(list).map(({ workflow_id }) => workflow_id);
        return [ids.sort().join(" "), list.older];
      };
      for (const id of ["a", "b", "c"]) await run(id);
      expect(await shown()).toEqual(["a b c", undefined]);
      await run("d");
      expect(await shown()).toEqual(["b c d", 1]);
      for (const id of ["e", "f", "g"]) await run(id);
      expect(await shown()).toEqual(["e f g", 2]);
      await server.call("DELETE", "/workflow/state?workflow_id=f");
      server.clock.advance(GATHER_MS);
      expect(await shown()).toEqual(["d e g", 1]);
      for (const id of ["c", "d"]) await server.call("DELETE", `/workflow/state?workflow_id=${id}`);
      server.clock.advance(GATHER_MS);
      expect(await shown()).toEqual(["e g", 0]);
      // A tab that comes now is sent the same.
      expect((await followed(server)).list).toEqual(list);
      await server.restart({ history: 5 });
      const { older, ...fresh } = (await followed(server)).list;
      expect([fresh.workflows, older]).toEqual([list.workflows, undefined]);
    },
  );
});
