/** Room for output: who gives when it is too much, and that whoever reads across it is told. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type OutputName, OutputStore } from "../../../server/output/outputStore.js";
import type { OutputStoreOptions } from "../../../server/output/outputStoreOptions.js";
import { LIMITS } from "../../../shared/limits.js";
import { chance, seeded } from "../../support/chance.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { failingFileSystem } from "../../support/disks/failingFileSystem.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf, stateOf } from "../../support/disks/records.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";

const BLOCK = 4096;
/** An attempt keeps 16 segments of one block each. */
const limits = {
  ...LIMITS,
  outputBytes: 16 * BLOCK,
  outputWorkflowBytes: 32 * BLOCK,
  outputTotalBytes: 64 * BLOCK,
};

type Fields = Parameters<typeof recordOf>[0];

async function storeOf(...workflows: (Fields & { workflow_id: string })[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const fields of workflows)
    await store.commit(recordOf({ epoch: `of-${fields.workflow_id}`, ...fields }), null);
  return store;
}

const opened = (
  dataDir: string,
  store: MemoryStore,
  more: Partial<OutputStoreOptions> = {},
): Promise<OutputStore> =>
  OutputStore.open({ dataDir, commits: commitsOf(store), limits, elapsed: () => 0, ...more });

const nameOf = (workflow_id: string, step = 0, attempt = 1): OutputName => ({
  ...{ workflow_id, epoch: `of-${workflow_id}` },
  ...{ step, attempt },
});

/** Says of each byte where it belongs, so that one at a wrong offset is seen. */
function bytesAt(from: number, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, i) => ((from + i) * 7) % 251));
}

async function print(logs: OutputStore, name: OutputName, count: number): Promise<void> {
  for (let left = count; left > 0; left -= BLOCK)
    await logs.append(name, bytesAt(logs.next(name), Math.min(left, BLOCK)));
}

/** The parts that are there; throws where a byte is not the one that was printed. */
async function partsOf(
  logs: OutputStore,
  name: OutputName,
): Promise<[from: number, next: number][]> {
  const parts: [number, number][] = [];
  for (let at = 0; at < logs.next(name); ) {
    const { from, next, bytes, skipped } = await logs.read(name, at, 1 << 20);
    expect(from - skipped).toBe(at);
    expect(bytes.equals(bytesAt(from, bytes.length))).toBe(true);
    if (bytes.length > 0) parts.push([from, next]);
    at = next;
  }
  return parts;
}

async function onDisk(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(join(folder, "logs"), { recursive: true })) {
    const found = await stat(join(folder, "logs", name));
    if (name.endsWith(".log")) bytes += Math.ceil(found.size / BLOCK) * BLOCK;
  }
  return bytes;
}

describe("one workflow's output", () => {
  folderTest(
    "the output of a workflow over its limit gives the middles of what came first",
    async ({ folder }) => {
      const store = await storeOf({ workflow_id: "w" });
      const logs = await opened(folder, store);
      for (const step of [0, 1, 2]) await print(logs, nameOf("w", step), 14 * BLOCK);
      expect(await partsOf(logs, nameOf("w", 0))).toEqual([
        [0, BLOCK],
        [13 * BLOCK, 14 * BLOCK],
      ]);
      expect(await partsOf(logs, nameOf("w", 1))).toEqual([[0, 14 * BLOCK]]);
      expect(await partsOf(logs, nameOf("w", 2))).toEqual([[0, 14 * BLOCK]]);
      expect(await onDisk(folder)).toBeLessThanOrEqual(limits.outputWorkflowBytes);
      await logs.close();
    },
  );

  folderTest(
    "one workflow's output of many steps gives whole outputs, also over a restart",
    async ({ folder }) => {
      const store = await storeOf({ workflow_id: "w" });
      const logs = await opened(folder, store);
      for (let step = 0; step < 100; step++) await print(logs, nameOf("w", step), 10);
      const check = async (one: OutputStore) => {
        expect(await partsOf(one, nameOf("w", 0))).toEqual([]);
        expect([one.next(nameOf("w", 0)), one.attempts(nameOf("w"), 0)]).toEqual([10, [1]]);
        expect(one.hasAll(nameOf("w", 0), 0, 1)).toBe(false);
        expect(await partsOf(one, nameOf("w", 99))).toEqual([[0, 10]]);
      };
      await check(logs);
      expect(await onDisk(folder)).toBeLessThanOrEqual(limits.outputWorkflowBytes);
      await logs.close();
      const again = await opened(folder, store);
      await check(again);
      // Late output goes on where the attempt's output ended.
      await print(again, nameOf("w", 0), 5);
      expect(await partsOf(again, nameOf("w", 0))).toEqual([[10, 15]]);
      await again.close();
    },
  );

  folderTest(
    "one workflow's output of attempts without end stays of the newest",
    async ({ folder }) => {
      const store = await storeOf({ workflow_id: "w" });
      const few = { ...limits, outputAttempts: 3 };
      const logs = await opened(folder, store, { limits: few });
      for (let attempt = 1; attempt <= 9; attempt++) await print(logs, nameOf("w", 0, attempt), 10);
      const kept = async (one: OutputStore) =>
        Promise.all(
          Array.from(
            { length: 9 },
            async (_, i) => (await partsOf(one, nameOf("w", 0, i + 1))).length,
          ),
        );
      expect(await kept(logs)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1]);
      await expect(
        logs.append({ ...nameOf("w"), attempt: 10 }, bytesAt(0, 1)),
      ).resolves.toBeTruthy();
      await logs.close();
      const again = await opened(folder, store, { limits: few });
      expect(again.next(nameOf("w", 0, 1))).toBe(10);
      expect(await kept(again)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1]);
      await print(again, nameOf("w", 1, 5), 10);
      for (const attempt of [6, 7]) await print(again, nameOf("w", 1, attempt), 10);
      const old = again.append(nameOf("w", 1, 4), bytesAt(0, 1));
      await expect(old).rejects.toMatchObject({
        code: "bad_message",
        errors: [{ path: "attempt" }],
      });
      await again.close();
    },
  );
});

describe("all output together", () => {
  const ended = (workflow_id: string, at: number) => ({
    workflow_id,
    state: stateOf({ workflow_id, status: "completed" }),
    clear_at: at,
  });

  async function world() {
    const store = await storeOf(
      ...["young", "old"].map((id) => ended(id, id === "old" ? 1 : 2)),
      ended("in-view", 3),
      { workflow_id: "running" },
    );
    for (const id of ["young", "old"]) await store.archive(store.open.get(id)!);
    return store;
  }

  folderTest(
    "all output together over the limit drops the oldest of the history, and says so",
    async ({ folder }) => {
      const store = await world();
      const logs = await opened(folder, store);
      for (const id of ["young", "old", "in-view"]) await print(logs, nameOf(id), 16 * BLOCK);
      await print(logs, nameOf("running"), 16 * BLOCK);
      await print(logs, nameOf("running", 1), BLOCK);
      const check = async (one: OutputStore) => {
        expect([await partsOf(one, nameOf("old")), one.next(nameOf("old"))]).toEqual([
          [],
          16 * BLOCK,
        ]);
        for (const id of ["young", "in-view", "running"])
          expect(await partsOf(one, nameOf(id))).toEqual([[0, 16 * BLOCK]]);
      };
      await check(logs);
      await logs.close();
      expect(await onDisk(folder)).toBe(49 * BLOCK);
      const again = await opened(folder, store);
      await check(again);
      await again.close();

      // A smaller limit holds from the start; what runs is not touched before all that has ended.
      const smaller = { ...limits, outputTotalBytes: 20 * BLOCK };
      const small = await opened(folder, store, { limits: smaller });
      for (const id of ["old", "young", "in-view"])
        expect(await partsOf(small, nameOf(id))).toEqual([]);
      expect(await partsOf(small, nameOf("running"))).toEqual([[0, 16 * BLOCK]]);
      await small.close();
      expect(await onDisk(folder)).toBe(17 * BLOCK);
    },
  );

  folderTest("running workflows give up output where they hold most", async ({ folder }) => {
    const ids = ["small", "flood-1", "flood-2", "flood-3"];
    const store = await storeOf(...ids.map((workflow_id) => ({ workflow_id })));
    const logs = await opened(folder, store);
    await print(logs, nameOf("small"), 3 * BLOCK);
    for (let step = 0; step < 20; step++)
      for (const id of ids.slice(1)) await print(logs, nameOf(id, step), 3 * BLOCK);
    expect(await partsOf(logs, nameOf("small"))).toEqual([[0, 3 * BLOCK]]);
    for (const id of ids.slice(1))
      expect(await partsOf(logs, nameOf(id, 19))).toEqual([[0, 3 * BLOCK]]);
    expect(await onDisk(folder)).toBeLessThanOrEqual(limits.outputTotalBytes);
    await logs.close();
  });

  folderTest(
    "output that cannot be dropped stays, and what was printed is kept",
    async ({ folder }) => {
      const store = await world();
      const fileSystem = failingFileSystem();
      const failures: unknown[] = [];
      const onFailure = (error: unknown) => failures.push(error);
      const logs = await opened(folder, store, { fileSystem, onFailure });
      for (const id of ["young", "old", "in-view"]) await print(logs, nameOf(id), 16 * BLOCK);
      await print(logs, nameOf("running"), 16 * BLOCK);
      const rename = fileSystem.rename;
      Object.assign(fileSystem, { rename: () => Promise.reject(new Error("no")) });
      await print(logs, nameOf("running", 1), 10);
      expect(failures).toHaveLength(1);
      expect(await partsOf(logs, nameOf("old"))).toEqual([[0, 16 * BLOCK]]);
      Object.assign(fileSystem, { rename });
      await print(logs, nameOf("running", 1), 10);
      expect(await partsOf(logs, nameOf("old"))).toEqual([]);
      expect(await partsOf(logs, nameOf("running", 1))).toEqual([[0, 20]]);
      await logs.close();
    },
  );

  folderTest(
    "all output together stays within its limits and at its offsets, whoever prints",
    async ({ folder }) => {
      await seeded(async () => {
        const { below, pick } = chance();
        const ids = ["a", "b", "c", "d", "e"];
        const store = await storeOf(...ids.map((workflow_id) => ({ workflow_id })));
        let logs = await opened(folder, store);
        for (let i = 0; i < 150; i++) {
          const at = Array.from({ length: 4 }, () => nameOf(pick(ids), below(4), 1 + below(2)));
          const names = new Map(at.map((name) => [Object.values(name).join(), name]));
          await Promise.all(
            [...names.values()].map((name) =>
              logs.append(name, bytesAt(logs.next(name), 1 + below(2 * BLOCK))),
            ),
          );
          if (below(5) === 0) await logs.flush(nameOf(pick(ids)));
          if (below(10) === 0) await partsOf(logs, pick([...names.values()]));
          if (below(40) === 0) {
            await logs.close();
            expect(await onDisk(folder)).toBeLessThanOrEqual(limits.outputTotalBytes);
            logs = await opened(folder, store);
          }
        }
        for (const id of ids)
          for (const step of [0, 1, 2, 3])
            for (const attempt of [1, 2]) await partsOf(logs, nameOf(id, step, attempt));
        await logs.close();
      });
    },
  );
});
