/** The workflows of a node that leaves, as the other nodes interrupt them: each once, and no others. */
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { LostNodes } from "../../../../server/runner/lost/lostNodes.js";
import { Leases } from "../../../../server/state/leases.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import { Workflows } from "../../../../server/state/workflows.js";
import { systemClock } from "../../../../shared/clock.js";
import { LIMITS } from "../../../../shared/limits.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";
import { commitsOf } from "../../../support/disks/commitsOf.js";
import { MemoryStore } from "../../../support/disks/memoryStore.js";
import { recordOf, stateOf } from "../../../support/disks/records.js";
import { FakeNodes } from "../../../support/servers/fakeNodes.js";

const leaseOf = (node: string | undefined, token = 1) => ({
  ...{ token, driver: "Instep", boot_id: `boot of ${node}` },
  ...(node === undefined ? {} : { node }),
});

/** As the definition has it; a sentence says why it does not. */
let goesOn: string | undefined;
afterEach(() => {
  goesOn = undefined;
});

function saidOf(at: string) {
  if (goesOn === undefined) return undefined;
  return goesOn === "by itself" ? { at } : { whyNot: goesOn };
}

/** Nodes `b` and `c` beside a node `a`, on one store. */
async function cluster(...records: readonly LiveRecord[]) {
  const store = new MemoryStore();
  for (const record of records) await store.commit(record, null);
  const nodes = new FakeNodes();
  for (const name of ["a", "b", "c"]) nodes.come(name);
  const clock = manualClock();
  const all = ["b", "c"].map((name) => {
    const commits = commitsOf(store);
    const leases = new Leases(commits, systemClock, LIMITS.leaseMs);
    const workflows = new Workflows({
      ...{ store, commits, leases, clock, limits: LIMITS, node: name },
      ...{ clearAfterMs: 30_000, keepsHistory: false },
    });
    const lost = new LostNodes({
      ...{ nodes: nodes.as(name), store, commits, workflows, clock },
      log: { warn: () => {}, error: () => {} },
      goesOn: (_, at) => saidOf(at),
    });
    return {
      lost,
      close: () => Promise.all([lost.close(), workflows.close()]).then(() => commits.close()),
    };
  });
  onTestFinished(async () => {
    await Promise.all(all.map(({ close }) => close()));
  });
  const begin = () => all.forEach(({ lost }) => void lost.begin());
  const get = (id = "deploy") => store.open.get(id) as LiveRecord;
  const revisions = () => [...store.open.values()].map(({ revision }) => revision);
  return { store, nodes, begin, get, revisions, clock, all };
}

const ran = (fields: Partial<LiveRecord> = {}) =>
  recordOf({ run: "r", lease: leaseOf("a"), fence: 1, ...fields });

describe("a node that leaves", () => {
  test("its workflow is interrupted once, whoever says so", async () => {
    const { nodes, begin, get, revisions } = await cluster(ran());
    begin();
    await settled();
    expect(get().state.status).toBe("running");
    nodes.leave("a");
    await expect.poll(() => get().state.interruption?.reason).toBe("node_lost");
    await settled();
    expect(revisions()).toEqual([2]);
    expect(get().lease).toBeNull();
  });

  test("what it had left before anybody looked is interrupted, too", async () => {
    const { nodes, begin, get } = await cluster(ran());
    nodes.leave("a");
    begin();
    await expect.poll(() => get().state.interruption?.reason).toBe("node_lost");
  });

  test.each<readonly [claim: string, record: LiveRecord]>([
    ["a workflow of a node that is there", ran({ lease: leaseOf("b") })],
    ["a workflow of an outside driver", ran({ lease: { token: 1, driver: "tab" } })],
    ["a workflow that a server alone has left", ran({ lease: leaseOf(undefined) })],
    [
      "a question",
      ran({ state: stateOf({ status: "blocked", block_info: { id: "q", prompt: "Go on?" } }) }),
    ],
  ])("%s is let be", async (_, record) => {
    const { nodes, begin, revisions } = await cluster(record);
    begin();
    nodes.leave("a");
    await settled();
    expect(revisions()).toEqual([1]);
  });

  test("a question that is answered while its node is away interrupts the workflow", async () => {
    const asked = { id: "q", step: 0, prompt: "Go on?", fields: {} };
    const steps = stateOf().steps.map((one, at) =>
      at === 0 ? { ...one, status: "blocked" as const } : one,
    );
    const record = ran({ state: stateOf({ status: "blocked", block_info: asked, steps }) });
    const { nodes, begin, get, store } = await cluster(record);
    begin();
    nodes.leave("a");
    await settled();
    await store.commit({ ...get(), revision: 2, state: stateOf() }, get());
    await expect.poll(() => get().state.interruption?.reason).toBe("node_lost");
  });

  test("a node that may be lost itself waits until it is sure", async () => {
    const { nodes, begin, get, clock } = await cluster(ran());
    for (const name of ["b", "c"]) nodes.doubt(name);
    begin();
    nodes.leave("a");
    await settled();
    expect(get().state.status).toBe("running");
    for (const name of ["b", "c"]) nodes.come(name);
    clock.advance(1_000);
    await expect.poll(() => get().state.interruption?.reason).toBe("node_lost");
  });

  test.each([
    [
      "by itself",
      "2026-01-01T00:00:10.000Z",
      "Node a is away since 2026-01-01T00:00:10Z; its command may still run there until 2026-01-01T00:00:10.000Z, and is ended there by then. From 2026-01-01T00:00:10.000Z on it goes on by itself on another node (on_node_loss: resume).",
    ],
    [
      "Somebody has to say so.",
      undefined,
      "Node a is away since 2026-01-01T00:00:10Z; its command may still run there. Somebody has to say so.",
    ],
  ])("it is said whether it goes on by itself, and from when on: %s", async (wanted, at, note) => {
    const steps = stateOf().steps.map((one, index) =>
      index === 0 ? { ...one, status: "in_progress" as const } : one,
    );
    const { nodes, begin, get } = await cluster(ran({ state: stateOf({ steps }) }));
    goesOn = wanted;
    begin();
    nodes.leave("a");
    await expect.poll(() => get().state.interruption?.reason).toBe("node_lost");
    expect(get().state.interruption?.goes_on_at).toBe(at);
    expect(get().state.interruption?.note).toBe(note);
  });

  test("whoever has closed listens to nobody and keeps no timer", async () => {
    const { nodes, begin, all, clock } = await cluster(ran());
    nodes.doubt("b");
    begin();
    nodes.leave("a");
    await Promise.all(all.map(({ close }) => close()));
    expect(nodes.listeners).toBe(0);
    expect(clock.waiting).toBe(0);
  });
});
