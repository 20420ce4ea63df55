/** One suite for everything that calls itself a store. */
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { FileStore } from "../../../../server/state/store/fileStore.js";
import { type Committed, type Store, StoreConflict } from "../../../../server/state/store/store.js";
import { MemoryStore } from "../../../support/disks/memoryStore.js";
import { recordOf } from "../../../support/disks/records.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const IMPLEMENTATIONS: Record<string, (folder: string) => Promise<Store>> = {
  "the files": (folder) => FileStore.load(new Disk(), folder, () => 0),
  memory: async () => new MemoryStore(),
};

describe.each(Object.entries(IMPLEMENTATIONS))("a store on %s", (_name, open) => {
  const told = (store: Store) => {
    const changes: Committed[] = [];
    store.listen((change) => changes.push(change));
    return changes;
  };

  folderTest("a store keeps what it was given and says so once", async ({ folder }) => {
    const store = await open(folder);
    const changes = told(store);
    const [first, second] = [recordOf(), recordOf({ revision: 2 })];
    await store.commit(first, null);
    await store.commit(second, first);
    expect(store.open.get("deploy")).toBe(second);
    expect(changes).toEqual([
      { kind: "committed", before: null, after: first },
      { kind: "committed", before: first, after: second },
    ]);
  });

  folderTest(
    "a store has announced a change when the commit resolves, and not before it is kept",
    async ({ folder }) => {
      const store = await open(folder);
      const seen: unknown[] = [];
      store.listen(() => seen.push(store.open.get("deploy")?.revision));
      await store.commit(recordOf(), null);
      expect(seen).toEqual([1]);
    },
  );

  folderTest("a store refuses a record that was made from another one", async ({ folder }) => {
    const store = await open(folder);
    const changes = told(store);
    const first = recordOf();
    await store.commit(first, null);
    await expect(store.commit(recordOf({ revision: 5 }), null)).rejects.toThrow(StoreConflict);
    await expect(store.commit(recordOf({ revision: 5 }), recordOf())).rejects.toThrow(
      StoreConflict,
    );
    await expect(store.remove(recordOf())).rejects.toThrow(StoreConflict);
    await expect(store.archive(recordOf())).rejects.toThrow(StoreConflict);
    expect(store.open.get("deploy")).toBe(first);
    expect(changes).toHaveLength(1);
  });

  folderTest(
    "moves what is archived to the history, and forgets it when told",
    async ({ folder }) => {
      const store = await open(folder);
      const record = recordOf();
      await store.commit(record, null);
      const changes = told(store);
      await store.archive(record);
      expect([...store.open.keys()]).toEqual([]);
      expect(store.history.get("e1")).toBe(record);
      await store.forget("e1");
      await store.forget("e1");
      expect([...store.history.keys()]).toEqual([]);
      expect(changes.map(({ kind }) => kind)).toEqual(["archived", "forgotten"]);
    },
  );

  folderTest("removes for good", async ({ folder }) => {
    const store = await open(folder);
    const record = recordOf();
    await store.commit(record, null);
    const changes = told(store);
    await store.remove(record);
    expect([...store.open.keys(), ...store.history.keys()]).toEqual([]);
    expect(changes).toEqual([{ kind: "removed", before: record }]);
  });

  folderTest("a store tells nobody who stopped listening", async ({ folder }) => {
    const store = await open(folder);
    const changes: Committed[] = [];
    const stop = store.listen((change) => changes.push(change));
    stop();
    await store.commit(recordOf(), null);
    expect(changes).toEqual([]);
  });
});
