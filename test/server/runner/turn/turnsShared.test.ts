/** Two nodes of a cluster that give out turns at the same time, each by what it knows. */
import { describe, expect, test } from "vitest";
import { Turns } from "../../../../server/runner/turn/turns.js";
import { Leases } from "../../../../server/state/leases.js";
import { Workflows } from "../../../../server/state/workflows.js";
import { systemClock } from "../../../../shared/clock.js";
import { LIMITS } from "../../../../shared/limits.js";
import { commitsOf } from "../../../support/disks/commitsOf.js";
import { MemoryStore } from "../../../support/disks/memoryStore.js";
import { NOW, recordOf, stateOf } from "../../../support/disks/records.js";
import { FakeNodes } from "../../../support/servers/fakeNodes.js";

const GROUP = { group: "g", limit: 1, when_busy: "wait" as const };

const turnsOf = (store: MemoryStore, node: string, nodes = new FakeNodes()) => {
  const commits = commitsOf(store);
  const leases = new Leases(commits, systemClock, LIMITS.leaseMs);
  const workflows = new Workflows({
    ...{ store, commits, leases, clock: systemClock, limits: LIMITS, node },
    ...{ clearAfterMs: 30_000, keepsHistory: false },
  });
  const nothing = () => {};
  return new Turns({
    ...{ store, workflows, limits: LIMITS, maxConcurrent: 10 },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    lease: () => ({ driver: "Instep", boot_id: `boot of ${node}`, node }),
    cluster: { nodes: nodes.as(node) },
  });
};

const queued = (workflow_id: string, order: number) => {
  const state = stateOf({ workflow_id, queued: { since: NOW }, concurrency: GROUP });
  return recordOf({ workflow_id, order, run: workflow_id, state });
};

describe("turns that several nodes give out", () => {
  test("a workflow that waits is taken by one of them, once", async () => {
    const store = new MemoryStore();
    await store.commit(queued("one", 1), null);
    const all = [turnsOf(store, "a"), turnsOf(store, "b")];
    for (const turns of all) turns.pump();
    await expect.poll(() => store.open.get("one")?.lease?.node).toBeTruthy();
    for (const turns of all) turns.pump();
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.open.get("one")).toMatchObject({ fence: 1, revision: 2 });
  });

  test("a turn that was given by what was known before becomes a place in the queue", async () => {
    const store = new MemoryStore();
    const turn = turnsOf(store, "a").reserve({ concurrency: GROUP });
    expect(turn.lease).not.toBeNull();
    expect(turn.turnNow?.().lease).not.toBeNull();
    const { queued: _, ...state } = queued("other", 1).state;
    const lease = { token: 1, driver: "Instep", boot_id: "boot of b", node: "b" };
    await store.commit({ ...queued("other", 1), state, fence: 1, lease }, null);
    expect(turn.turnNow?.()).toEqual({ lease: null, behind: { group: "g", behind: "other" } });
    turn.settle();
  });

  test("one that does not want to wait is refused then", async () => {
    const store = new MemoryStore();
    const alone = { ...GROUP, when_busy: "refuse" as const };
    const turn = turnsOf(store, "a").reserve({ concurrency: alone });
    const { queued: _, ...state } = queued("other", 1).state;
    await store.commit({ ...queued("other", 1), state }, null);
    expect(() => turn.turnNow?.()).toThrow('"other" is not over yet');
    turn.settle();
  });

  describe("of which one has a label", () => {
    const nodes = () => {
      const all = new FakeNodes();
      all.come("a");
      all.come("b", { labels: ["b", "gpu"] });
      return all;
    };
    const wanting = (workflow_id: string, order: number, labels: string[]) => {
      const state = stateOf({ workflow_id, queued: { since: NOW } });
      return recordOf({ workflow_id, order, run: workflow_id, state, labels });
    };

    test("a start is given its turn by the one that has it, and waits elsewhere without a word of what is missing", () => {
      const [store, all] = [new MemoryStore(), nodes()];
      const wanted = { concurrency: undefined, labels: ["gpu"] };
      expect(turnsOf(store, "a", all).reserve(wanted)).toMatchObject({ lease: null, behind: {} });
      expect(turnsOf(store, "b", all).reserve(wanted).lease).toMatchObject({ node: "b" });
    });

    test("one that waits for a label keeps no other from a free place", async () => {
      const [store, all] = [new MemoryStore(), nodes()];
      await store.commit(wanting("one", 1, ["gpu"]), null);
      const plain = turnsOf(store, "a", all).reserve({ concurrency: undefined });
      expect(plain.lease).toMatchObject({ node: "a" });
    });

    test("it says which labels nobody has while that is so, whoever looks", async () => {
      const [store, all] = [new MemoryStore(), nodes()];
      await store.commit(wanting("one", 1, ["gpu"]), null);
      const [a, b] = [turnsOf(store, "a", all), turnsOf(store, "b", all)];
      all.leave("b");
      const queued = () => store.open.get("one")?.state?.queued;
      for (const turns of [a, b]) turns.pump();
      await expect.poll(queued).toEqual({ since: NOW, labels: ["gpu"] });
      all.come("b", { labels: ["b", "gpu"], max_concurrent: 0 });
      a.pump();
      b.pump();
      await expect.poll(() => store.open.get("one")?.lease?.node).toBe("b");
      expect(queued()).toBeUndefined();
    });

    test("one that goes on keeps to the labels it was started with", () => {
      const [store, all] = [new MemoryStore(), nodes()];
      const record = wanting("one", 1, ["gpu"]);
      const turns = turnsOf(store, "a", all);
      expect(turns.reserve({ concurrency: undefined, record }).lease).toBeNull();
      expect(turns.leaseFor(record)).toEqual({ lease: null });
      all.leave("b");
      expect(turns.leaseFor(record).behind).toEqual({ labels: ["gpu"] });
    });
  });
});
