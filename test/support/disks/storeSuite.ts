/** One suite for everything that calls itself a store. */
import { describe, expect, type TestAPI } from "vitest";
import { type Committed, type Store, StoreConflict } from "../../../server/state/store/store.js";
import { recordOf } from "./records.js";

/** A `test` that opens stores, each as if nothing had been there before, and closes them. */
export type StoreTest = TestAPI<{ openStore: () => Promise<Store> }>;

/** `isThere`: whether this machine has all that the store needs. */
export function storeSuite(name: string, test: StoreTest, isThere = true): void {
  describe.skipIf(!isThere)(`a store on ${name}`, () => {
    const told = (store: Store) => {
      const changes: Committed[] = [];
      store.listen((change) => changes.push(change));
      return changes;
    };

    test("a store keeps what it was given and says so once", async ({ openStore }) => {
      const store = await openStore();
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

    test("a store has announced a change when the commit resolves, and not before it is kept", async ({
      openStore,
    }) => {
      const store = await openStore();
      const seen: unknown[] = [];
      store.listen(() => seen.push(store.open.get("deploy")?.revision));
      await store.commit(recordOf(), null);
      expect(seen).toEqual([1]);
    });

    test("a store refuses a record that was made from another one", async ({ openStore }) => {
      const store = await openStore();
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

    test("moves what is archived to the history, and forgets it when told", async ({
      openStore,
    }) => {
      const store = await openStore();
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
    });

    test("removes for good", async ({ openStore }) => {
      const store = await openStore();
      const record = recordOf();
      await store.commit(record, null);
      const changes = told(store);
      await store.remove(record);
      expect([...store.open.keys(), ...store.history.keys()]).toEqual([]);
      expect(changes).toEqual([{ kind: "removed", before: record }]);
    });

    test("a store tells nobody who stopped listening", async ({ openStore }) => {
      const store = await openStore();
      const changes: Committed[] = [];
      const stop = store.listen((change) => changes.push(change));
      stop();
      await store.commit(recordOf(), null);
      expect(changes).toEqual([]);
    });
  });
}
