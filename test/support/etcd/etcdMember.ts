/** One real etcd as a process of its own on loopback: started, killed, frozen and started again on the same data. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "../deadline.js";

export interface MemberPlace {
  readonly name: string;
  /** Of the whole cluster: `a=http://127.0.0.1:1,b=...`. */
  readonly initialCluster: string;
  readonly folder: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
  /** Plain, also where clients need certificates. */
  readonly metricsUrl: string;
  readonly flags: readonly string[];
}

/** Ends a process with the one that started it, however that ends. */
const TOGETHER: readonly string[] =
  spawnSync("setpriv", ["--pdeathsig", "KILL", "true"]).status === 0
    ? ["setpriv", "--pdeathsig", "KILL"]
    : [];
const KEPT_LOG = 64 * 1024;

export class EtcdMember {
  readonly #place: MemberPlace;
  #process: ChildProcess | null = null;
  #log = "";

  constructor(place: MemberPlace) {
    this.#place = place;
  }

  /** Where clients reach it. */
  get url(): string {
    return this.#place.clientUrl;
  }

  /** The newest of what it said. */
  get log(): string {
    return this.#log;
  }

  /** Its process runs, or is frozen. */
  get isThere(): boolean {
    const running = this.#process;
    return running !== null && running.exitCode === null && running.signalCode === null;
  }

  /** Starts it; `healthy` says when it serves. */
  start(): void {
    const [command, ...words] = [...TOGETHER, "etcd", ...this.#flags()];
    const child = spawn(command!, words, { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    child.stderr.on("data", (chunk) => {
      this.#log = (this.#log + chunk).slice(-KEPT_LOG);
    });
    child.on("error", (error) => {
      this.#log += error.message;
    });
  }

  /** Resolves once it serves, also where it takes no more data. */
  async healthy(): Promise<void> {
    await until(
      async () => {
        if (!this.isThere) throw new Error(`etcd has ended: ${this.#log}`);
        return /"health":\s*"true"|NOSPACE/.test(await this.#metric("/health"));
      },
      () => `etcd is healthy: ${this.#log}`,
    );
  }

  async isLeader(): Promise<boolean> {
    return /^etcd_server_is_leader 1$/m.test(await this.#metric("/metrics"));
  }

  /** A number of `/metrics`; 0 where it is not told. */
  async metric(name: string): Promise<number> {
    const line = new RegExp(`^${name} (\\S+)$`, "m").exec(await this.#metric("/metrics"));
    return Number(line?.[1] ?? 0);
  }

  /** As the power of its machine would end it. May be called again. */
  async kill(): Promise<void> {
    const running = this.#process;
    if (running === null || !this.isThere) return;
    running.kill("SIGKILL");
    await once(running, "exit");
  }

  /** Its connections stay, and nobody answers. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  #flags(): readonly string[] {
    const { name, folder, clientUrl, peerUrl, metricsUrl, initialCluster, flags } = this.#place;
    return [
      ["--name", name],
      ["--data-dir", join(folder, name)],
      ["--listen-client-urls", clientUrl],
      ["--advertise-client-urls", clientUrl],
      ["--listen-peer-urls", peerUrl],
      ["--initial-advertise-peer-urls", peerUrl],
      ["--listen-metrics-urls", metricsUrl],
      ["--initial-cluster", initialCluster],
      ["--initial-cluster-token", folder],
      ["--logger", "zap"],
      flags,
    ].flat();
  }

  async #metric(path: string): Promise<string> {
    try {
      const answer = await fetch(`${this.#place.metricsUrl}${path}`, {
        signal: AbortSignal.timeout(5_000),
      });
      return await answer.text();
    } catch {
      return "";
    }
  }
}
