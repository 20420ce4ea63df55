/** When the server says that it cannot save, and when it says that it can again. */
import { describe, expect, test } from "vitest";
import { type Refusal, StorageHealth } from "../../../server/machine/storageHealth.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";

const errorOf = (code: string) => Object.assign(new Error(code), { code, syscall: "fsync" });

function health() {
  const clock = manualClock();
  const told: unknown[] = [];
  const refusals: Refusal[] = [];
  const recoveries: unknown[] = [];
  const probes: unknown[] = [];
  let isWell = false;
  const storage = new StorageHealth({
    clock,
    probe: async (folder, bytes) => {
      probes.push([folder, bytes]);
      if (!isWell) throw errorOf("EIO");
    },
    settle: async () => {},
    onRefusal: (refusal: Refusal) => refusals.push(refusal),
    onRecovery: (ms, count) => recoveries.push([ms, count]),
    onListenerFailure: (error) => {
      throw error;
    },
  });
  storage.listen((reason) => told.push(reason));
  const heal = () => {
    isWell = true;
  };
  return { clock, storage, told, refusals, recoveries, probes, heal };
}

describe("the health of the storage", () => {
  test.each([
    ["ENOSPC", "disk_full"],
    ["Unknown system error -122", "disk_full"],
    ["EROFS", "read_only"],
    ["EMFILE", "too_many_files"],
    ["EACCES", "not_allowed"],
    ["ENOTDIR", "gone"],
    ["EIO", "disk_fails"],
    ["EUCLEAN", "disk_fails"],
  ])("%s means %s", (code, reason) => {
    const { storage, refusals } = health();
    storage.refused("/data/workflows/a.json", errorOf(code));
    expect(storage.reason).toBe(reason);
    expect(refusals).toMatchObject([{ path: "/data/workflows/a.json", syscall: "fsync" }]);
  });

  test("heals by itself, also on a server that nobody asks anything", async () => {
    const { clock, storage, told, recoveries, probes, heal } = health();
    storage.refused("/data/workflows/a.json", errorOf("ENOSPC"), 5_000);
    storage.refused("/data/workflows/b.json", errorOf("ENOSPC"), 7_000);
    clock.advance(2_000);
    await settled();
    expect(storage.reason).toBe("disk_full");
    heal();
    clock.advance(2_000);
    await settled();
    expect(storage.reason).toBe(null);
    expect(told).toEqual(["disk_full", null]);
    expect(recoveries).toEqual([[4_000, 2]]);
    // A probe is as large as the refused write.
    expect(probes.at(-1)).toEqual(["/data/workflows", 7_000]);
    expect(clock.waiting).toBe(0);
  });

  test("heals at once where the very file that was refused is kept, and by no other", () => {
    const { clock, storage } = health();
    storage.refused("/data/workflows/a.json", errorOf("EIO"));
    storage.worked("/data/workflows/b.json");
    expect(storage.reason).toBe("disk_fails");
    storage.worked("/data/workflows/a.json");
    expect(storage.reason).toBe(null);
    expect(clock.waiting).toBe(0);
  });

  test("the storage is well only where every folder is: one that works does not speak for another", () => {
    const { storage, told } = health();
    storage.refused("/data/workflows/a.json", errorOf("EIO"));
    storage.refused("/data/logs/a", errorOf("ENOSPC"));
    storage.worked("/data/logs/a");
    expect(storage.reason).toBe("disk_fails");
    expect(told).toEqual(["disk_fails", "disk_full", "disk_fails"]);
  });

  test("the health of the storage leaves no timer behind", async () => {
    const { clock, storage } = health();
    storage.refused("/data/workflows/a.json", errorOf("EIO"));
    await storage.close();
    expect(clock.waiting).toBe(0);
    storage.refused("/data/workflows/a.json", errorOf("EIO"));
    expect(clock.waiting).toBe(0);
  });
});
