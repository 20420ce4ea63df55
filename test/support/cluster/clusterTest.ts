/** A vitest `test` whose `node` starts a server of one cluster, over a real etcd, in this process. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInstep, type Instep, type InstepOptions } from "../../../server/server.js";
import { etcdTest } from "../etcd/etcdTest.js";
import { RawTab, type TabOptions } from "../links/rawTab.js";
import { type Answer, type CallOptions, call } from "../links/rest.js";
import { UNHURRIED } from "../servers/liveServer.js";

export class ClusterNode {
  readonly name: string;
  readonly port: number;
  readonly #instep: Instep;
  readonly #tabs: RawTab[] = [];
  #isStopped = false;

  constructor(name: string, port: number, instep: Instep) {
    this.name = name;
    this.port = port;
    this.#instep = instep;
  }

  call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    return call(`http://127.0.0.1:${this.port}${path}`, method, options);
  }

  /** It hears of no staleness: a machine that is busy may hear nothing of etcd for six seconds. */
  async openTab(options?: TabOptions): Promise<RawTab> {
    const url = `ws://127.0.0.1:${this.port}/workflow/live`;
    const { tab } = await RawTab.open(url, { passOver: "stale", ...options });
    this.#tabs.push(tab);
    return tab;
  }

  /** May be called again. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const tab of this.#tabs) tab.drop();
    await this.#instep.close();
  }
}

/** What a test says of a node; its store and its name are the fixture's. */
interface NodeOptions extends Partial<InstepOptions> {
  /** That all nodes share; of this name, beside their data folders. */
  outputDir?: string;
  /** Of its data folder. @default the node's */
  dataDirName?: string;
  /** Of another cluster in the same etcd. @default the one of the test */
  prefix?: string;
  /** A server alone, on the same folder. */
  isAlone?: boolean;
}

interface Fixtures {
  node: (name: string, options?: NodeOptions) => Promise<ClusterNode>;
}

export const clusterTest = etcdTest.extend<Fixtures>({
  node: async ({ sharedEtcd }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "instep-cluster-"));
    const started: ClusterNode[] = [];
    await use(async (name, { outputDir, dataDirName = name, prefix, isAlone, ...options } = {}) => {
      const instep = await createInstep({
        ...options,
        dataDir: join(folder, dataDirName),
        limits: { ...UNHURRIED, ...options.limits },
        ...(!isAlone && {
          cluster: {
            ...{ store: { ...sharedEtcd, ...(prefix !== undefined && { prefix }) }, node: name },
            ...(outputDir !== undefined && { outputDir: join(folder, outputDir) }),
          },
        }),
      });
      const { port } = await instep.listen({ port: 0, host: "127.0.0.1" });
      const one = new ClusterNode(name, port, instep);
      started.push(one);
      return one;
    });
    for (const one of started) await one.stop();
    await rm(folder, { recursive: true, force: true });
  },
});
