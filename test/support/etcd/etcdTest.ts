/** A vitest `test` with real etcd: clusters of its own, or one that the tests of a worker share, with keys of its own. */
import { randomUUID } from "node:crypto";
import { test as base } from "vitest";
import type { EtcdClient } from "../../../server/etcd/etcd.js";
import { type EtcdOptions, openEtcd } from "../../../server/etcd/openEtcd.js";
import { systemClock } from "../../../shared/clock.js";
import { type ClusterOptions, EtcdCluster } from "./etcdCluster.js";

interface Fixtures {
  /** Starts a cluster that nobody else uses: for those that are killed, frozen or filled. */
  startEtcd: (options?: ClusterOptions) => Promise<EtcdCluster>;
  /** The one of this worker, with a prefix that nobody else writes to: fast. */
  sharedEtcd: SharedEtcd;
  /** A client that is closed with the test, of the shared etcd where no endpoints are named. */
  openClient: (options?: Partial<EtcdOptions>) => EtcdClient;
}

export interface SharedEtcd {
  readonly endpoints: readonly string[];
  /** `/test-…/` */
  readonly prefix: string;
}

interface WorkerFixtures {
  workerEtcd: EtcdCluster;
}

export const etcdTest = base
  .extend<WorkerFixtures>({
    workerEtcd: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to see what a fixture needs
      async ({}, use) => {
        const cluster = await EtcdCluster.start();
        await use(cluster);
        await cluster.end();
      },
      { scope: "worker" },
    ],
  })
  .extend<Fixtures>({
    startEtcd: async ({ onTestFailed }, use) => {
      const started: EtcdCluster[] = [];
      onTestFailed(() => {
        for (const { log } of started) process.stderr.write(`etcd said:\n${log}\n`);
      });
      await use(async (options) => {
        const cluster = await EtcdCluster.start(options);
        started.push(cluster);
        return cluster;
      });
      for (const cluster of started) await cluster.end();
    },
    sharedEtcd: async ({ workerEtcd }, use) => {
      await use({ endpoints: workerEtcd.endpoints, prefix: `/test-${randomUUID()}/` });
    },
    openClient: async ({ sharedEtcd }, use) => {
      const opened: EtcdClient[] = [];
      await use((options = {}) => {
        const client = openEtcd({
          endpoints: sharedEtcd.endpoints,
          clock: systemClock,
          ...options,
        });
        opened.push(client);
        return client;
      });
      for (const client of opened) await client.close();
    },
  });
