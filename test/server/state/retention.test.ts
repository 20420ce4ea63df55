/** Ends, lost drivers and the length of the history, on a clock the test holds. */
import { describe, expect, it } from "vitest";
import { Leases } from "../../../server/state/leases.js";
import { Retention } from "../../../server/state/retention.js";
import { Workflows } from "../../../server/state/workflows.js";
import { SyncError } from "../../../shared/errors.js";
import { LIMITS } from "../../../shared/limits.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";

const MINUTE = 60_000;

function keeper(
  store = new MemoryStore(),
  { history = 2, tombstones = 3, clock = manualClock() } = {},
) {
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
    clearAfterMs: 30_000,
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
  /** A workflow under a lease, and its token. */
  const drive = async (id: string): Promise<number> => {
    await save(id, { steps: [{ action: "copy", status: "in_progress" }] });
    const { token } = await workflows.submit({
      command: { kind: "claim", workflow_id: id, driver: "tab" },
      bytes: 50,
    });
    return token!;
  };
  /** Lets time pass, and what it set off come to rest. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return { store, clock, workflows, retention, leases, failures, save, drive, statusOf, pass };
}

/** A disk that takes its time. */
class HeldStore extends MemoryStore {
  #held: Promise<void> = Promise.resolve();

  /** From here on nothing is committed; returns what lets it go on. */
  hold(): () => void {
    let letGo = () => {};
    this.#held = new Promise((resolve) => {
      letGo = resolve;
    });
    return letGo;
  }

  override async commit(...args: Parameters<MemoryStore["commit"]>): Promise<void> {
    await this.#held;
    return super.commit(...args);
  }
}

describe("an ended workflow", () => {
  it("an ended workflow stays for 30 seconds, then goes to the history", async () => {
    const { store, save, statusOf, pass } = keeper();
    await save("deploy", { status: "completed" });
    await pass(29_999);
    expect(statusOf("deploy")).toBe("completed");
    await pass(1);
    expect(statusOf("deploy")).toBeNull();
    expect([...store.history.values()].map(({ workflow_id }) => workflow_id)).toEqual(["deploy"]);
  });

  it.each([
    ["back", -60 * MINUTE],
    ["on", 60 * MINUTE],
  ])("stays for 30 seconds, also where the clock is set %s meanwhile", async (_, by) => {
    const { clock, save, statusOf, pass } = keeper();
    await save("deploy", { status: "completed" });
    await pass(10_000);
    clock.setWall(clock.now() + by);
    await pass(19_999);
    expect(statusOf("deploy")).toBe("completed");
    await pass(1);
    expect(statusOf("deploy")).toBeNull();
  });

  it.each([
    ["has what was left of its time", 0, 20_000],
    ["never has more than its whole time where the clock was set back", -60 * MINUTE, 30_000],
    ["goes at once where the clock was set on", 60 * MINUTE, 0],
  ])("after a restart %s", async (_, by, left) => {
    const before = keeper();
    await before.save("deploy", { status: "completed" });
    await before.pass(10_000);
    await before.retention.close();
    const after = keeper(before.store, { clock: manualClock(before.clock.now() + by) });
    await after.pass(left - 1);
    if (left > 0) expect(after.statusOf("deploy")).toBe("completed");
    await after.pass(1);
    expect(after.statusOf("deploy")).toBeNull();
  });

  it("an ended workflow leaves only what recognises a repeated command where no history is kept", async () => {
    const { store, save, pass } = keeper(undefined, { history: 0 });
    await save("quiet", { status: "completed" });
    await save("keyed", { status: "completed" }, "r1");
    await pass(30_000);
    expect(store.history.size).toBe(0);
    expect([...store.open.values()]).toMatchObject([
      { workflow_id: "keyed", state: null, receipts: [{ id: "r1" }] },
    ]);
  });

  it("an ended workflow makes room in the history: the newest stay", async () => {
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
  it("a driver without a lease is silent after ten minutes, and its next report goes on", async () => {
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

  it.each([
    ["back", -60 * MINUTE, 5 * MINUTE],
    ["on", 60 * MINUTE, 10 * MINUTE],
  ])("is silent no later than ten minutes after the clock was set %s", async (_, by, left) => {
    const { clock, save, statusOf, pass } = keeper();
    await save("deploy");
    await pass(5 * MINUTE);
    clock.setWall(clock.now() + by);
    await pass(left - 1);
    expect(statusOf("deploy")).toBe("running");
    // It takes up to a second to be noticed.
    await pass(1_001);
    expect(statusOf("deploy")).toBe("interrupted");
  });

  it("a driver without a lease has its ten minutes again where the process stood still", async () => {
    const { clock, save, statusOf, pass } = keeper();
    await save("deploy");
    await pass(9 * MINUTE);
    clock.sleep(60 * MINUTE);
    await pass(10 * MINUTE - 1);
    expect(statusOf("deploy")).toBe("running");
    await pass(1);
    expect(statusOf("deploy")).toBe("interrupted");
  });

  it.each([
    ["the clock stayed right", 0, 4 * MINUTE],
    ["the clock was set back", -600 * MINUTE, 10 * MINUTE],
    ["the clock was set on", 600 * MINUTE, 30_000],
  ])("after a restart is silent in time where %s", async (_, by, left) => {
    const before = keeper();
    await before.save("deploy");
    await before.pass(6 * MINUTE);
    await before.retention.close();
    const after = keeper(before.store, { clock: manualClock(before.clock.now() + by) });
    await after.pass(left - 1);
    expect(after.statusOf("deploy")).toBe("running");
    await after.pass(1);
    expect(after.statusOf("deploy")).toBe("interrupted");
  });

  it("a driver without a lease that reports in the same write as the word that it is silent is not silent", async () => {
    const held = new HeldStore();
    const { workflows, save, statusOf, pass } = keeper(held);
    await save("deploy", { steps: [{ action: "copy", status: "in_progress" }] });
    const report = (progress: number) =>
      workflows.submit({
        command: { kind: "step", workflow_id: "deploy", index: 0, update: { progress } },
        bytes: 50,
      });
    const letGo = held.hold();
    const reports = [report(0.1)];
    await pass(10 * MINUTE - 1);
    reports.push(report(0.2));
    await pass(1);
    letGo();
    await Promise.all(reports);
    await pass(1);
    expect(statusOf("deploy")).toBe("running");
  });

  it("a driver without a lease that waits for an answer is not silent", async () => {
    const { save, statusOf, pass } = keeper();
    await save("deploy", { status: "blocked" });
    await pass(60 * MINUTE);
    expect(statusOf("deploy")).toBe("blocked");
  });
});

describe("a driver with a lease", () => {
  it("a driver with a lease is gone when the lease is over, however recently it reported", async () => {
    const { store, leases, drive, statusOf, pass } = keeper();
    const token = await drive("deploy");
    await pass(29_000);
    leases.renew("deploy", token);
    await pass(29_000);
    expect(statusOf("deploy")).toBe("running");
    leases.renew("deploy", token + 1);
    await pass(1_000);
    expect(store.open.get("deploy")).toMatchObject({
      lease: null,
      state: { status: "interrupted", interruption: { reason: "driver_gone" } },
    });
  });

  it.each([
    ["back", -24 * 60 * MINUTE],
    ["on", 24 * 60 * MINUTE],
  ])("is missed after the same time where the clock was set %s", async (_, by) => {
    const { clock, statusOf, pass, drive } = keeper();
    await drive("deploy");
    await pass(10_000);
    clock.setWall(clock.now() + by);
    await pass(10_000);
    expect(statusOf("deploy")).toBe("running");
    // A clock that was set on looks like a machine that slept: then it has its full time again, and no more.
    await pass(by > 0 ? 30_000 : 10_000);
    expect(statusOf("deploy")).toBe("interrupted");
  });

  it("a lease has its full time again where the process stood still, however late its end rings", async () => {
    for (const asleep of [3_000, 30_000, 40_000, 3_600_000]) {
      const { clock, leases, statusOf, pass, drive } = keeper();
      const token = await drive("deploy");
      await pass(29_900);
      clock.sleep(asleep);
      await settled();
      expect(statusOf("deploy")).toBe("running");
      await pass(29_000);
      leases.renew("deploy", token);
      await pass(29_999);
      expect(statusOf("deploy")).toBe("running");
      await pass(1);
      expect(statusOf("deploy")).toBe("interrupted");
    }
  });

  it("a driver with a lease that says something while its end is being written down is not interrupted", async () => {
    const { clock, workflows, statusOf, pass, drive } = keeper();
    const token = await drive("deploy");
    clock.advance(30_000);
    // Read from a socket after the end rang, and before anybody was judged.
    await workflows.submit({
      command: { kind: "step", workflow_id: "deploy", index: 0, update: { progress: 0.5 } },
      token,
      bytes: 50,
    });
    await pass(29_999);
    expect(statusOf("deploy")).toBe("running");
    await pass(1);
    expect(statusOf("deploy")).toBe("interrupted");
  });

  it("a driver with a lease that reports in the same write as the word that it is gone is not gone", async () => {
    const held = new HeldStore();
    const { workflows, statusOf, pass, drive } = keeper(held);
    const token = await drive("deploy");
    const report = (progress: number) =>
      workflows.submit({
        command: { kind: "step", workflow_id: "deploy", index: 0, update: { progress } },
        token,
        bytes: 50,
      });
    const letGo = held.hold();
    const first = report(0.1);
    await pass(30_000);
    const second = report(0.2);
    letGo();
    await Promise.all([first, second]);
    await pass(1);
    expect(statusOf("deploy")).toBe("running");
    await pass(30_000);
    expect(statusOf("deploy")).toBe("interrupted");
  });
});

describe("the keeper", () => {
  it("no more than the newest traces of cleared workflows are kept", async () => {
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

  it("a closed retention leaves no timer behind", async () => {
    const { clock, retention, leases, save } = keeper();
    await save("a");
    await save("b", { status: "failed" });
    // And one that looks whether we slept.
    expect(clock.waiting).toBe(3);
    await retention.close();
    leases.close();
    expect(clock.waiting).toBe(0);
  });
});
