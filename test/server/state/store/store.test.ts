/** Both stores of one server alone pass the suite that every store has to. */
import { Disk } from "../../../../server/machine/disk.js";
import { FileStore } from "../../../../server/state/store/fileStore.js";
import type { Store } from "../../../../server/state/store/store.js";
import { MemoryStore } from "../../../support/disks/memoryStore.js";
import { storeSuite } from "../../../support/disks/storeSuite.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

type Fixtures = { openStore: () => Promise<Store> };

const onFiles = folderTest.extend<Fixtures>({
  openStore: async ({ folder }, use) => {
    await use(() => FileStore.load(new Disk(), folder, () => 0));
  },
});

const inMemory = folderTest.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to see what a fixture needs
  openStore: async ({}, use) => {
    await use(async () => new MemoryStore());
  },
});

storeSuite("the files", onFiles);
storeSuite("memory", inMemory);
