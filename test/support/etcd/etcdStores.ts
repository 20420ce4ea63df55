/** Stores of several servers over the keys of one test, with a real etcd. */
import { EtcdMirror } from "../../../server/cluster/etcdMirror.js";
import type { EtcdClient } from "../../../server/etcd/etcd.js";
import { DOCUMENTS, PAST } from "../../../server/state/store/etcd/etcdKeys.js";
import { EtcdStore } from "../../../server/state/store/etcd/etcdStore.js";
import { systemClock } from "../../../shared/clock.js";
import { etcdTest } from "./etcdTest.js";

export interface OpenedStore {
  readonly store: EtcdStore;
  readonly mirror: EtcdMirror;
  close(): Promise<void>;
}

interface StoreChoices {
  readonly leaseMs?: number;
  readonly transactMs?: number;
  readonly onUnreadable?: (key: string, error: unknown) => void;
}

/** What one server has open. The client stays open when it is closed. */
export async function openEtcdStore(
  client: EtcdClient,
  prefix: string,
  { leaseMs = 30_000, transactMs, onUnreadable = () => {} }: StoreChoices = {},
): Promise<OpenedStore> {
  const clock = systemClock;
  const mirror = await EtcdMirror.open({
    ...{ client, prefix, clock, onTrouble: () => {} },
    ...(transactMs === undefined ? {} : { transactMs }),
    heavy: [DOCUMENTS, PAST],
  });
  const onListenerFailure = (error: unknown) => {
    throw error;
  };
  const store = new EtcdStore({ client, mirror, clock, leaseMs, onListenerFailure, onUnreadable });
  const close = async () => {
    await store.close();
    await mirror.close();
  };
  return { store, mirror, close };
}

interface StoreFixtures {
  /** Each call is one more server on the same keys. */
  openServer: (choices?: StoreChoices) => Promise<OpenedStore>;
  openStore: () => Promise<EtcdStore>;
}

/** A `test` whose servers share the keys of one prefix. */
export const etcdStoreTest = etcdTest.extend<StoreFixtures>({
  openServer: async ({ sharedEtcd, openClient }, use) => {
    const opened: OpenedStore[] = [];
    await use(async (choices) => {
      const one = await openEtcdStore(openClient(), sharedEtcd.prefix, choices);
      opened.push(one);
      return one;
    });
    for (const { close } of opened) await close();
  },
  openStore: async ({ openServer }, use) => {
    await use(async () => (await openServer()).store);
  },
});
