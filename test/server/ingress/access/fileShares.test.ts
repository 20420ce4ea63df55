/** The file of a server's links: read as it was written, and set aside where it cannot be understood. */
import { lstat, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { openFileShares } from "../../../../server/ingress/access/fileShares.js";
import { Disk } from "../../../../server/machine/disk.js";
import { folderTest as test } from "../../../support/disks/temporaryFolder.js";

const share = {
  ...{ number: "123456", workflow_id: "w", epoch: "e" },
  ...{ ends_at: 2, made_at: 1, by: null },
};

const open = async (dataDir: string, disk = new Disk()) => {
  const damaged: string[] = [];
  const store = await openFileShares({
    ...{ disk, dataDir },
    random: (bytes) => Buffer.alloc(bytes, damaged.length + 1),
    onDamaged: (file) => damaged.push(file),
    onFailure: () => {},
  });
  return { store, damaged };
};

test("links are there after a restart, and with them the key that seals them", async ({
  folder,
}) => {
  const { store } = await open(folder);
  await store.put(share, []);
  const { store: again, damaged } = await open(folder);
  expect([again.all(), again.key, damaged]).toEqual([[share], store.key, []]);
});

test("links that were kept before the file had a format count, and the key that seals them", async ({
  folder,
}) => {
  const { store } = await open(folder);
  await store.put(share, []);
  const file = join(folder, "shares.json");
  const { format, ...former } = JSON.parse(await readFile(file, "utf8"));
  expect(format).toBe(1);
  await writeFile(file, JSON.stringify(former));
  const { store: again, damaged } = await open(folder);
  expect([again.all(), again.key, damaged]).toEqual([[share], store.key, []]);
});

test("a link that takes the place of another is written with that one gone, or not at all", async ({
  folder,
}) => {
  const disk = new Disk();
  const { store } = await open(folder, disk);
  const gone: string[] = [];
  store.listen((number) => gone.push(number));
  const next = { ...share, number: "654321" };
  await store.put(share, []);
  disk.replace = () => Promise.reject(new Error("full"));
  await expect(store.put(next, [share.number])).rejects.toThrow("full");
  expect([store.all(), gone]).toEqual([[share], []]);
  disk.replace = new Disk().replace.bind(disk);
  await store.put(next, [share.number]);
  expect([store.all(), gone]).toEqual([[next], [share.number]]);
  expect((await open(folder)).store.all()).toEqual([next]);
});

/** Each makes `file` something that is no list of links of this version. */
const UNUSABLE: Readonly<Record<string, (file: string, whole: string) => Promise<void>>> = {
  "is cut short": (file, whole) => writeFile(file, whole.slice(0, -9)),
  "is empty": (file) => writeFile(file, ""),
  "is of another type": (file) => writeFile(file, "[]"),
  "has a short key": (file) => writeFile(file, '{ "format": 1, "key": "a", "shares": [] }'),
  "has a link of another type": (file, whole) => writeFile(file, whole.replace('"w"', "7")),
  "has 100 MB": (file) => truncate(file, 1e8),
  "is a folder": async (file) => {
    await rm(file);
    await mkdir(file);
  },
  "is a link": async (file) => {
    await rename(file, `${file}.elsewhere`);
    await symlink(`${file}.elsewhere`, file);
  },
};

test.for(Object.entries(UNUSABLE))(
  "a file that %s is set aside and said, and no link in it counts",
  async ([, spoil], { folder }) => {
    const { store } = await open(folder);
    await store.put(share, []);
    const file = join(folder, "shares.json");
    await spoil(file, await readFile(file, "utf8"));
    const before = await lstat(file);
    const { store: anew, damaged } = await open(folder);
    expect([anew.all(), anew.key.equals(store.key)]).toEqual([[], false]);
    expect(damaged).toEqual([`${file}.damaged`]);
    expect((await lstat(damaged[0]!)).ino).toBe(before.ino);
    await anew.put(share, []);
    expect((await open(folder)).store.all()).toEqual([share]);
  },
);

test("a file of a later version is set aside whole under a name of its own, and is never written over", async ({
  folder,
}) => {
  const file = join(folder, "shares.json");
  const text = '{ "format": 2, "key": "k", "shares": [], "more": true }';
  await writeFile(file, text);
  const { store, damaged } = await open(folder);
  await store.put(share, []);
  expect(damaged).toEqual([`${file}.later`]);
  expect(await readFile(`${file}.later`, "utf8")).toBe(text);
});

test("a file that the disk refuses to read stays where it is, and is read the next time", async ({
  folder,
}) => {
  await (await open(folder)).store.put(share, []);
  const refuses = Object.assign(new Error("no"), { code: "EIO", syscall: "read" });
  const disk = new Disk();
  disk.read = () => Promise.reject(refuses);
  await expect(open(folder, disk)).rejects.toBe(refuses);
  expect((await open(folder)).store.all()).toEqual([share]);
});
