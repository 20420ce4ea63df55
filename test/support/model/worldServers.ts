/** The servers of a model's world: one with files, or two on one etcd between which tabs move. */
import { join } from "node:path";
import { openEtcd } from "../../../server/etcd/openEtcd.js";
import { Disk } from "../../../server/machine/disk.js";
import { createInstep, type Instep, type InstepOptions } from "../../../server/server.js";
import { FileStore } from "../../../server/state/store/fileStore.js";
import type { CommitListener } from "../../../server/state/store/store.js";
import { systemClock } from "../../../shared/clock.js";
import { openEtcdStore } from "../etcd/etcdStores.js";
import type { SharedEtcd } from "../etcd/etcdTest.js";
import { UNHURRIED } from "../servers/liveServer.js";

export interface WorldServers {
  /** Each serves every workflow. */
  readonly urls: readonly string[];
  /** Of the server that this tab finds now. */
  portFor(tab: number): number;
  /** One of them ends and begins again, as another process would. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** `heard` is told every commit, in time or soon after it. */
export type OpenServers = (
  dataDir: string,
  allowedHosts: readonly string[],
  heard: CommitListener,
) => Promise<WorldServers>;

interface Serving {
  readonly instep: Instep;
  readonly url: string;
  readonly port: number;
}

async function begin(options: Partial<InstepOptions> & { dataDir: string }): Promise<Serving> {
  const instep = await createInstep({ ...options, clearAfterMs: 100, limits: UNHURRIED });
  return { instep, ...(await instep.listen({ port: 0 })) };
}

// A link that is held never says goodbye.
const end = ({ instep }: Serving) => instep.close({ drainMs: 50 });

/** One server with files. */
export const withFiles: OpenServers = async (dataDir, allowedHosts, heard) => {
  const start = async () => {
    const disk = new Disk();
    await disk.makeFolder(dataDir);
    const store = await FileStore.load(disk, dataDir, () => Date.now());
    store.listen(heard);
    return begin({ dataDir, store, allowedHosts });
  };
  let serving = await start();
  return {
    get urls() {
      return [serving.url];
    },
    portFor: () => serving.port,
    restart: async () => {
      await end(serving);
      serving = await start();
    },
    close: () => end(serving),
  };
};

/** Two servers on one etcd. */
export const withEtcd =
  ({ endpoints, prefix }: SharedEtcd): OpenServers =>
  async (dataDir, allowedHosts, heard) => {
    const client = openEtcd({ endpoints, clock: systemClock });
    // As a third server, which nobody asks.
    const own = `${prefix}${dataDir.split("/").at(-1)}/`;
    const observer = await openEtcdStore(client, own);
    observer.store.listen(heard);
    const store = { endpoints, prefix: own };
    const start = (node: string) =>
      begin({ dataDir: join(dataDir, node), allowedHosts, cluster: { store, node } });
    const nodes = ["a", "b"];
    const serving = await Promise.all(nodes.map(start));
    let restarts = 0;
    return {
      get urls() {
        return serving.map(({ url }) => url);
      },
      portFor: (tab) => serving[(tab + restarts) % serving.length]!.port,
      restart: async () => {
        const at = restarts % serving.length;
        await end(serving[at]!);
        serving[at] = await start(nodes[at]!);
        restarts += 1;
      },
      close: async () => {
        await Promise.all(serving.map(end));
        await observer.close();
        await client.close();
      },
    };
  };
