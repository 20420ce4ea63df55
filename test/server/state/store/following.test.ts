/** The files follow the journal by the clock: within a second, once a second for a busy one, and the journal goes when nothing changes. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import { FileStore } from "../../../../server/state/store/fileStore.js";
import { decodeRecord, type WorkflowRecord } from "../../../../server/state/store/record.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { until } from "../../../support/deadline.js";
import { failingFileSystem } from "../../../support/disks/failingFileSystem.js";
import { recordOf } from "../../../support/disks/records.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

async function opened(folder: string, segmentBytes = 4 * 1024 * 1024) {
  const fs = failingFileSystem();
  const clock = manualClock();
  const disk = new Disk(fs);
  const store = await FileStore.load(
    disk,
    folder,
    () => 0,
    () => {},
    () => clock.elapsed(),
    { after: (ms, run) => clock.after(ms, run), segmentBytes },
  );
  const save = async (fields: Partial<WorkflowRecord> = {}, id = "deploy") => {
    const base = store.open.get(id) ?? null;
    const first = recordOf({ workflow_id: id, epoch: `e-${id}` });
    const next = { ...(base ?? first), revision: (base?.revision ?? 0) + 1, ...fields };
    await store.commit(next as WorkflowRecord, base);
  };
  return { fs, clock, store, save };
}

async function filed(folder: string, id = "deploy"): Promise<number | null> {
  const path = join(folder, "workflows", `${fileNameOf(id)}.json`);
  const text = await readFile(path, "utf8").catch(() => null);
  return text === null ? null : decodeRecord(text).revision;
}

const journalOf = async (folder: string) => (await readdir(join(folder, "journal"))).length;

describe("a record's file", () => {
  folderTest(
    "a record's file has a change within a second, also of one that never rests",
    async ({ folder }) => {
      const { clock, store, save } = await opened(folder);
      await save();
      expect(await filed(folder)).toBe(null);
      clock.advance(150);
      await until(async () => (await filed(folder)) === 1, "the first version is filed");
      for (let second = 1; second <= 3; second++) {
        const before = store.open.get("deploy")!.revision;
        for (let part = 0; part < 10; part++) {
          await save();
          clock.advance(100);
        }
        await until(
          async () => (await filed(folder))! > before,
          `something of second ${second} is filed`,
        );
      }
      await store.close();
      expect(await filed(folder)).toBe(31);
    },
  );

  folderTest(
    "a busy record's file is written once a second and not for each change",
    async ({ folder }) => {
      const { fs, clock, store, save } = await opened(folder);
      await save();
      clock.advance(150);
      await until(async () => (await filed(folder)) === 1, "the first version is filed");
      const renames = () => fs.calls.filter((name) => name === "rename").length;
      const before = renames();
      for (let n = 0; n < 100; n++) {
        await save();
        clock.advance(5);
      }
      expect(renames() - before).toBeLessThanOrEqual(1);
      await store.close();
    },
  );

  folderTest(
    "a journal is gone once nothing has changed for some seconds, and begins anew with the next change",
    async ({ folder }) => {
      const { clock, store, save } = await opened(folder);
      await save();
      expect(await journalOf(folder)).toBe(1);
      await until(async () => {
        clock.advance(500);
        return (await journalOf(folder)) === 0;
      }, "the journal is removed");
      expect(await filed(folder)).toBe(1);
      await save();
      expect(await journalOf(folder)).toBe(1);
      await store.close();
      expect([await journalOf(folder), await filed(folder), clock.waiting]).toEqual([0, 2, 0]);
    },
  );

  folderTest(
    "a record's file that cannot be written keeps the journal from growing, and the others from waiting",
    async ({ folder }) => {
      const { fs, clock, store, save } = await opened(folder, 20_000);
      await save();
      const { rename } = fs;
      const refused = `${fileNameOf("deploy")}.json`;
      Object.assign(fs, {
        rename: async (from: string, to: string) => {
          if (to.endsWith(refused)) throw Object.assign(new Error("EIO"), { code: "EIO" });
          return rename(from, to);
        },
      });
      await expect(store.settle()).rejects.toThrow("EIO");
      await expect(save()).rejects.toMatchObject({ code: "not_saved" });
      for (let n = 0; n < 400; n++) {
        await save({}, "other");
        clock.advance(50);
      }
      await until(async () => {
        clock.advance(1_000);
        return (await journalOf(folder)) <= 2;
      }, "the journal is cut");
      const found = await FileStore.load(new Disk(), folder, () => 0);
      expect(found.open.get("deploy")?.revision).toBe(1);
      expect(found.open.get("other")?.revision).toBe(400);
      Object.assign(fs, { rename });
      await save();
      await store.close();
      expect([await journalOf(folder), await filed(folder)]).toEqual([0, 2]);
    },
  );
});
