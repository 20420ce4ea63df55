/** One Instep server of a cluster, in this process or in one of its own, whose way to etcd can be cut while its tabs stay. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createInstep, type InstepOptions } from "../../../server/server.js";
import { within } from "../deadline.js";
import type { EtcdCluster } from "../etcd/etcdCluster.js";
import { TcpProxy } from "../links/tcpProxy.js";
import { UNHURRIED } from "../servers/liveServer.js";
import type { ServerProcess } from "../servers/serverProcess.js";
import type { Address } from "./roaming.js";

/** A server that serves. */
interface Running {
  readonly url: string;
  /** Null for one in this process. */
  readonly process: { signal(signal: NodeJS.Signals): void } | null;
  end(): Promise<void>;
}

/** Where its store is, as it is given to a server. */
export interface StorePlace {
  readonly node: string;
  /** One link for each member of etcd. */
  readonly endpoints: readonly string[];
}

/** Starts one on the same folder and store each time. */
export type Begin = (store: StorePlace) => Promise<Running>;

export class ClusterServer implements Address {
  readonly node: string;
  readonly #links: readonly TcpProxy[];
  readonly #begin: Begin;
  #running: Running | null = null;

  static async start(node: string, etcd: EtcdCluster, begin: Begin): Promise<ClusterServer> {
    const links = await Promise.all(
      etcd.endpoints.map(async (endpoint) => {
        const link = await TcpProxy.start();
        link.leadTo(Number(new URL(endpoint).port));
        return link;
      }),
    );
    const server = new ClusterServer(node, links, begin);
    await server.start().catch(async (error: unknown) => {
      await server.end();
      throw error;
    });
    return server;
  }

  private constructor(node: string, links: readonly TcpProxy[], begin: Begin) {
    this.node = node;
    this.#links = links;
    this.#begin = begin;
  }

  get url(): string | null {
    return this.#running?.url ?? null;
  }

  /** SIGSTOP and SIGCONT, for one that is a process of its own. */
  freeze(): void {
    this.#signal("SIGSTOP");
  }

  thaw(): void {
    this.#signal("SIGCONT");
  }

  /** On the data that it left. */
  async start(): Promise<void> {
    const endpoints = this.#links.map(({ port }) => `http://127.0.0.1:${port}`);
    this.#running = await this.#begin({ node: this.node, endpoints });
  }

  /** Of a process SIGKILL; one in this process is closed. */
  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.end();
  }

  /** Its connections to etcd break, and no new one is let in. */
  cut(): void {
    for (const link of this.#links) link.refuse();
  }

  /** Its connections to etcd stay, and nothing comes through. */
  silence(): void {
    for (const link of this.#links) link.stall();
  }

  /** The member to which most of its connections lead: the one that it watches. */
  get watchedMember(): number {
    const open = this.#links.map(({ open }) => open);
    return open.indexOf(Math.max(...open));
  }

  /** The connections that it has stay silent: its watch hears nothing, and what it asks goes through once it asks on new ones. */
  silenceOld(): void {
    for (const link of this.#links) {
      link.stall();
      link.passNew();
    }
  }

  heal(): void {
    for (const link of this.#links) link.pass();
  }

  /** May be called again. */
  async end(): Promise<void> {
    this.heal();
    await this.kill();
    for (const link of this.#links.filter(({ isOpen }) => isOpen)) await link.close();
  }

  #signal(signal: NodeJS.Signals): void {
    const process = this.#running?.process;
    if (!process) throw new Error(`${this.node} is no process of its own`);
    process.signal(signal);
  }
}

/** In this process. */
export const beginHere =
  (dataDir: string, options: Partial<InstepOptions>): Begin =>
  async ({ node, endpoints }) => {
    const instep = await createInstep({
      ...options,
      dataDir,
      limits: { ...UNHURRIED, ...options.limits },
      cluster: { store: { endpoints }, node },
    });
    const { url } = await instep.listen({ port: 0 });
    return { url, process: null, end: () => instep.close({ drainMs: 50 }) };
  };

const EMBEDDED = fileURLToPath(new URL("../servers/embeddedServer.mjs", import.meta.url));

/** As a program of its own that embeds it with these options. */
export const beginEmbedded =
  (dataDir: string, options: object): Begin =>
  async ({ node, endpoints }) => {
    const cluster = { store: { endpoints }, node };
    const words = [EMBEDDED, dataDir, JSON.stringify({ ...options, cluster })];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const end = async () => {
      child.kill("SIGKILL");
      await exited;
    };
    const [text] = await within(once(child.stdout, "data"), () => `${node} to listen`);
    const signal = (name: NodeJS.Signals) => void child.kill(name);
    return { url: String(text).trim(), process: { signal }, end };
  };

/** As a process of its own. */
export const beginProcess =
  (start: (flags: readonly string[]) => ServerProcess): Begin =>
  async ({ node, endpoints }) => {
    const hosts = endpoints.map((endpoint) => new URL(endpoint).host).join(",");
    const process = start(["--store", `etcd://${hosts}`, "--node", node]);
    return { url: await process.ready, process, end: () => process.kill() };
  };
