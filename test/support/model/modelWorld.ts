/** A server or two, several of our own clients behind links that break, and the record of what was really committed. */
import { isDeepStrictEqual } from "node:util";
import { WebSocket } from "ws";
import {
  type Accepted,
  type Command,
  createClient,
  type InstepClient,
  NoAnswerError,
  type Position,
  SyncError,
  type View,
  type WebSocketConstructor,
} from "../../../client/index.js";
import type { Committed } from "../../../server/state/store/store.js";
import { until } from "../deadline.js";
import { call } from "../links/rest.js";
import { TcpProxy } from "../links/tcpProxy.js";
import type { OpenServers, WorldServers } from "./worldServers.js";

/** Refusals that a random command may earn. */
const EARNED = new Set(["already_ended", "unknown_workflow", "unknown_step"]);

interface Tab {
  readonly client: InstepClient;
  readonly link: TcpProxy;
  readonly subjects: readonly string[];
  readonly stops: Map<string, () => void>;
}

export interface Proposed {
  readonly requestId: string;
  readonly command: Command;
}

export class ModelWorld {
  /** In the order they were first proposed. */
  readonly proposed: Proposed[] = [];
  readonly tabs: Tab[] = [];
  /** What went wrong, in words; a right world has nothing to say. */
  readonly faults: string[] = [];
  /** By epoch and revision. */
  readonly #committed = new Map<string, Map<number, unknown>>();
  readonly #outcomes = new Map<string, Accepted>();
  readonly #pending = new Map<Promise<void>, string>();
  readonly #shown: View[] = [];
  #servers!: WorldServers;

  static async open(
    dataDir: string,
    subjects: readonly (readonly string[])[],
    openServers: OpenServers,
  ) {
    const world = new ModelWorld();
    const links = await Promise.all(subjects.map(() => TcpProxy.start()));
    const hosts = links.map(({ port }) => `127.0.0.1:${port}`);
    world.#servers = await openServers(dataDir, hosts, (change) => world.#hear(change));
    for (const [i, link] of links.entries()) world.#openTab(link, subjects[i] ?? []);
    world.#lead();
    return world;
  }

  /** Sends it through that tab's client, and goes on. */
  propose(tab: number, command: Command, requestId = `request-${this.proposed.length}`): void {
    if (!this.proposed.some((one) => one.requestId === requestId)) {
      this.proposed.push({ requestId, command });
    }
    const settled = this.tabs[tab]!.client.propose(command, { requestId })
      .then((accepted) => this.#accepted(requestId, command, accepted))
      .catch((error: unknown) => this.#refused(requestId, error))
      .finally(() => this.#pending.delete(settled));
    this.#pending.set(settled, `tab ${tab}: ${requestId}`);
  }

  async restart(): Promise<void> {
    await this.#servers.restart();
    this.#lead();
  }

  /** A round trip to the server, past all links: time for things to happen. */
  async breathe(): Promise<void> {
    for (const url of this.#servers.urls) await call(`${url}/healthz`, "GET");
  }

  /** Mends all links, and waits until every request is answered and every tab shows what the server has. */
  async settle(ids: readonly string[]): Promise<void> {
    for (const { link } of this.tabs) link.pass();
    const unanswered = () => [...this.#pending.values(), ...this.#connections()].join("; ");
    await until(
      () => this.#pending.size === 0,
      () => `every request is answered: ${unanswered()}`,
    );
    for (const [i, tab] of this.tabs.entries()) {
      for (const subject of tab.subjects) {
        await until(
          () => this.#showsTheTruth(tab, subject),
          () => `tab ${i} shows ${subject} as it is: ${JSON.stringify(tab.client.view(subject))}`,
        );
      }
    }
    await this.#checkShown();
    await this.#checkRevisions(ids);
  }

  async close(): Promise<void> {
    for (const { client, link } of this.tabs) {
      client.close();
      await link.close();
    }
    await this.#servers.close();
  }

  /** Where new links go: a tab that moves finds another server when its link breaks. */
  #lead(): void {
    for (const [i, { link }] of this.tabs.entries()) link.leadTo(this.#servers.portFor(i));
  }

  #hear(change: Committed): void {
    if (change.kind !== "committed" || change.after.state === null) return;
    const { epoch, revision, state } = change.after;
    const life = this.#committed.get(epoch) ?? new Map<number, unknown>();
    life.set(revision, state);
    this.#committed.set(epoch, life);
  }

  #openTab(link: TcpProxy, subjects: readonly string[]): void {
    const client = createClient({
      url: `http://127.0.0.1:${link.port}`,
      WebSocket: WebSocket as unknown as WebSocketConstructor,
      // Short waits, so that a test is not mostly backoff.
      random: () => 0.02,
    });
    const tab: Tab = { client, link, subjects, stops: new Map() };
    for (const subject of subjects) this.#watch(tab, subject);
    this.tabs.push(tab);
  }

  #watch(tab: Tab, subject: string): void {
    tab.stops.get(subject)?.();
    let shown: Position | null = null;
    const stop = tab.client.watch(subject, (view) => {
      this.#checkView(view, shown);
      shown = view.position;
    });
    tab.stops.set(subject, stop);
  }

  #checkView(view: View, shown: Position | null): void {
    const { subject, position, state } = view;
    if (position?.epoch === shown?.epoch && (position?.revision ?? 0) < (shown?.revision ?? 0)) {
      this.faults.push(`${subject} went from ${shown?.revision} back to ${position?.revision}`);
    }
    if (subject !== "*" && position && state) this.#shown.push(view);
  }

  /** In the end, as with several servers a tab may hear of a commit before we do. */
  async #checkShown(): Promise<void> {
    const real = ({ position }: View) =>
      this.#committed.get(position!.epoch)?.get(position!.revision);
    await until(
      () => this.#shown.every((view) => real(view) !== undefined),
      () => `it is known what was committed: ${this.#shown.find((view) => !real(view))?.position}`,
    );
    for (const view of this.#shown) {
      const { subject, position, state } = view;
      if (isDeepStrictEqual(real(view), state)) continue;
      const at = `${subject} at ${position?.epoch}.${position?.revision}`;
      const [is, was] = [real(view), state].map((one) => JSON.stringify(one));
      this.faults.push(`${at} is ${is}, but was shown as ${was}`);
    }
  }

  #connections(): string[] {
    return this.tabs.map(({ client }) => JSON.stringify(client.connection));
  }

  #accepted(requestId: string, command: Command, accepted: Accepted): void {
    const before = this.#outcomes.get(requestId);
    if (before && !isDeepStrictEqual(before, accepted)) {
      this.faults.push(
        `${requestId} (${command.kind}) was ${JSON.stringify(before)}, then ${JSON.stringify(accepted)}`,
      );
    }
    this.#outcomes.set(requestId, accepted);
  }

  #refused(requestId: string, error: unknown): void {
    if (error instanceof SyncError && EARNED.has(error.code)) return;
    const why = error instanceof NoAnswerError ? "was never answered" : `failed: ${String(error)}`;
    this.faults.push(`${requestId} ${why}`);
  }

  async #showsTheTruth(tab: Tab, subject: string): Promise<boolean> {
    for (const url of this.#servers.urls)
      if (!(await this.#showsTheTruthOf(url, tab, subject))) return false;
    return true;
  }

  async #showsTheTruthOf(url: string, tab: Tab, subject: string): Promise<boolean> {
    const view = tab.client.view(subject);
    if (subject === "*") {
      const { body } = await call(`${url}/workflows?limit=1000`, "GET");
      const real = Object.fromEntries(body.workflows.map((line) => [line.epoch, line]));
      return view.phase === "live" && isDeepStrictEqual({ ...view.list?.workflows }, real);
    }
    const { body } = await call(`${url}/workflow/state?workflow_id=${subject}`, "GET");
    if (body.state === null) {
      return (
        view.phase === "closed" || (subject === "current" && view.phase === "live" && !view.state)
      );
    }
    const isSame = view.position?.epoch === body.epoch && view.position.revision === body.revision;
    // A workflow that began again after its end is for those who ask again.
    if (!isSame && view.phase === "closed" && subject !== "current") this.#watch(tab, subject);
    return isSame && isDeepStrictEqual(view.state, body.state);
  }

  /** Every revision is the doing of exactly one accepted request. */
  async #checkRevisions(ids: readonly string[]): Promise<void> {
    const done = new Map<string, number[]>();
    for (const { requestId, command } of this.proposed) {
      const { epoch, revision } = this.#outcomes.get(requestId) ?? {};
      if (command.kind === "clear" || epoch == null || revision == null) continue;
      done.set(epoch, [...(done.get(epoch) ?? []), revision]);
    }
    for (const [epoch, life] of this.#committed) {
      const revisions = (done.get(epoch) ?? []).sort((one, other) => one - other);
      const wanted = Array.from({ length: Math.max(...life.keys()) }, (_, i) => i + 1);
      if (isDeepStrictEqual(revisions, wanted)) continue;
      this.faults.push(
        `${ids} ${epoch}: ${wanted.length} revisions, but accepted were ${revisions}`,
      );
    }
  }
}
