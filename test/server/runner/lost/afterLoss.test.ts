/** Workflows that go on by themselves after the loss of their node: when, by whom, and how often. */
import { describe, expect, onTestFinished, test } from "vitest";
import { SURELY_ENDED_MS } from "../../../../server/runner/keeper/guardTimes.js";
import { AfterLoss } from "../../../../server/runner/lost/afterLoss.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import { SyncError } from "../../../../shared/errors.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";
import { commitsOf } from "../../../support/disks/commitsOf.js";
import { MemoryStore } from "../../../support/disks/memoryStore.js";
import { recordOf, stateOf } from "../../../support/disks/records.js";
import { FakeNodes } from "../../../support/servers/fakeNodes.js";

const interruption = {
  ...{ at: "2026-01-01T00:00:00.000Z", reason: "node_lost" as const, step: 0 },
  ...{ processes: "may_be_running" as const, goes_on_at: "2026-01-01T00:00:10.000Z" },
};

const lost = (node = "a", more: Partial<typeof interruption> = {}) =>
  recordOf({
    ...{ run: "r", lease: null, fence: 1 },
    state: stateOf({ status: "interrupted", node, interruption: { ...interruption, ...more } }),
  });

/** Node `b` beside a node `a`; time passes second by second. */
async function world(record: LiveRecord, { isAway = true } = {}) {
  const store = new MemoryStore();
  await store.commit(record, null);
  const nodes = new FakeNodes();
  for (const name of ["a", "b"]) nodes.come(name);
  const clock = manualClock();
  const commits = commitsOf(store);
  const went: string[] = [];
  const here = new Set<string>();
  let answer: () => Promise<void> = async () => {};
  const errors: unknown[] = [];
  const after = new AfterLoss({
    ...{ nodes: nodes.as("b"), store, commits, clock },
    log: { error: (error: unknown) => void errors.push(error) },
    isHere: (id) => here.has(id),
    untilGone: async () => {},
    goOn: async ({ revision }, queued) => {
      went.push(`${revision} ${queued ? "queued" : "here"}`);
      await answer();
    },
  });
  onTestFinished(async () => {
    await after.close();
    await commits.close();
  });
  after.begin();
  if (isAway) nodes.leave("a");
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(Math.min(left, 1_000));
      await settled();
    }
  };
  const get = () => store.open.get("deploy") as LiveRecord;
  const change = async (next: Partial<LiveRecord>) => {
    await store.commit({ ...get(), ...next, revision: get().revision + 1 }, get());
    await settled();
  };
  const answers = (how: () => Promise<void>) => {
    answer = how;
  };
  return { nodes, clock, went, here, pass, change, get, answers, after, errors };
}

describe("a workflow whose node is lost, and that goes on by itself", () => {
  test("it goes on in the queue of all once nothing of it can run any more, and no sooner", async () => {
    const { went, pass } = await world(lost());
    await pass(SURELY_ENDED_MS - 1_000);
    expect(went).toEqual([]);
    await pass(2_000);
    expect(went).toEqual(["1 queued"]);
  });

  test("of a node that was gone before this server began, the time counts from that beginning", async () => {
    const { went, pass } = await world(lost("long gone"), { isAway: false });
    await pass(SURELY_ENDED_MS - 1_000);
    expect(went).toEqual([]);
    await pass(2_000);
    expect(went).toEqual(["1 queued"]);
  });

  test("it waits while its node is there, and counts anew when that leaves again", async () => {
    const { went, nodes, pass } = await world(lost());
    await pass(SURELY_ENDED_MS - 2_000);
    nodes.come("a");
    await pass(SURELY_ENDED_MS);
    expect(went).toEqual([]);
    nodes.leave("a");
    await pass(SURELY_ENDED_MS - 1_000);
    expect(went).toEqual([]);
    await pass(2_000);
    expect(went).toEqual(["1 queued"]);
  });

  test("it waits for a server that is sure itself", async () => {
    const { went, nodes, pass } = await world(lost());
    nodes.doubt("b");
    await pass(SURELY_ENDED_MS + 5_000);
    expect(went).toEqual([]);
    nodes.come("b");
    await pass(1_000);
    expect(went).toEqual(["1 queued"]);
  });

  test("it is let be once somebody resumed it, took it back, or took its going on away", async () => {
    const { state } = lost();
    const { goes_on_at: _, ...waiting } = interruption;
    for (const next of [
      { state: { ...state, status: "running" as const, interruption: undefined } },
      { lease: { token: 2, driver: "Instep", boot_id: "x", node: "a" }, fence: 2 },
      { state: { ...state, interruption: waiting } },
    ] as Partial<LiveRecord>[]) {
      const { went, pass, change, clock } = await world(lost());
      await change(next);
      await pass(SURELY_ENDED_MS + 3_000);
      expect(went).toEqual([]);
      expect(clock.waiting).toBe(0);
    }
  });

  test("where it was refused it is looked at again, by what it is then", async () => {
    const { went, pass, answers, change, get, errors } = await world(lost());
    answers(async () => {
      throw new SyncError("position_moved", "the state has moved on");
    });
    await pass(SURELY_ENDED_MS + 1_000);
    await change({ state: { ...get().state, interruption: { ...interruption, note: "Seen." } } });
    await pass(1_000);
    expect(new Set(went)).toEqual(new Set(["1 queued", "2 queued"]));
    expect(errors).toEqual([]);
  });

  test("where nothing came of it, it is not tried again and again", async () => {
    const { went, pass } = await world(lost());
    await pass(SURELY_ENDED_MS + 10_000);
    expect(went.length).toBe(1);
  });

  test("on its own node it goes on as soon as nothing of it runs there, in its ordinary turn", async () => {
    const { went, here, pass } = await world(lost("b"));
    here.add("deploy");
    await pass(SURELY_ENDED_MS + 2_000);
    expect(went).toEqual([]);
    here.clear();
    await pass(1_000);
    expect(went).toEqual(["1 here"]);
  });

  test("on its own node it waits while what was left is being ended", async () => {
    const { went, pass } = await world(lost("b", { processes: "ending" as never }));
    await pass(3_000);
    expect(went).toEqual([]);
  });

  test("a server that has closed keeps no timer and hears of nothing", async () => {
    const { after, clock, nodes, went } = await world(lost());
    await after.close();
    expect(clock.waiting).toBe(0);
    expect(nodes.listeners).toBe(0);
    expect(went).toEqual([]);
  });
});
