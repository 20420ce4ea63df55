/** The version before a record: when it is kept, when it goes, and what it brings back. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import { FileStore } from "../../../../server/state/store/fileStore.js";
import {
  decodeRecord,
  isLive,
  type WorkflowRecord,
} from "../../../../server/state/store/record.js";
import {
  type FailingFileSystem,
  failingFileSystem,
} from "../../../support/disks/failingFileSystem.js";
import { recordOf } from "../../../support/disks/records.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const NAME = `${fileNameOf("deploy")}.json`;

async function opened(folder: string, fs: FailingFileSystem = failingFileSystem()) {
  const time = { now: 0 };
  const store = await FileStore.load(
    new Disk(fs),
    folder,
    () => 0,
    () => {},
    () => time.now,
  );
  const current = () => store.open.get("deploy") ?? null;
  const save = async (change: Partial<WorkflowRecord> = {}) => {
    const base = current();
    const next = { ...(base ?? recordOf()), revision: (base?.revision ?? 0) + 1, ...change };
    await store.commit(next as WorkflowRecord, base);
    await store.settle();
  };
  return { fs, store, time, save, current };
}

const names = async (folder: string) => (await readdir(join(folder, "workflows"))).sort();
const versionBefore = async (folder: string) =>
  decodeRecord(await readFile(join(folder, "workflows", `${NAME}.bak`), "utf8")).revision;

async function damage(folder: string): Promise<void> {
  const path = join(folder, "workflows", NAME);
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace('"revision"', '"revisiom"'));
}

describe("the version before", () => {
  folderTest(
    "the version before is kept at most every 30 seconds, and at the first save after a start",
    async ({ folder }) => {
      const { save, time } = await opened(folder);
      await save();
      expect(await names(folder)).toEqual([NAME]);
      await save();
      expect(await versionBefore(folder)).toBe(1);
      time.now = 29_999;
      await save();
      await save();
      expect(await versionBefore(folder)).toBe(1);
      time.now = 30_000;
      await save();
      expect(await versionBefore(folder)).toBe(4);
      await (await opened(folder)).save();
      expect(await versionBefore(folder)).toBe(5);
    },
  );

  folderTest(
    "the version before refuses no save where the file system has no second names",
    async ({ folder }) => {
      const { fs, store, save } = await opened(folder);
      await save();
      const link = fs.link;
      Object.assign(fs, {
        link: () => Promise.reject(Object.assign(new Error(), { code: "EPERM" })),
      });
      await save();
      expect(await names(folder)).toEqual([NAME]);
      Object.assign(fs, { link });
      expect(store.open.get("deploy")?.revision).toBe(2);
    },
  );

  const ENDS: Record<string, (world: Awaited<ReturnType<typeof opened>>) => Promise<void>> = {
    cleared: ({ save }) => save({ state: null }),
    removed: ({ store, current }) => store.remove(current()!),
    archived: ({ store, current }) => store.archive(current()!),
    "started anew": ({ save }) => save({ epoch: "e2" }),
  };
  folderTest.for(Object.entries(ENDS))(
    "goes before its workflow is %s, wherever that is cut",
    async ([, end], { folder }) => {
      for (let cut = 0; ; cut++) {
        const dataDir = join(folder, `${cut}`);
        await new Disk().makeFolder(dataDir);
        const world = await opened(dataDir);
        await world.save();
        await world.save();
        const calls = world.fs.calls.length;
        world.fs.failAt(cut, "EIO", true);
        const failed = await end(world).then(
          () => false,
          () => true,
        );
        const record = await readFile(join(dataDir, "workflows", NAME), "utf8").catch(() => null);
        const isOver =
          record === null || decodeRecord(record).epoch !== "e1" || !isLive(decodeRecord(record));
        if (isOver) expect(await names(dataDir), `cut at ${cut}`).not.toContain(`${NAME}.bak`);
        const after = await opened(dataDir);
        expect(after.store.damaged, `cut at ${cut}`).toEqual([]);
        if (!failed) return expect(cut).toBe(world.fs.calls.length - calls);
      }
    },
  );

  folderTest(
    "the version before a damaged record is found, also at later starts",
    async ({ folder }) => {
      const { save, store: before } = await opened(folder);
      await save();
      await save();
      await before.close();
      await damage(folder);
      for (let start = 1; start <= 2; start++) {
        const { store } = await opened(folder);
        expect(store.damages.of("deploy")[0]?.backup).toEqual(recordOf({ revision: 1 }));
      }
      await writeFile(join(folder, "workflows", `${NAME}.bak`), "half a rec");
      expect((await opened(folder)).store.damages.of("deploy")[0]?.backup).toBe(null);
    },
  );

  folderTest(
    "the version before is there until the record made of it is durable, wherever that is cut",
    async ({ folder }) => {
      for (let cut = 0; ; cut++) {
        const dataDir = join(folder, `${cut}`);
        await new Disk().makeFolder(dataDir);
        const first = await opened(dataDir);
        await first.save();
        await first.save();
        await first.store.close();
        await damage(dataDir);
        const world = await opened(dataDir);
        world.fs.failAt(cut, "EIO", true);
        const next = recordOf({ epoch: "e2" });
        const restoring = async () => {
          await world.store.commit(next, null);
          await world.store.settle();
        };
        const failed = await restoring().then(
          () => false,
          () => true,
        );
        const { store } = await opened(dataDir);
        const [damaged] = store.damages.of("deploy");
        if (damaged) expect(damaged.backup, `cut at ${cut}`).toEqual(recordOf({ revision: 1 }));
        else expect(store.open.get("deploy"), `cut at ${cut}`).toEqual(next);
        if (!failed) expect(damaged).toBe(undefined);
        // The last calls only remove the version that was restored.
        if (!failed && !(await names(dataDir)).includes(`${NAME}.bak`)) return;
      }
    },
  );
});
