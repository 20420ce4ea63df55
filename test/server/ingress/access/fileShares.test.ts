/** The file of a server's links: read as it was written, and set aside where it is damaged. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { openFileShares } from "../../../../server/ingress/access/fileShares.js";
import { Disk } from "../../../../server/machine/disk.js";
import { folderTest as test } from "../../../support/disks/temporaryFolder.js";

const share = {
  ...{ number: "123456", workflow_id: "w", epoch: "e" },
  ...{ ends_at: 2, made_at: 1, by: null },
};

const open = async (dataDir: string) => {
  const damaged: string[] = [];
  const store = await openFileShares({
    ...{ disk: new Disk(), dataDir },
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
  await store.put(share);
  const { store: again, damaged } = await open(folder);
  expect([again.all(), again.key, damaged]).toEqual([[share], store.key, []]);
});

test("a damaged file is set aside and said, and no link in it counts", async ({ folder }) => {
  const { store } = await open(folder);
  await store.put(share);
  const file = join(folder, "shares.json");
  const whole = await readFile(file, "utf8");
  for (const text of [whole.slice(0, -9), "", "{}", JSON.stringify({ key: "a", shares: [] })]) {
    await writeFile(file, text);
    const { store: anew, damaged } = await open(folder);
    expect([anew.all(), anew.key.equals(store.key)]).toEqual([[], false]);
    expect(await readFile(damaged[0]!, "utf8")).toBe(text);
  }
  expect((await readdir(folder)).filter((name) => name.includes("damaged"))).toHaveLength(4);
});
