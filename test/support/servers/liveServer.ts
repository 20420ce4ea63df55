/** A vitest `test` whose `serve` starts a server on a free port and a fresh folder, and takes both down again after the test. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { AssembleOptions } from "../../../server/assemble.js";
import { createInstep, type Instep, type Limits, type Listening } from "../../../server/server.js";
import type { Position } from "../../../shared/schema/position.js";
import { type ManualClock, manualClock } from "../clocks/manualClock.js";
import { folderTest } from "../disks/temporaryFolder.js";
import { EtcdCluster } from "../etcd/etcdCluster.js";
import { type Frame, RawTab, type TabOptions } from "../links/rawTab.js";
import { type Answer, type CallOptions, call } from "../links/rest.js";

/** For tests that are about something else than speed. */
export const UNHURRIED: Partial<Limits> = { commandsPerSecond: 1e6, commandBurst: 1e6 };

export interface ServeOptions extends Partial<Omit<AssembleOptions, "clock">> {
  readonly clock?: ManualClock;
}

export class LiveServer {
  readonly clock: ManualClock;
  readonly dataDir: string;
  #options: ServeOptions;
  #instep!: Instep;
  #listening!: Listening;
  readonly #tabs = new Set<RawTab>();

  static async start(dataDir: string, options: ServeOptions): Promise<LiveServer> {
    const server = new LiveServer(dataDir, options);
    await server.#start();
    return server;
  }

  private constructor(dataDir: string, options: ServeOptions) {
    this.dataDir = options.dataDir ?? dataDir;
    this.clock = options.clock ?? manualClock();
    this.#options = options;
  }

  get instep(): Instep {
    return this.#instep;
  }

  get url(): string {
    return this.#listening.url;
  }

  get port(): number {
    return this.#listening.port;
  }

  call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    return call(this.url + path, method, options);
  }

  get(path = "/workflow/state", headers: Record<string, string> = {}): Promise<Answer> {
    return this.call("GET", path, { headers });
  }

  /** A whole state that the test takes for granted; where it was saved. */
  async saved(
    state: object,
    headers: Record<string, string> = {},
  ): Promise<Position & { workflow_id: string }> {
    const answer = await this.call("POST", "/workflow/state", { body: state, headers });
    if (answer.status !== 200) throw new Error(`not saved: ${answer.text}`);
    const { workflow_id, epoch, revision } = answer.body;
    return { workflow_id, epoch, revision };
  }

  /** `through` another port, of a proxy. */
  async openTab(options?: TabOptions, through?: number): Promise<RawTab> {
    return (await this.greet(options, through)).tab;
  }

  /** As `openTab`, with the server's hello. */
  async greet(
    options?: TabOptions,
    through = this.port,
  ): Promise<{ tab: RawTab; hello: Frame<"hello"> }> {
    const greeted = await RawTab.open(`ws://127.0.0.1:${through}/workflow/live`, options);
    this.#tabs.add(greeted.tab);
    return greeted;
  }

  /** A new server on the same folder, as after a stop and a start; `changes` are for the new one. */
  async restart(changes: ServeOptions = {}): Promise<void> {
    await this.stop();
    this.#options = { ...this.#options, ...changes };
    await this.#start();
  }

  /** May be called again. */
  async stop(): Promise<void> {
    // With a clock that stands still, a server would wait for ever for a tab that does not answer.
    for (const tab of this.#tabs) tab.drop();
    this.#tabs.clear();
    await this.#instep.close();
  }

  async #start(): Promise<void> {
    this.#instep = await createInstep({
      ...this.#options,
      dataDir: this.dataDir,
      clock: this.clock,
      limits: { ...UNHURRIED, ...this.#options.limits },
    });
    this.#listening = await this.#instep.listen({ port: 0 });
  }
}

interface WorkerFixtures {
  /** Started when it is first asked for. */
  etcdOfWorker: () => Promise<EtcdCluster>;
}

/** Keys of its own for each server. */
async function onEtcd(etcd: () => Promise<EtcdCluster>): Promise<ServeOptions> {
  const { endpoints } = await etcd();
  return { cluster: { store: { endpoints, prefix: `/test-${randomUUID()}/` }, node: "alone" } };
}

interface Fixtures {
  serve: (options?: ServeOptions) => Promise<LiveServer>;
}

/** Servers that are told nothing else keep their records in etcd: it has a clock of its own, which a test cannot hold. */
export const IS_ON_ETCD = process.env.INSTEP_TEST_STORE === "etcd";

export const liveTest = folderTest
  .extend<WorkerFixtures>({
    etcdOfWorker: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to see what a fixture needs
      async ({}, use) => {
        let starting: Promise<EtcdCluster> | undefined;
        await use(() => {
          starting ??= EtcdCluster.start();
          return starting;
        });
        await (await starting)?.end();
      },
      { scope: "worker" },
    ],
  })
  .extend<Fixtures>({
    serve: async ({ folder, etcdOfWorker }, use) => {
      const started: LiveServer[] = [];
      await use(async (asked = {}) => {
        const options = IS_ON_ETCD ? { ...(await onEtcd(etcdOfWorker)), ...asked } : asked;
        const server = await LiveServer.start(join(folder, `data-${started.length}`), options);
        started.push(server);
        return server;
      });
      for (const server of started) await server.stop();
    },
  });
