/** The metrics of one server: counts what it is told of, and asks for the rest when somebody reads them. */
import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import { ENDED_STATUSES } from "../../shared/statuses.js";
import { type MetricsRegistry, type Prom, processMetrics } from "./registry.js";

/** Facts that a server knows at any moment, by the label's value where there is one. Asked at each reading. */
export interface Readings {
  readonly connections: () => Readonly<Record<"socket" | "events", number>>;
  readonly followers: () => Readonly<Record<"state" | "log", number>>;
  readonly workflows: () => Readonly<Record<string, number>>;
  readonly stepsAtWork: () => number;
  readonly storageRefusals: () => Readonly<Record<string, number>>;
  readonly isRefusing: () => boolean;
  readonly deliveriesWaiting: () => number;
  /** Null where the folder cannot be read. */
  readonly folder: () => Promise<{ readonly bytes: number; readonly free: number } | null>;
  /** Null for a server alone. */
  readonly cluster: () => { readonly nodes: number; readonly isStale: boolean } | null;
}

/** In seconds: from a disk with a battery to one that is in trouble. */
const COMMIT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export class Metrics {
  readonly #prom: Prom;
  readonly #registry: MetricsRegistry;
  /** Those of the process are a program's own business where the registry is. */
  readonly #isOwn: boolean;
  readonly #names: string[] = [];
  readonly #accepted: Counter;
  readonly #refused: Counter;
  readonly #refusedRequests: Counter;
  readonly #commits: Histogram;
  readonly #deliveries: Counter;
  readonly #runs: Counter;
  #inFlight = 0;
  #frames = 0;
  #frameBytes = 0;
  #leftOut = 0;
  #outputBytes = 0;
  #outputRemoved = 0;
  #outputsLost = 0;

  /** `given` is a registry of the program's own: throws where it has metrics of these names. */
  constructor(prom: Prom, given: MetricsRegistry | null) {
    this.#prom = prom;
    this.#isOwn = given === null;
    this.#registry = given ?? new prom.Registry();
    this.#accepted = this.#counter("instep_commands_accepted_total", ACCEPTED, ["command"]);
    this.#refused = this.#counter("instep_commands_refused_total", REFUSED, ["command", "reason"]);
    this.#refusedRequests = this.#counter("instep_requests_refused_total", REFUSED_AT_DOOR, [
      "door",
      "reason",
    ]);
    this.#commits = new prom.Histogram({
      name: this.#named("instep_commit_duration_seconds"),
      help: "Time from a decided change until it is durable and was announced.",
      buckets: COMMIT_SECONDS,
      registers: this.#registers,
    });
    this.#deliveries = this.#counter("instep_webhook_attempts_total", ATTEMPTS, ["result"]);
    this.#runs = this.#counter("instep_runs_ended_total", RUNS, ["status"]);
    // A series that begins with its first event would hide that event from rate().
    for (const result of ["delivered", "failed", "retried"]) this.#deliveries.inc({ result }, 0);
    for (const status of ENDED_STATUSES) this.#runs.inc({ status }, 0);
    this.#gauge("instep_commands_in_flight", IN_FLIGHT, () => this.#inFlight);
    this.#total("instep_frames_sent_total", "Frames sent to watchers.", () => this.#frames);
    this.#total("instep_frames_sent_bytes_total", FRAME_BYTES, () => this.#frameBytes);
    this.#total("instep_changes_coalesced_total", COALESCED, () => this.#leftOut);
    this.#gauge("instep_output_bytes", "Output of steps on the disk.", () => this.#outputBytes);
    this.#total("instep_output_removed_bytes_total", REMOVED, () => this.#outputRemoved);
    this.#total("instep_output_lost_total", LOST, () => this.#outputsLost);
  }

  commandTaken(): void {
    this.#inFlight += 1;
  }

  /** `reason` is null where it was accepted. */
  commandAnswered(command: string, reason: string | null): void {
    this.#inFlight -= 1;
    if (reason === null) this.#accepted.inc({ command });
    else this.#refused.inc({ command, reason });
  }

  requestRefused(door: "rest" | "socket", reason: string): void {
    this.#refusedRequests.inc({ door, reason });
  }

  committed(ms: number): void {
    this.#commits.observe(ms / 1_000);
  }

  frameSent(bytes: number): void {
    this.#frames += 1;
    this.#frameBytes += bytes;
  }

  changeLeftOut(): void {
    this.#leftOut += 1;
  }

  /** Less than 0 where bytes went from the disk. */
  outputGrew(bytes: number): void {
    this.#outputBytes += bytes;
    if (bytes < 0) this.#outputRemoved -= bytes;
  }

  outputLost(): void {
    this.#outputsLost += 1;
  }

  deliveryTried(result: string): void {
    this.#deliveries.inc({ result: result === "waiting" ? "retried" : result });
  }

  runEnded(status: string): void {
    this.#runs.inc({ status });
  }

  /** From here on these are read, too. */
  read(readings: Readings): void {
    this.#gauges("instep_connections", OPEN, "kind", readings.connections);
    this.#gauges("instep_followers", FOLLOWERS, "of", readings.followers);
    this.#gauges("instep_workflows", "Workflows in view.", "status", readings.workflows);
    this.#gauge("instep_steps_at_work", "Steps of runs of this server.", readings.stepsAtWork);
    this.#totals("instep_storage_refusals_total", REFUSALS, "reason", readings.storageRefusals);
    this.#gauge("instep_storage_refusing", REFUSING, () => Number(readings.isRefusing()));
    this.#gauge("instep_webhook_deliveries_waiting", WAITING, readings.deliveriesWaiting);
    const folder = async () => (await readings.folder()) ?? { bytes: Number.NaN, free: Number.NaN };
    this.#gauge("instep_data_folder_bytes", FOLDER, async () => (await folder()).bytes);
    this.#gauge("instep_data_folder_free_bytes", FREE, async () => (await folder()).free);
    if (readings.cluster() === null) return;
    this.#gauge("instep_cluster_nodes", NODES, () => readings.cluster()?.nodes ?? 0);
    this.#gauge("instep_cluster_stale", STALE, () => Number(readings.cluster()?.isStale ?? false));
  }

  /** All of them as Prometheus reads them, and the type of that text. */
  async text(): Promise<{ readonly type: string; readonly text: string }> {
    const own = await this.#registry.metrics();
    const process = this.#isOwn ? await processMetrics(this.#prom).metrics() : "";
    return { type: this.#registry.contentType, text: `${own.trimEnd()}\n${process}` };
  }

  /** A program's registry is as it was before. */
  close(): void {
    for (const name of this.#names) this.#registry.removeSingleMetric(name);
  }

  get #registers(): Registry[] {
    return [this.#registry as Registry];
  }

  #named(name: string): string {
    this.#names.push(name);
    return name;
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    const registers = this.#registers;
    return new this.#prom.Counter({ name: this.#named(name), help, labelNames, registers });
  }

  #gauge(name: string, help: string, value: () => number | Promise<number>): void {
    const registers = this.#registers;
    const collect = async function (this: Gauge) {
      this.set(await value());
    };
    new this.#prom.Gauge({ name: this.#named(name), help, registers, collect });
  }

  #gauges(name: string, help: string, label: string, values: Values): void {
    const registers = this.#registers;
    const collect = function (this: Gauge) {
      this.reset();
      for (const [key, value] of Object.entries(values())) this.set({ [label]: key }, value);
    };
    const labelNames = [label];
    new this.#prom.Gauge({ name: this.#named(name), help, labelNames, registers, collect });
  }

  /** A count that is kept elsewhere: to be told of each would cost more than it. */
  #total(name: string, help: string, value: () => number): void {
    const registers = this.#registers;
    const collect = function (this: Counter) {
      this.reset();
      this.inc(value());
    };
    new this.#prom.Counter({ name: this.#named(name), help, registers, collect });
  }

  #totals(name: string, help: string, label: string, values: Values): void {
    const registers = this.#registers;
    const collect = function (this: Counter) {
      this.reset();
      for (const [key, value] of Object.entries(values())) this.inc({ [label]: key }, value);
    };
    const labelNames = [label];
    new this.#prom.Counter({ name: this.#named(name), help, labelNames, registers, collect });
  }
}

type Values = () => Readonly<Record<string, number>>;

const ACCEPTED = "Commands that were accepted, each durable.";
const REFUSED = "Commands that were refused once they had come in, by the code of the refusal.";
const REFUSED_AT_DOOR = "Requests of whatever kind that were refused, by the code of the refusal.";
const ATTEMPTS = "Deliveries of webhooks that were tried; a retried one is tried again later.";
const RUNS = "Workflows that ended in the hands of this server.";
const IN_FLIGHT = "Commands that have come in and are not answered yet.";
const FRAME_BYTES = "Bytes of the frames sent to watchers.";
const COALESCED = "Changes that a slow watcher was not sent: it gets the newest state instead.";
const REMOVED = "Output that went from the disk: with its workflow, or to keep within a limit.";
const LOST = "Outputs of which a part could not be kept.";
const OPEN = "Open connections of watchers and drivers.";
const FOLLOWERS = "What is followed over them: states and lists, and outputs.";
const REFUSALS = "Writes that the disk refused, fsync among them.";
const REFUSING = "1 while nothing can be saved.";
const WAITING = "Deliveries of webhooks that are still to be made.";
const FOLDER = "Size of all files in the data folder, at most a minute old.";
const FREE = "Free space of the disk with the data folder, at most a minute old.";
const NODES = "Servers of the cluster that are there.";
const STALE = "1 while this server cannot follow the store.";
