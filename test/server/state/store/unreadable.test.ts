/** Files among the records that cannot be read: each is named and kept, and none stops the rest. */
import { execFileSync } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import { failingFileSystem } from "../../../support/disks/failingFileSystem.js";
import { recordOf } from "../../../support/disks/records.js";
import { fileRecords, loadStore as load } from "../../../support/disks/stores.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const nameOf = (id: string) => `${fileNameOf(id)}.json`;

/** Each makes something at `path` that is no file to read. */
const UNREADABLE: Record<string, (path: string) => Promise<unknown>> = {
  "a folder": (path) => mkdir(path),
  "a full folder": async (path) => {
    await mkdir(path);
    await writeFile(join(path, "x"), "");
  },
  "a pipe": async (path) => execFileSync("mkfifo", [path]),
  "a socket": (path) =>
    new Promise<void>((resolve) => {
      const server = createServer().listen(path, () => resolve());
      server.unref();
    }),
  "a link to another file": async (path) => {
    await writeFile(`${path}.target`, "secret");
    await symlink(`${path}.target`, path);
  },
  "a link to itself": (path) => symlink(path, path),
  "a link to nothing": (path) => symlink(`${path}.nothing`, path),
  "a link to a device that never ends": (path) => symlink("/dev/zero", path),
  "a huge file": async (path) => {
    await writeFile(path, "");
    await truncate(path, 100 * 1024 ** 3);
  },
};

describe.each(["workflows", "history"])("among the files of %s", (place) => {
  const nameIn = (id: string) =>
    place === "history" ? `${fileNameOf(id)}.e9.json` : `${fileNameOf(id)}.json`;

  folderTest.for(Object.entries(UNREADABLE))(
    "%s is named and left alone",
    async ([, make], { folder }) => {
      await fileRecords(folder, recordOf({ workflow_id: "fine" }));
      const path = join(folder, place, nameIn("broken"));
      await make(path);
      const found = await lstat(path);

      const after = await load(folder);
      expect([...after.open.keys()]).toEqual(["fine"]);
      expect(after.damaged).toMatchObject([
        { workflow_id: "broken", file: nameIn("broken"), movedTo: null },
      ]);
      expect(after.damaged[0]!.why).toMatch(/^[ -~]{5,80}$/);
      expect(after.damaged[0]!.why).not.toContain(folder);
      expect((await lstat(path)).ino).toBe(found.ino);

      // A new workflow under the same id takes its own place, and overwrites nothing.
      await after.commit(recordOf({ workflow_id: "broken", epoch: "e2" }), null);
      await after.close();
      const inodes = await Promise.all(
        (await readdir(join(folder, place))).map(
          async (name) => (await lstat(join(folder, place, name))).ino,
        ),
      );
      expect(inodes).toContain(found.ino);
      expect([...(await load(folder)).open.keys()].sort()).toEqual(["broken", "fine"]);
    },
  );
});

folderTest.for(["hunter2", "\0\0\0", "[]", '{"format":1}', '{"hunter2":'])(
  "why a record is damaged is said in one line without its content: %j",
  async (content, { folder }) => {
    await fileRecords(folder, recordOf());
    await writeFile(join(folder, "workflows", nameOf("deploy")), content);
    const [damage] = (await load(folder)).damaged;
    expect(damage?.why).toMatch(/^it is (not JSON|no record)[ -~]{0,80}$/);
    expect(damage?.why).not.toContain("hunter2");
  },
);

describe("a record that the disk cannot give", () => {
  folderTest.for(["EIO", "EACCES", "EUCLEAN", "ESTALE"])(
    "because of %s stays where it is, and is there again when the disk can",
    async (code, { folder }) => {
      await fileRecords(folder, recordOf());
      const fs = failingFileSystem();
      const disk = new Disk({
        ...fs,
        openSync: (path, flags) => {
          if (path.endsWith(nameOf("deploy"))) throw Object.assign(new Error(code), { code });
          return fs.openSync(path, flags);
        },
      });
      const store = await load(folder, disk);
      expect(store.damaged).toMatchObject([{ workflow_id: "deploy", movedTo: null, why: code }]);
      expect([...(await load(folder)).open.keys()]).toEqual(["deploy"]);
    },
  );

  folderTest.for(["openSync", "fstatSync", "readFileSync"] as const)(
    "a record that the disk cannot give stays where it is, whichever call fails: %s",
    async (name, { folder }) => {
      await fileRecords(folder, recordOf());
      const fs = failingFileSystem();
      const open = new Set<number>();
      const counted: typeof fs = {
        ...fs,
        openSync: (path, flags) => {
          const file = fs.openSync(path, flags);
          open.add(file);
          return file;
        },
        closeSync: (file) => {
          fs.closeSync(file);
          open.delete(file);
        },
      };
      const refuse = () => {
        throw Object.assign(new Error("EIO"), { code: "EIO" });
      };
      const store = await load(folder, new Disk({ ...counted, [name]: refuse }));
      expect(store.damaged).toMatchObject([{ workflow_id: "deploy", movedTo: null, why: "EIO" }]);
      expect(open.size).toBe(0);
      expect([...(await load(folder)).open.keys()]).toEqual(["deploy"]);
    },
  );

  folderTest(
    "a record that cannot be read because too many files are open is no damage: the start says so",
    async ({ folder }) => {
      await fileRecords(folder, recordOf());
      const fs = failingFileSystem();
      const disk = new Disk({
        ...fs,
        openSync: (path, flags) => {
          if (path.endsWith(".json")) throw Object.assign(new Error("x"), { code: "EMFILE" });
          return fs.openSync(path, flags);
        },
      });
      await expect(load(folder, disk)).rejects.toMatchObject({ code: "EMFILE" });
    },
  );
});

describe("what is set aside", () => {
  async function damage(folder: string, id: string, text = "half a rec"): Promise<void> {
    await mkdir(join(folder, "workflows"), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, "workflows", nameOf(id)), text);
  }

  folderTest(
    "a file that is set aside never takes the name of one set aside before",
    async ({ folder }) => {
      for (const text of ["one", "two", "three"]) {
        await damage(folder, "deploy", text);
        await load(folder);
      }
      const names = await readdir(join(folder, "workflows"));
      const texts = await Promise.all(
        names.map((name) => readFile(join(folder, "workflows", name))),
      );
      expect(texts.map(String).sort()).toEqual(["one", "three", "two"]);
    },
  );

  folderTest(
    "a file that is set aside is damaged at every start, until it has a record again",
    async ({ folder }) => {
      await damage(folder, "deploy");
      await load(folder);
      const store = await load(folder);
      expect(store.damaged).toMatchObject([{ workflow_id: "deploy" }]);
      await store.commit(recordOf(), null);
      expect(store.damaged).toEqual([]);
      expect((await load(folder)).damaged).toEqual([]);
      await store.close();
      expect((await load(folder)).damaged).toEqual([]);
    },
  );

  folderTest(
    "a damaged record is told of until it is put away; its file stays",
    async ({ folder }) => {
      await damage(folder, "deploy");
      const store = await load(folder);
      await store.damages.putAway("deploy");
      expect(store.damaged).toEqual([]);
      expect((await load(folder)).damaged).toEqual([]);
      const names = await readdir(join(folder, "workflows"));
      expect(names).toEqual([`${nameOf("deploy")}.cleared`]);
    },
  );

  folderTest.for([
    ["deploy:Prod", '{"format":1,"record":{"workflow_id":"deploy:Prod","x', "deploy:Prod"],
    ["plain.name", "\0\0\0", "plain.name"],
    ["Upper:case", "\0\0\0", fileNameOf("Upper:case")],
    ["mine", '{"workflow_id":"somebody-elses"}', "mine"],
  ])("says whose it was, as far as that is certain: %s", async ([id, text, known], { folder }) => {
    await damage(folder, id!, text);
    const store = await load(folder);
    expect(store.damaged).toMatchObject([{ workflow_id: known }]);
    // The id itself finds it, whatever else the file says.
    expect(store.damages.of(id!)).toHaveLength(1);
    expect(store.damages.of("another")).toEqual([]);
  });

  folderTest("files set aside by the thousand make no slow start", async ({ folder }) => {
    await damage(folder, "first");
    for (let n = 0; n < 3_000; n++) {
      await writeFile(join(folder, "workflows", nameOf(`w${n}`)), "half a rec");
    }
    const start = performance.now();
    const first = await load(folder);
    const again = await load(folder);
    expect([first.damaged.length, again.damaged.length]).toEqual([3_001, 3_001]);
    // Measured 0.6 s; one fsync for each would take 10 s and more on a disk of its own.
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  folderTest("a link where a file is set aside to leads nowhere", async ({ folder }) => {
    await damage(folder, "deploy");
    const aside = `${nameOf("deploy")}.damaged-1970-01-01T00-00-00-000Z`;
    await symlink(join(folder, "target"), join(folder, "workflows", aside));
    const store = await load(folder);
    expect(store.damaged[0]!.movedTo).toBe(join(folder, "workflows", `${aside}-2`));
    expect(await readdir(folder)).not.toContain("target");
  });
});

describe("a record in both places, as a power cut in the middle of an archiving leaves it", () => {
  folderTest("a record that a power cut left in both places is there once", async ({ folder }) => {
    await fileRecords(folder, recordOf());
    const text = await readFile(join(folder, "workflows", nameOf("deploy")), "utf8");
    await writeFile(join(folder, "history", `${fileNameOf("deploy")}.e1.json`), text);
    for (const store of [await load(folder), await load(folder)]) {
      expect([[...store.open.keys()], [...store.history.keys()]]).toEqual([["deploy"], []]);
    }
  });
});

describe("a folder of ours that others may read", () => {
  folderTest(
    "a folder of ours that others may read is closed to them, but not the one that was given",
    async ({ folder }) => {
      await load(folder);
      await chmod(join(folder, "workflows"), 0o755);
      await chmod(folder, 0o755);
      await load(folder);
      expect((await stat(join(folder, "workflows"))).mode & 0o777).toBe(0o700);
      expect(await new Disk().makeFolder(folder, "given")).toEqual({ isReadByOthers: true });
      expect((await stat(folder)).mode & 0o777).toBe(0o755);
    },
  );
});

folderTest(
  "a start with many records lets the rest of the program have its turns",
  async ({ folder }) => {
    const before = await load(folder);
    for (let n = 0; n < 20; n++) await before.commit(recordOf({ workflow_id: `w${n}` }), null);
    // Each record takes longer than a turn may last.
    const fs = failingFileSystem();
    const readFileSync: typeof fs.readFileSync = (file, encoding) => {
      const end = performance.now() + 25;
      while (performance.now() < end);
      return fs.readFileSync(file, encoding);
    };
    let turns = 0;
    const loading = load(folder, new Disk({ ...fs, readFileSync })).then((store) => {
      stop = true;
      return store;
    });
    let stop = false;
    for (; !stop; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect((await loading).open.size).toBe(20);
    expect(turns).toBeGreaterThanOrEqual(20);
  },
);
