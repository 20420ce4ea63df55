/** The past of a definition, held against a naive reading of all records there are. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PastRuns } from "../../../server/state/pastRuns.js";
import { EVERYTHING, Scope } from "../../../server/state/scope.js";
import type { LiveRecord } from "../../../server/state/store/record.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { isEnded } from "../../../shared/statuses.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf, stateOf } from "../../support/disks/records.js";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (ms: number) => new Date(START + ms).toISOString();

function run(order: number, took: number, part: Partial<WorkflowState> = {}): LiveRecord {
  const workflow_id = part.workflow_id ?? `w${order}`;
  const status = part.status ?? "completed";
  const state = stateOf({
    definition: "backup",
    status,
    start_time: at(0),
    last_update: at(took),
    ...(isEnded(status) ? { end_time: at(took) } : {}),
    ...part,
    workflow_id,
  });
  return recordOf({ workflow_id, epoch: `e${order}`, order, state });
}

async function past(...records: LiveRecord[]): Promise<{ store: MemoryStore; past: PastRuns }> {
  const store = new MemoryStore();
  const past = new PastRuns(commitsOf(store));
  for (const record of records) await store.commit(record, null);
  return { store, past };
}

describe("a definition's past", () => {
  test("a definition's past is the median of the last five completed, and the result of the last that ended", async () => {
    const took = [9_000, 100, 3_000, 1_000, 2_000, 5_000];
    const failed = run(7, 1, { status: "failed" });
    const { past: known } = await past(...took.map((ms, n) => run(n, ms)), failed);
    expect(known.of("backup", EVERYTHING)).toEqual({
      usual_ms: 2_000,
      last: { workflow_id: "w7", status: "failed", ended_at: at(1) },
    });
    expect(known.of("other", EVERYTHING)).toEqual({ usual_ms: null, last: null });
  });

  test("a definition's past leaves out retries, which do only a part of the work, and clocks that went back", async () => {
    const retried_from = { workflow_id: "w0", step: 1 };
    const { past: known } = await past(run(1, 8_000), run(2, 10, { retried_from }));
    expect(known.of("backup", EVERYTHING).usual_ms).toBe(8_000);
    const { past: odd } = await past(run(1, -5_000));
    expect(odd.of("backup", EVERYTHING).usual_ms).toBe(0);
  });

  test("a definition's past is only what a scope sees", async () => {
    const { past: known } = await past(run(1, 1_000, { workflow_id: "mine-1" }), run(2, 9_000));
    expect(known.of("backup", new Scope(["mine-*"]))).toEqual({
      usual_ms: 1_000,
      last: { workflow_id: "mine-1", status: "completed", ended_at: at(1_000) },
    });
  });

  test("a definition's past is there after a start, and forgets what is cleared", async () => {
    const { store } = await past(run(1, 1_000), run(2, 3_000));
    await store.archive(store.open.get("w1")!);
    const known = new PastRuns(commitsOf(store));
    expect(known.of("backup", EVERYTHING).usual_ms).toBe(2_000);
    await store.forget("e1");
    await store.remove(store.open.get("w2")!);
    expect(known.of("backup", EVERYTHING)).toEqual({ usual_ms: null, last: null });
  });

  test("agrees with a look at everything, whatever comes, ends and goes", async () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 6 }),
      deed: fc.constantFrom("start", "complete", "fail", "archive", "remove", "forget"),
      took: fc.integer({ min: 0, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { store, past: known } = await past();
        let order = 0;
        for (const { id, deed, took } of steps) {
          const workflow_id = `w${id}`;
          const open = store.open.get(workflow_id) as LiveRecord | undefined;
          const status = open?.state.status;
          if (deed === "start" && !open) {
            order += 1;
            await store.commit(run(order, took, { workflow_id, status: "running" }), null);
          } else if (open && status === "running" && (deed === "complete" || deed === "fail")) {
            const ended = deed === "complete" ? "completed" : "failed";
            const next = run(open.order, took, { workflow_id, status: ended });
            await store.commit({ ...next, epoch: open.epoch }, open);
          } else if (open && status !== "running" && deed === "archive") await store.archive(open);
          else if (open && deed === "remove") await store.remove(open);
          else if (deed === "forget") {
            const [first] = store.history.keys();
            if (first !== undefined) await store.forget(first);
          }
          for (const scope of [EVERYTHING, new Scope(["w1", "w2"])])
            expect(known.of("backup", scope)).toEqual(naive(store, scope));
        }
      }),
      { numRuns: 60 },
    );
  });
});

function naive(store: MemoryStore, scope: Scope) {
  const ended = [...store.open.values(), ...store.history.values()]
    .map((record) => record as LiveRecord)
    .filter(({ state, workflow_id }) => isEnded(state.status) && scope.has(workflow_id))
    .sort((one, other) => other.order - one.order);
  const took = ended
    .filter(({ state }) => state.status === "completed")
    .slice(0, 5)
    .map(({ state }) => Date.parse(state.end_time!) - START)
    .sort((one, other) => one - other);
  const middle = took.slice(Math.ceil(took.length / 2) - 1, Math.floor(took.length / 2) + 1);
  const last = ended[0]?.state;
  return {
    usual_ms: took.length === 0 ? null : Math.round((middle[0]! + middle.at(-1)!) / 2),
    last: last
      ? { workflow_id: last.workflow_id, status: last.status, ended_at: last.end_time! }
      : null,
  };
}
