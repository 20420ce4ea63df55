/** A folder that should hold a store and is empty is not a fresh start. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Log } from "../../server/log/log.js";
import { createInstep, type InstepOptions } from "../../server/server.js";
import { folderTest } from "../support/disks/temporaryFolder.js";

const FORMER_FOLDERS = ["workflows", "history", "logs", "runs"];

/** Starts a server on the folder and ends it. Resolves with what it warned of. */
async function startOn(dataDir: string, options: Partial<InstepOptions> = {}): Promise<string[]> {
  const warnings: string[] = [];
  const write = () => {};
  const warn = (_details: object, message: string) => void warnings.push(message);
  const log: Log = { debug: write, info: write, warn, error: warn };
  await (await createInstep({ dataDir, log, ...options })).close();
  return warnings;
}

const storeIn = async (dataDir: string): Promise<string> =>
  JSON.parse(await readFile(join(dataDir, "instep.store"), "utf8")).store_id;

function places(folder: string) {
  return { dataDir: join(folder, "mount"), rememberIn: join(folder, "state", "instep") };
}

async function emptied(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true });
  await mkdir(dataDir, { mode: 0o700 });
}

describe("a data folder", () => {
  folderTest(
    "a data folder has an id from its first start on, and keeps it",
    async ({ folder }) => {
      const { dataDir, rememberIn } = places(folder);
      await startOn(dataDir, { rememberIn });
      const id = await storeIn(dataDir);
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(await startOn(dataDir, { rememberIn })).toEqual([]);
      expect(await storeIn(dataDir)).toBe(id);
      await rename(dataDir, `${dataDir}.moved`);
      expect(await startOn(`${dataDir}.moved`, { rememberIn, init: false })).toEqual([]);
      expect(await storeIn(`${dataDir}.moved`)).toBe(id);
    },
  );

  folderTest("a data folder may be there and empty at its first start", async ({ folder }) => {
    const { dataDir, rememberIn } = places(folder);
    await mkdir(join(dataDir, "lost+found"), { recursive: true, mode: 0o700 });
    expect(await startOn(dataDir, { rememberIn })).toEqual([]);
  });

  for (const former of FORMER_FOLDERS) {
    folderTest(
      `a data folder of an earlier version with ${former} in it is taken as it is`,
      async ({ folder }) => {
        const { dataDir, rememberIn } = places(folder);
        await startOn(dataDir, { rememberIn });
        await emptied(dataDir);
        await mkdir(join(dataDir, former), { mode: 0o700 });
        await startOn(dataDir, { rememberIn, init: false });
        expect(await storeIn(dataDir)).toMatch(/./);
      },
    );
  }

  for (const [name, empty] of [
    ["is empty now", emptied],
    [
      "holds only what a new disk holds",
      async (dataDir: string) => {
        await emptied(dataDir);
        await mkdir(join(dataDir, "lost+found"));
      },
    ],
    [
      "holds only somebody else's files",
      async (dataDir: string) => {
        await emptied(dataDir);
        await writeFile(join(dataDir, "README"), "mount the disk here");
        await mkdir(join(dataDir, "private"));
      },
    ],
  ] as const) {
    folderTest(
      `a data folder that held a store and ${name} is refused, and left as it is`,
      async ({ folder }) => {
        const { dataDir, rememberIn } = places(folder);
        await startOn(dataDir, { rememberIn });
        const id = await storeIn(dataDir);
        await empty(dataDir);
        const before = await readdir(dataDir);
        await expect(startOn(dataDir, { rememberIn })).rejects.toMatchObject({
          name: "StoreMissing",
          message: expect.stringMatching(new RegExp(`${id}.*mount it.*--init`)),
        });
        expect(await readdir(dataDir)).toEqual(before);
        expect(await startOn(dataDir, { rememberIn, init: true })).toEqual([
          "this is another store than the one here before",
        ]);
        expect(await startOn(dataDir, { rememberIn })).toEqual([]);
      },
    );
  }

  folderTest(
    "a data folder below an empty mount point is refused, and not made there",
    async ({ folder }) => {
      const { dataDir: mount, rememberIn } = places(folder);
      const dataDir = join(mount, "deep", "data");
      await startOn(dataDir, { rememberIn });
      await emptied(mount);
      await expect(startOn(dataDir, { rememberIn })).rejects.toMatchObject({
        name: "StoreMissing",
      });
      expect(await readdir(mount)).toEqual([]);
    },
  );

  folderTest(
    "a data folder that somebody removed from among others begins anew, and says so",
    async ({ folder }) => {
      const { dataDir, rememberIn } = places(folder);
      await startOn(dataDir, { rememberIn });
      await rm(dataDir, { recursive: true });
      expect(await startOn(dataDir, { rememberIn })).toEqual([
        "this is another store than the one here before",
      ]);
    },
  );

  folderTest(
    "a data folder that nobody remembers can be told to hold a store",
    async ({ folder }) => {
      const { dataDir } = places(folder);
      await expect(startOn(dataDir, { init: false })).rejects.toMatchObject({
        name: "StoreMissing",
      });
      expect(await readdir(folder)).toEqual([]);
      await startOn(dataDir);
      await startOn(dataDir, { init: false });
    },
  );

  folderTest("a data folder needs no memory of it to be started", async ({ folder }) => {
    const { dataDir } = places(folder);
    await writeFile(join(folder, "state"), "no folder");
    await startOn(dataDir, { rememberIn: join(folder, "state") });
    await mkdir(join(folder, "open"), { mode: 0o777 });
    for (const text of ["", "{}", '{"data_dir":1}', "\0\0"]) {
      const rememberIn = join(folder, "damaged");
      await startOn(dataDir, { rememberIn });
      for (const name of await readdir(join(rememberIn, "stores")))
        await writeFile(join(rememberIn, "stores", name), text);
      await startOn(dataDir, { rememberIn });
    }
  });

  const NO_MARKERS = [
    "",
    '{"form',
    "\0\0\0\0",
    "[]",
    "null",
    '{"format":1,"store_id":"x"}',
    '{"format":2,"needs":["journal"],"store_id":"x"}',
  ];
  for (const text of NO_MARKERS) {
    folderTest(
      `a data folder whose marker holds ${JSON.stringify(text)} gets a new one`,
      async ({ folder }) => {
        const { dataDir } = places(folder);
        await startOn(dataDir);
        await writeFile(join(dataDir, "instep.store"), text);
        expect(await startOn(dataDir, { init: false })).toEqual([
          "instep.store could not be read: renewed",
        ]);
        expect(await storeIn(dataDir)).toMatch(/^[0-9a-f-]{36}$/);
      },
    );
  }

  folderTest(
    "a data folder of a version without a journal keeps its id, and that version would refuse it from then on",
    async ({ folder }) => {
      const { dataDir } = places(folder);
      await startOn(dataDir);
      const path = join(dataDir, "instep.store");
      const { needs, ...known } = JSON.parse(await readFile(path, "utf8"));
      expect(needs).toEqual(["journal"]);
      await writeFile(path, JSON.stringify({ ...known, format: 1 }));
      expect(await startOn(dataDir, { init: false })).toEqual([]);
      expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ ...known, needs, format: 2 });
      // A build that does not know what the folder needs leaves it alone.
      await writeFile(path, JSON.stringify({ ...known, needs: ["journal", "keepers"] }));
      await expect(startOn(dataDir)).rejects.toThrow("a later version of Instep");
    },
  );

  folderTest("a data folder of a later version is left alone", async ({ folder }) => {
    const { dataDir } = places(folder);
    await startOn(dataDir);
    const later = '{"format":2,"anything":[]}';
    await writeFile(join(dataDir, "instep.store"), later);
    await expect(startOn(dataDir)).rejects.toThrow("a later version of Instep");
    expect(await readFile(join(dataDir, "instep.store"), "utf8")).toBe(later);
    expect(await readdir(dataDir)).not.toContain("instep.lock");
  });
});
