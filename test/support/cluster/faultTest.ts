/** A vitest `test` with a real etcd of its own and several Instep servers on it, all of which end with it. */
import { join } from "node:path";
import type { InstepOptions } from "../../../server/server.js";
import { type ClusterOptions, EtcdCluster } from "../etcd/etcdCluster.js";
import { processTest, type StartProcess } from "../servers/serverProcess.js";
import {
  type Begin,
  beginEmbedded,
  beginHere,
  beginProcess,
  ClusterServer,
} from "./clusterServer.js";

export interface Cluster {
  readonly etcd: EtcdCluster;
  /** One more server, in this process. */
  serve(options?: Partial<InstepOptions>): Promise<ClusterServer>;
  /** One more server, built, as a process of its own. */
  spawn(...flags: string[]): Promise<ClusterServer>;
  /** One more server, as a program of its own with options that the command line does not have. */
  embed(options: Partial<InstepOptions>): Promise<ClusterServer>;
  /** The same etcd on a copy of its data, with the servers' folders beside it; this one has ended. */
  revive(folder: string): Promise<Cluster>;
  /** May be called again. */
  end(): Promise<void>;
}

interface Choices extends ClusterOptions {
  /** Where etcd and the servers keep their data; it outlives them. */
  readonly folder?: string;
}

function clusterOn(etcd: EtcdCluster, folder: string, start: StartProcess): Cluster {
  const servers: ClusterServer[] = [];
  const add = async (begin: (dataDir: string) => Begin) => {
    const node = `node-${servers.length}`;
    const server = await ClusterServer.start(node, etcd, begin(join(folder, node)));
    servers.push(server);
    return server;
  };
  return {
    etcd,
    serve: (options = {}) => add((dataDir) => beginHere(dataDir, options)),
    spawn: (...flags) =>
      add((dataDir) => beginProcess((own) => start(dataDir, { flags: [...own, ...flags] }))),
    embed: (options) => add((dataDir) => beginEmbedded(dataDir, options)),
    revive: async (copy) => clusterOn(await etcd.revive(copy), copy, start),
    end: async () => {
      // Without etcd a server takes its time to say goodbye: it goes first.
      for (const server of servers) await server.end();
      await etcd.end();
    },
  };
}

export const faultTest = processTest.extend<{
  openCluster: (choices?: Choices) => Promise<Cluster>;
}>({
  openCluster: async ({ folder, start, onTestFailed }, use) => {
    const opened: Cluster[] = [];
    onTestFailed(() => {
      for (const { etcd } of opened) process.stderr.write(`etcd said:\n${etcd.log}\n`);
    });
    const keep = (cluster: Cluster): Cluster => {
      opened.push(cluster);
      return { ...cluster, revive: async (copy) => keep(await cluster.revive(copy)) };
    };
    await use(async (choices = {}) => {
      const etcd = await EtcdCluster.start(choices);
      return keep(clusterOn(etcd, choices.folder ?? join(folder, `${opened.length}`), start));
    });
    for (const cluster of opened) await cluster.end();
  },
});
