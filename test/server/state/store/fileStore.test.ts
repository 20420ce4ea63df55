/** The files on the disk: after a restart, after damage, after every call that can fail. */
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk, UnsafeFolder } from "../../../../server/machine/disk.js";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import type { FileStore } from "../../../../server/state/store/fileStore.js";
import { decodeRecord } from "../../../../server/state/store/record.js";
import { failingFileSystem } from "../../../support/disks/failingFileSystem.js";
import { recordOf } from "../../../support/disks/records.js";
import { fileRecords, foundAfterCrash, loadStore as load } from "../../../support/disks/stores.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const fileOf = (folder: string, id = "deploy") =>
  join(folder, "workflows", `${fileNameOf(id)}.json`);

describe("the files", () => {
  folderTest("the files give back every record as it was, after a restart", async ({ folder }) => {
    const before = await load(folder);
    const [kept, ended] = [
      recordOf({ receipts: [{ id: "r", print: "p", epoch: "e1", revision: 1 }] }),
      recordOf({ workflow_id: "old", epoch: "e2" }),
    ];
    await before.commit(kept, null);
    await before.commit(ended, null);
    await before.archive(ended);

    const after = await load(folder);
    expect([...after.open.values()]).toEqual([kept]);
    expect([...after.history.values()]).toEqual([ended]);
    expect(after.damaged).toEqual([]);
  });

  folderTest("the files are closed to other users, and folders too", async ({ folder }) => {
    const dataDir = join(folder, "data");
    await new Disk().makeFolder(dataDir);
    await fileRecords(dataDir, recordOf());
    const modes = await Promise.all(
      [dataDir, join(dataDir, "workflows"), join(dataDir, "history"), fileOf(dataDir)].map(
        async (path) => ((await stat(path)).mode & 0o777).toString(8),
      ),
    );
    expect(modes).toEqual(["700", "700", "700", "600"]);
  });

  folderTest("the files are readable by a person with cat", async ({ folder }) => {
    await fileRecords(folder, recordOf());
    expect(await readFile(fileOf(folder), "utf8")).toContain('\n  "status": "running",\n');
  });

  folderTest(
    "the store never writes where others may write, nor through a link",
    async ({ folder }) => {
      const shared = join(folder, "shared");
      await mkdir(shared);
      await chmod(shared, 0o777);
      await expect(new Disk().makeFolder(shared)).rejects.toThrow(UnsafeFolder);
      const link = join(folder, "link");
      await symlink(folder, link);
      await expect(new Disk().makeFolder(link)).rejects.toThrow(/not a folder/);
    },
  );

  folderTest("the files leave nothing temporary behind, also after a crash", async ({ folder }) => {
    await load(folder);
    const left = join(folder, "workflows", `.${fileNameOf("deploy")}.json.123.0123456789ab.tmp`);
    await writeFile(left, "half a rec");
    const store = await load(folder);
    await store.commit(recordOf(), null);
    await store.close();
    expect(await readdir(join(folder, "workflows"))).toEqual([`${fileNameOf("deploy")}.json`]);
    expect(await readdir(join(folder, "journal"))).toEqual([]);
    expect(store.damaged).toEqual([]);
  });

  const DAMAGE: Record<string, (text: string) => string> = {
    "an empty file": () => "",
    "a file of zeros": (text) => "\0".repeat(text.length),
    null: () => "null",
    "a list": () => "[]",
    "a byte order mark": (text) => `\uFEFF${text}`,
    "a flipped bit in a value": (text) => text.replace('"copy"', '"copx"'),
    "another version's format": (text) => text.replace('"format":1', '"format":2'),
    "a record of another id": (text) => text.replaceAll('"deploy"', '"other"'),
  };
  folderTest.for(Object.entries(DAMAGE))(
    "with %s is moved aside whole, and the rest keeps working",
    async ([, damage], { folder }) => {
      await fileRecords(folder, recordOf(), recordOf({ workflow_id: "fine", epoch: "e2" }));
      const damaged = damage(await readFile(fileOf(folder), "utf8"));
      await writeFile(fileOf(folder), damaged);

      const after = await load(folder);
      expect([...after.open.keys()]).toEqual(["fine"]);
      expect(after.damaged).toHaveLength(1);
      expect(await readFile(after.damaged[0]!.movedTo!, "utf8")).toBe(damaged);
      await after.commit(recordOf({ epoch: "e3" }), null);
      await after.close();
      expect((await load(folder)).open.get("deploy")?.epoch).toBe("e3");
    },
  );

  folderTest("cut short at any byte is never taken for a state", async ({ folder }) => {
    await fileRecords(folder, recordOf());
    const whole = await readFile(fileOf(folder), "utf8");
    // The last byte is the line's end: without it nothing is missing.
    for (let length = 0; length < whole.length - 1; length += 7) {
      await writeFile(fileOf(folder), whole.slice(0, length));
      const store = await load(folder);
      expect([store.open.size, store.damaged.length], `cut at ${length}`).toEqual([0, 1]);
    }
  });

  folderTest(
    "a record's file holds the old record or the new one, whichever call of a write fails",
    async ({ folder }) => {
      const fs = failingFileSystem();
      const store = await load(folder, new Disk(fs));
      let base = recordOf();
      await store.commit(base, null);
      await store.settle();
      // With the version before it; the others come within the next 30 seconds.
      base = await replaceWith(store, base);
      await store.settle();
      base = await replaceWith(store, base);
      const started = fs.calls.length;
      await store.settle();
      const callsOfAWrite = fs.calls.length - started;
      expect(callsOfAWrite).toBeGreaterThanOrEqual(5);

      for (const code of ["EIO", "ENOSPC", "EACCES", "EMFILE"]) {
        for (let n = 0; n < callsOfAWrite; n++) {
          const old = base;
          base = await replaceWith(store, base);
          fs.failAt(n, code);
          await store.settle().catch(() => {});
          fs.heal();
          const text = await readFile(fileOf(folder), "utf8");
          expect([old, base], `${code} at call ${n}`).toContainEqual(decodeRecord(text));
          // The journal knows, whatever the file says.
          expect((await foundAfterCrash(folder)).open.get("deploy")).toEqual(base);
          expect(store.open.get("deploy")).toBe(base);
          await store.settle();
          expect(decodeRecord(await readFile(fileOf(folder), "utf8"))).toEqual(base);
        }
      }
    },
  );

  folderTest(
    "a disk that stays broken refuses and changes nothing, and recovers without a restart",
    async ({ folder }) => {
      const fs = failingFileSystem();
      const store = await load(folder, new Disk(fs));
      const base = recordOf();
      await store.commit(base, null);
      fs.failAt(0, "EIO", true);
      for (let i = 0; i < 3; i++) {
        await expect(store.commit(recordOf({ revision: 2 }), base)).rejects.toMatchObject({
          code: "not_saved",
        });
        await expect(store.archive(base)).rejects.toMatchObject({ code: "not_saved" });
        await expect(store.remove(base)).rejects.toMatchObject({ code: "not_saved" });
      }
      expect(store.open.get("deploy")).toBe(base);
      fs.heal();
      await replaceWith(store, base);
      expect((await foundAfterCrash(folder)).open.get("deploy")?.revision).toBe(2);
    },
  );

  async function replaceWith(store: FileStore, base: ReturnType<typeof recordOf>) {
    const next = recordOf({ revision: base.revision + 1 });
    await store.commit(next, base);
    return next;
  }
});

describe("a file name", () => {
  const IDS = [
    "a",
    "A",
    "CON",
    "con",
    "constructor",
    "a:b",
    "a_b",
    "a.b",
    "x".repeat(128),
    `${"x".repeat(127)}y`,
    "../..",
    "nul.",
  ];

  folderTest("a file name is shared by no two ids, on disks that fold case too", async () => {
    const names = IDS.map((id) => fileNameOf(id).toLowerCase());
    expect(new Set(names).size).toBe(IDS.length);
  });

  folderTest("a file name is never a path, a device or hidden", async () => {
    for (const id of IDS) expect(fileNameOf(id)).toMatch(/^(?!\.{1,2}$)[a-z0-9._-]+-[0-9a-f]{24}$/);
  });
});
