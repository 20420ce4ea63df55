/** The store of a cluster passes the suite of every store, and keeps several servers of one opinion. */
import { describe, expect } from "vitest";
import type { WorkflowRecord } from "../../../../../server/state/store/record.js";
import {
  type Committed,
  LeaseGone,
  RequestTaken,
  type Store,
  StoreConflict,
} from "../../../../../server/state/store/store.js";
import { recordOf } from "../../../../support/disks/records.js";
import { type StoreTest, storeSuite } from "../../../../support/disks/storeSuite.js";
import { etcdStoreTest } from "../../../../support/etcd/etcdStores.js";
import { hasEtcd } from "../../../../support/etcd/hasEtcd.js";

storeSuite("etcd", etcdStoreTest as unknown as StoreTest, hasEtcd);

const told = (store: Store): Committed[] => {
  const changes: Committed[] = [];
  store.listen((change) => changes.push(change));
  return changes;
};

const seen = (store: Store, id: string, revision: number) =>
  expect.poll(() => store.open.get(id)?.revision).toBe(revision);

const nextOf = (record: WorkflowRecord, changes: Partial<WorkflowRecord> = {}): WorkflowRecord => ({
  ...record,
  revision: record.revision + 1,
  ...changes,
});

const receipt = (id: string, implied: boolean) => ({
  ...{ id, print: "p", epoch: "e1", revision: 1 },
  ...(implied ? { implied: true } : {}),
});

describe.skipIf(!hasEtcd)("two servers on one etcd", () => {
  etcdStoreTest(
    "each is told what the other commits, with the parts that did not change as they were",
    async ({ openServer }) => {
      const [a, b] = [(await openServer()).store, (await openServer()).store];
      const changes = told(b);
      const first = recordOf({ order: 1 });
      await a.commit(first, null);
      await seen(b, "deploy", 1);
      const before = b.open.get("deploy")!;
      expect(before).toEqual(first);
      await a.commit(nextOf(first), first);
      await seen(b, "deploy", 2);
      expect(b.open.get("deploy")?.state).toBe(before.state);
      await a.archive(a.open.get("deploy")!);
      await expect.poll(() => b.history.size).toBe(1);
      await a.forget("e1");
      await expect.poll(() => b.history.size).toBe(0);
      expect(changes.map(({ kind }) => kind)).toEqual([
        "committed",
        "committed",
        "archived",
        "forgotten",
      ]);
    },
  );

  etcdStoreTest(
    "of two changes made from the same record one is refused",
    async ({ openServer }) => {
      const [a, b] = [(await openServer()).store, (await openServer()).store];
      const first = recordOf({ order: 1 });
      await a.commit(first, null);
      await seen(b, "deploy", 1);
      const ends = await Promise.allSettled([
        a.commit(nextOf(first), first),
        b.commit(nextOf(b.open.get("deploy")!), b.open.get("deploy")!),
      ]);
      const refused = ends.filter((end) => end.status === "rejected");
      expect(refused.map(({ reason }) => (reason as Error).name)).toEqual([StoreConflict.name]);
      // By then the refused one has seen why.
      for (const store of [a, b]) expect(store.open.get("deploy")?.revision).toBe(2);
    },
  );

  etcdStoreTest("no number is given to two starts", async ({ openServer }) => {
    const servers = [await openServer(), await openServer(), await openServer()];
    const start = async ({ store }: { store: Store }, id: string) => {
      for (;;) {
        const order = store.lastOrder! + 1;
        try {
          return await store.commit(recordOf({ workflow_id: id, epoch: id, order }), null);
        } catch (error) {
          if (!(error instanceof StoreConflict)) throw error;
        }
      }
    };
    await Promise.all(
      servers.flatMap((server, s) => [1, 2, 3, 4].map((n) => start(server, `s${s}-${n}`))),
    );
    const { store } = servers[0]!;
    await expect.poll(() => store.open.size).toBe(12);
    expect(new Set([...store.open.values()].map(({ order }) => order)).size).toBe(12);
  });

  etcdStoreTest(
    "a request that named no workflow starts one only, whichever servers it came to",
    async ({ openServer }) => {
      const [a, b] = [(await openServer()).store, (await openServer()).store];
      const receipts = [receipt("r1", true)];
      const start = (store: Store, workflow_id: string, order: number) =>
        store.commit(recordOf({ workflow_id, epoch: workflow_id, order, receipts }), null);
      await start(a, "first", 1);
      const refusal: unknown = await start(b, "second", 2).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(RequestTaken);
      expect(refusal).toMatchObject({ requestId: "r1", workflow_id: "first" });
    },
  );

  etcdStoreTest(
    "a turn in a group is refused where another server took one after the picture it was decided from",
    async ({ openServer }) => {
      const [a, b] = [await openServer(), await openServer()];
      const at = [a.store.at, b.store.at];
      const concurrency = { group: "gpu", limit: 1, when_busy: "wait" } as const;
      const taken = (workflow_id: string, order: number) => {
        const record = recordOf({ workflow_id, epoch: workflow_id, order });
        const lease = { token: 1, driver: "Instep", boot_id: "b" };
        return { ...record, fence: 1, lease, state: { ...record.state!, concurrency } };
      };
      await a.store.commit(taken("one", 1), null, at[0]);
      await seen(b.store, "one", 1);
      await expect(b.store.commit(taken("two", 2), null, at[1])).rejects.toThrow(StoreConflict);
      await b.store.commit(taken("two", 2), null, b.store.at);
    },
  );

  etcdStoreTest(
    "a driver's lease ends by etcd's clock, and nothing under it is kept after that",
    async ({ openServer }) => {
      const [a, b] = [(await openServer({ leaseMs: 1_000 })).store, (await openServer()).store];
      const ends: string[] = [];
      b.leases.onEnd((id, token) => ends.push(`${id} ${token}`));
      const first = recordOf({ order: 1 });
      await a.commit(first, null);
      const claimed = nextOf(first, { fence: 1, lease: { token: 1, driver: "ci" } });
      await a.commit(claimed, first);
      await expect.poll(() => ends).toEqual(["deploy 1"]);
      await seen(b, "deploy", 2);
      const known = b.open.get("deploy")!;
      await expect(b.commit(nextOf(known), known)).rejects.toThrow(LeaseGone);
      await b.commit(nextOf(known, { lease: null }), known);
    },
  );

  etcdStoreTest(
    "a value that is none of ours is told and left alone",
    async ({ openServer, openClient, sharedEtcd }) => {
      const key = `${sharedEtcd.prefix}doc/00/odd`;
      await openClient().transact({
        compare: [],
        writes: [{ put: key, value: Buffer.from("{}") }],
      });
      const unreadable: string[] = [];
      const { store } = await openServer({ onUnreadable: (name) => unreadable.push(name) });
      expect(unreadable).toEqual(["doc/00/odd"]);
      expect(store.damaged).toMatchObject([{ workflow_id: "odd", in_history: false }]);
      expect((await openClient().get(key))?.value.toString()).toBe("{}");
    },
  );
});
