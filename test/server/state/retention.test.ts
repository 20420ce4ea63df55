/** What time does to workflows, on a clock the test holds. */
import { describe, expect, it } from "vitest";
import { Leases } from "../../../server/state/leases.js";
import { Retention } from "../../../server/state/retention.js";
import { Workflows } from "../../../server/state/workflows.js";
import { SyncError } from "../../../shared/errors.js";
import { LIMITS } from "../../../shared/limits.js";
import { commitsOf } from "../../support/commitsOf.js";
import { manualClock } from "../../support/manualClock.js";
import { MemoryStore } from "../../support/memoryStore.js";

const MINUTE = 60_000;

function keeper(store = new MemoryStore(), { history = 2, tombstones = 3 } = {}) {
  const clock = manualClock();
  const failures: unknown[] = [];
  const commits = commitsOf(store);
  const leases = new Leases(commits, clock, LIMITS.leaseMs);
  const workflows = new Workflows({
    store,
    commits,
    leases,
    clock,
    limits: LIMITS,
    clearAfterMs: 30_000,
    keepsHistory: history > 0,
  });
  const retention = new Retention({
    store,
    commits,
    workflows,
    leases,
    clock,
    history,
    tombstones,
    silentAfterMs: 10 * MINUTE,
    leaseMs: LIMITS.leaseMs,
    onFailure: (error) => failures.push(error),
  });
  retention.begin();
  const save = (id: string, fields: object = {}, requestId?: string) =>
    workflows.submit({
      command: { kind: "save", state: { workflow_id: id, ...fields } },
      bytes: 100,
      requestId,
    });
  const statusOf = (id: string) => store.open.get(id)?.state?.status ?? null;
  /** Lets time pass, and what it set off come to rest. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return { store, clock, workflows, retention, leases, failures, save, statusOf, pass };
}

describe("an ended workflow", () => {
  it("stays for 30 seconds, then goes to the history", async () => {
    const { store, save, statusOf, pass } = keeper();
    await save("deploy", { status: "completed" });
    await pass(29_999);
    expect(statusOf("deploy")).toBe("completed");
    await pass(1);
    expect(statusOf("deploy")).toBeNull();
    expect([...store.history.values()].map(({ workflow_id }) => workflow_id)).toEqual(["deploy"]);
  });

  it("leaves nothing where no history is kept, except what recognises a repeated command", async () => {
    const { store, save, pass } = keeper(undefined, { history: 0 });
    await save("quiet", { status: "completed" });
    await save("keyed", { status: "completed" }, "r1");
    await pass(30_000);
    expect(store.history.size).toBe(0);
    expect([...store.open.values()]).toMatchObject([
      { workflow_id: "keyed", state: null, receipts: [{ id: "r1" }] },
    ]);
  });

  it("makes room: the newest of the history stay", async () => {
    const { store, save, pass } = keeper();
    for (const id of ["a", "b", "c", "d"]) {
      await save(id, { status: "failed" });
      await pass(1_000);
    }
    await pass(MINUTE);
    expect([...store.history.values()].map(({ workflow_id }) => workflow_id).sort()).toEqual([
      "c",
      "d",
    ]);
  });
});

describe("a driver without a lease", () => {
  it("is silent after ten minutes, and its next report goes on", async () => {
    const { store, workflows, save, statusOf, pass } = keeper();
    await save("deploy", { steps: [{ action: "copy", status: "in_progress" }] });
    await pass(9 * MINUTE);
    await workflows.submit({
      command: { kind: "step", index: 0, update: { progress: 0.5 } },
      bytes: 50,
    });
    await pass(9 * MINUTE);
    expect(statusOf("deploy")).toBe("running");
    await pass(MINUTE);
    expect(store.open.get("deploy")?.state).toMatchObject({
      status: "interrupted",
      interruption: { reason: "silent", step: 0 },
      steps: [{ status: "interrupted" }],
    });
    await workflows.submit({
      command: { kind: "step", index: 0, update: { progress: 0.9 } },
      bytes: 50,
    });
    expect(statusOf("deploy")).toBe("running");
    await pass(10 * MINUTE);
    expect(statusOf("deploy")).toBe("interrupted");
  });

  it("that waits for an answer is not silent", async () => {
    const { save, statusOf, pass } = keeper();
    await save("deploy", { status: "blocked" });
    await pass(60 * MINUTE);
    expect(statusOf("deploy")).toBe("blocked");
  });
});

describe("a driver with a lease", () => {
  it("is gone when the lease is over, however recently it reported", async () => {
    const { store, leases, workflows, save, statusOf, pass } = keeper();
    await save("deploy", { steps: [{ action: "copy", status: "in_progress" }] });
    const { token } = await workflows.submit({
      command: { kind: "claim", workflow_id: "deploy", driver: "tab" },
      bytes: 50,
    });
    await pass(29_000);
    leases.renew("deploy", token!);
    await pass(29_000);
    expect(statusOf("deploy")).toBe("running");
    leases.renew("deploy", token! + 1);
    await pass(1_000);
    expect(store.open.get("deploy")).toMatchObject({
      lease: null,
      state: { status: "interrupted", interruption: { reason: "driver_gone" } },
    });
  });

  it("is not kept alive by a clock that was set back", async () => {
    const { clock, workflows, save, statusOf, pass } = keeper();
    await save("deploy");
    await workflows.submit({
      command: { kind: "claim", workflow_id: "deploy", driver: "tab" },
      bytes: 50,
    });
    const { now } = clock;
    let back = 0;
    clock.now = () => now() - back;
    back = 24 * 60 * MINUTE;
    await pass(30_000);
    await pass(30_000);
    expect(statusOf("deploy")).toBe("interrupted");
  });
});

describe("the keeper", () => {
  it("keeps only the newest traces of cleared workflows", async () => {
    const { store, workflows, save, pass } = keeper();
    for (const id of ["a", "b", "c", "d", "e"]) {
      await save(id);
      await workflows.submit({
        command: { kind: "clear", workflow_id: id },
        bytes: 10,
        requestId: `clear-${id}`,
      });
    }
    await pass(0);
    expect([...store.open.keys()]).toEqual(["c", "d", "e"]);
  });

  it("tries again what the disk refused, and says so", async () => {
    class Refusing extends MemoryStore {
      refusals = 1;
      override archive(...args: Parameters<MemoryStore["archive"]>): Promise<void> {
        if (this.refusals-- > 0)
          return Promise.reject(new SyncError("not_saved", "the disk refused"));
        return super.archive(...args);
      }
    }
    const { failures, save, statusOf, pass } = keeper(new Refusing());
    await save("deploy", { status: "completed" });
    await pass(30_000);
    expect([statusOf("deploy"), failures.length]).toEqual(["completed", 1]);
    await pass(4_999);
    expect(statusOf("deploy")).toBe("completed");
    await pass(1);
    expect(statusOf("deploy")).toBeNull();
  });

  it("leaves no timer behind", async () => {
    const { clock, retention, save } = keeper();
    await save("a");
    await save("b", { status: "failed" });
    expect(clock.waiting).toBe(2);
    await retention.close();
    expect(clock.waiting).toBe(0);
  });
});
