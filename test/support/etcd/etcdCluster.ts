/** A real cluster of etcd on free ports of loopback, in a temporary folder: one member or several. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../deadline.js";
import { freePort } from "../links/freePort.js";
import { EtcdMember, type MemberPlace } from "./etcdMember.js";

export interface ClusterOptions {
  /** 1 where nothing is said. */
  readonly members?: number;
  /** A small one is soon full. */
  readonly quotaBytes?: number;
  /** `--auth-token-ttl=2` and the like. */
  readonly flags?: readonly string[];
  /** `https` needs flags that name certificates. */
  readonly scheme?: "http" | "https";
  /** Where their data is to lie; it outlives them there. */
  readonly folder?: string;
}

export class EtcdCluster {
  readonly members: readonly EtcdMember[];
  readonly #places: readonly MemberPlace[];
  /** The folder that goes with it; null where somebody else owns it. */
  readonly #folder: string | null;

  /** Resolves once every member serves. */
  static async start(options: ClusterOptions = {}): Promise<EtcdCluster> {
    // Somebody may take a port between its choice and its use.
    for (let tries = 1; ; tries += 1) {
      const cluster = await EtcdCluster.#prepare(options);
      try {
        for (const member of cluster.members) member.start();
        await Promise.all(cluster.members.map((member) => member.healthy()));
        return cluster;
      } catch (error) {
        await cluster.end();
        if (tries === 3 || !/address already in use/.test(String(error))) throw error;
      }
    }
  }

  static async #prepare(options: ClusterOptions): Promise<EtcdCluster> {
    const { members = 1, quotaBytes, flags = [], scheme = "http" } = options;
    const own = options.folder ? null : await mkdtemp(join(tmpdir(), "instep-etcd-"));
    const folder = options.folder ?? own!;
    const names = Array.from({ length: members }, (_, index) => `m${index}`);
    const ports = new Map<string, number>();
    for (const name of names) ports.set(name, await freePort());
    const peerUrl = (name: string) => `http://127.0.0.1:${ports.get(name)}`;
    const initialCluster = names.map((name) => `${name}=${peerUrl(name)}`).join(",");
    const all =
      quotaBytes === undefined ? flags : [`--quota-backend-bytes=${quotaBytes}`, ...flags];
    const places = names.map(async (name) => ({
      name,
      initialCluster,
      folder,
      clientUrl: `${scheme}://127.0.0.1:${await freePort()}`,
      peerUrl: peerUrl(name),
      metricsUrl: `http://127.0.0.1:${await freePort()}`,
      flags: all,
    }));
    return new EtcdCluster(own, await Promise.all(places));
  }

  private constructor(folder: string | null, places: readonly MemberPlace[]) {
    this.#folder = folder;
    this.#places = places;
    this.members = places.map((place) => new EtcdMember(place));
  }

  /** The same members on a copy of their data, once these have ended. Resolves once every member serves. */
  async revive(folder: string): Promise<EtcdCluster> {
    const cluster = new EtcdCluster(
      null,
      this.#places.map((place) => ({ ...place, folder })),
    );
    for (const member of cluster.members) member.start();
    await Promise.all(cluster.members.map((member) => member.healthy()));
    return cluster;
  }

  /** Where clients reach the members. */
  get endpoints(): readonly string[] {
    return this.members.map(({ url }) => url);
  }

  /** The number of the member that leads, as soon as one does. */
  leader(): Promise<number> {
    return until(async () => {
      const leads = await Promise.all(
        this.members.map(async (member) => member.isThere && member.isLeader()),
      );
      const found = leads.indexOf(true);
      return found < 0 ? null : { found };
    }, "a member leads").then(({ found }) => found);
  }

  /** SIGKILL; the data stays. */
  kill(member: number): Promise<void> {
    return this.members[member]!.kill();
  }

  /** SIGSTOP: it keeps its connections and answers nobody. */
  stop(member: number): void {
    this.members[member]!.freeze();
  }

  /** SIGCONT. */
  cont(member: number): void {
    this.members[member]!.thaw();
  }

  /** Starts one that was killed, or kills it first, and resolves once it serves. */
  async restart(member: number): Promise<void> {
    await this.members[member]!.kill();
    this.members[member]!.start();
    await this.members[member]!.healthy();
  }

  /** The newest of what each member said. */
  get log(): string {
    return this.members.map(({ url, log }) => `${url}:\n${log}`).join("\n");
  }

  /** Ends every member and removes its data. May be called again. */
  async end(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }
}
