/** Two nodes of a cluster in one process, as far as they give out output: one authority, an output store each, and links that a test can cut. */
import { join } from "node:path";
import type { NodeChange, NodeView, PeerSocket, Peers } from "../../../server/cluster/cluster.js";
import { FarFollows } from "../../../server/egress/far/farFollows.js";
import { Outbox, type SendingSocket } from "../../../server/egress/outbox.js";
import { OutputHub } from "../../../server/egress/outputHub.js";
import { textOf } from "../../../server/egress/textFrame.js";
import { OutputHomes } from "../../../server/output/homes.js";
import { OutputStore } from "../../../server/output/outputStore.js";
import { SharedOutputs } from "../../../server/output/shared/sharedOutputs.js";
import { Leases } from "../../../server/state/leases.js";
import type { LiveRecord } from "../../../server/state/store/record.js";
import { Workflows } from "../../../server/state/workflows.js";
import type { Clock } from "../../../shared/clock.js";
import { LIMITS } from "../../../shared/limits.js";
import { Listeners } from "../../../shared/listeners.js";
import type { ClientMessage } from "../../../shared/schema/clientMessages.js";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import { commitsOf } from "../disks/commitsOf.js";
import { MemoryStore } from "../disks/memoryStore.js";

/** A socket whose far side reads at once, or only when it is told to. */
export class ReadSocket implements SendingSocket {
  isOpen = true;
  isRead = true;
  readonly #hear: (text: string) => void;
  readonly #waiting: { text: string; bytes: number; sent: (() => void) | undefined }[] = [];

  constructor(hear: (text: string) => void) {
    this.#hear = hear;
  }

  get waiting(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  gather(): void {}

  send(frame: Buffer, sent?: () => void): void {
    this.#waiting.push({ text: textOf(frame), bytes: frame.length, sent });
    this.#readSoon();
  }

  whenSent(sent: () => void): void {
    this.#waiting.push({ text: "", bytes: 0, sent });
    this.#readSoon();
  }

  close(): void {
    this.isOpen = false;
  }

  /** Reads so many frames. */
  read(count: number): void {
    for (let left = count; left > 0 && this.#waiting.length > 0; left--) {
      const { text, sent } = this.#waiting.shift()!;
      if (text !== "") this.#hear(text);
      sent?.();
    }
  }

  #readSoon(): void {
    setImmediate(() => {
      if (this.isRead) this.read(1);
    });
  }
}

export class LinkedNode {
  readonly name: string;
  readonly outputs: OutputStore;
  readonly hub: OutputHub;

  constructor(name: string, outputs: OutputStore, hub: OutputHub) {
    this.name = name;
    this.outputs = outputs;
    this.hub = hub;
  }
}

type Pair = { readonly outbox: Outbox; readonly cut: () => void };

export class LinkedHubs {
  readonly store = new MemoryStore();
  readonly commits = commitsOf(this.store);
  readonly workflows: Workflows;
  readonly nodes = new Map<string, LinkedNode>();
  /** Names of nodes that do not answer. */
  readonly unreachable = new Set<string>();
  /** Questions that nodes were asked, by name of the node. */
  readonly questions: ClientMessage[] = [];
  readonly #clock: Clock;
  readonly #present = new Map<string, NodeView>();
  readonly #left = new Map<string, string>();
  readonly #changes = new Listeners<NodeChange>();
  readonly #links = new Map<string, Set<Pair>>();
  readonly #shared: SharedOutputs[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    const { store, commits } = this;
    const leases = new Leases(commits, clock, LIMITS.leaseMs);
    const more = { leases, clock, limits: LIMITS, clearAfterMs: 30_000, keepsHistory: true };
    this.workflows = new Workflows({ store, commits, ...more });
  }

  /** All nodes keep their output below `folder`; `isShared`: and read there what another one keeps that is away. */
  async addNode(name: string, folder: string, isShared = false): Promise<LinkedNode> {
    const { commits, workflows } = this;
    const outputs = await OutputStore.open({
      dataDir: join(folder, name),
      commits,
      limits: LIMITS,
      elapsed: () => this.#clock.elapsed(),
      now: () => this.#clock.now(),
    });
    const nodes = {
      me: name,
      present: this.#present,
      awaySince: (of: string) => this.#left.get(of) ?? null,
      listen: (listener: (change: NodeChange) => void) => this.#changes.listen(listener),
    };
    const peers: Pick<Peers, "open"> = {
      open: (to, handlers) => this.#open(to, handlers.message, handlers.closed),
    };
    const homes = new OutputHomes(nodes, outputs);
    const shared = isShared ? new SharedOutputs({ folder }) : null;
    if (shared) this.#shared.push(shared);
    const hub = new OutputHub({
      ...{ commits, workflows, outputs, limits: LIMITS },
      elsewhere: (here) =>
        new FarFollows({
          ...{ commits, outputs, homes, nodes, peers, here },
          ...{ clock: this.#clock, graceMs: LIMITS.graceMs },
          ...{ shared, frameBytes: LIMITS.outputFrameBytes },
          onSharedFailure: (error) => {
            throw error;
          },
        }),
      onFailure: (error) => {
        throw error;
      },
    });
    const node = new LinkedNode(name, outputs, hub);
    this.nodes.set(name, node);
    this.comes(name);
    return node;
  }

  commit(after: LiveRecord): Promise<void> {
    return this.store.commit(after, this.store.open.get(after.workflow_id) ?? null);
  }

  comes(name: string): void {
    this.unreachable.delete(name);
    this.#left.delete(name);
    const view = viewOf(name);
    this.#present.set(name, view);
    this.#changes.tell({ kind: "came", node: view });
  }

  leaves(name: string): void {
    this.unreachable.add(name);
    this.cut(name);
    this.#present.delete(name);
    this.#left.set(name, new Date(this.#clock.now()).toISOString());
    this.#changes.tell({ kind: "left", node: viewOf(name) });
  }

  /** Breaks every link to a node. */
  cut(name: string): void {
    for (const link of [...(this.#links.get(name) ?? [])]) link.cut();
  }

  /** How many links to a node are open. */
  linksTo(name: string): number {
    return this.#links.get(name)?.size ?? 0;
  }

  async close(): Promise<void> {
    for (const { hub } of this.nodes.values()) hub.close();
    for (const { outputs } of this.nodes.values()) await outputs.close();
    for (const shared of this.#shared) await shared.close();
    await this.workflows.close();
  }

  #open(to: string, hear: (text: string) => void, closed: () => void): PeerSocket {
    const node = this.nodes.get(to);
    const links = this.#links.get(to) ?? new Set();
    this.#links.set(to, links);
    let isOpen = !this.unreachable.has(to) && node !== undefined;
    const socket = new ReadSocket((text) => {
      if (isOpen) hear(text);
    });
    const outbox = new Outbox(socket, { audience: "drive", form: "patch" }, LIMITS);
    const end = () => {
      if (!links.delete(pair)) return;
      isOpen = false;
      socket.isOpen = false;
      node?.hub.drop(outbox);
      queueMicrotask(closed);
    };
    const pair: Pair = { outbox, cut: end };
    if (isOpen) {
      links.add(pair);
      queueMicrotask(() => {
        if (isOpen) hear(JSON.stringify({ type: "hello", heartbeat_ms: LIMITS.heartbeatMs }));
      });
    } else queueMicrotask(closed);
    return {
      send: (text) => {
        if (!isOpen || !node) return;
        const message = JSON.parse(text) as ClientMessage;
        this.questions.push(message);
        if (message.type === "follow_log") node.hub.follow(outbox, message, "node");
        if (message.type === "unfollow_log") node.hub.unfollow(outbox, message);
      },
      buffered: 0,
      pause: () => {},
      resume: () => {},
      close: end,
    };
  }
}

const viewOf = (name: string): NodeView => ({
  ...{ name, url: `http://${name}`, boot_id: name, store_id: name, labels: [name] },
  ...{ max_concurrent: 10, since: "2026-01-01T00:00:00.000Z" },
});

/** A tab on a node: what it was told, and how it reads. */
export class LinkedTab {
  readonly frames: ServerMessage[] = [];
  readonly socket: ReadSocket;
  readonly #outbox: Outbox;
  readonly #node: LinkedNode;

  constructor(node: LinkedNode) {
    this.#node = node;
    this.socket = new ReadSocket((text) => this.frames.push(JSON.parse(text) as ServerMessage));
    this.#outbox = new Outbox(this.socket, { audience: "drive", form: "patch" }, LIMITS);
  }

  follow(message: Omit<Extract<ClientMessage, { type: "follow_log" }>, "type">): void {
    this.#node.hub.follow(this.#outbox, { type: "follow_log", ...message });
  }

  drop(): void {
    this.#node.hub.drop(this.#outbox);
  }

  told<T extends ServerMessage["type"]>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.frames.filter(
      (frame): frame is Extract<ServerMessage, { type: T }> => frame.type === type,
    );
  }

  /** All text of an attempt; throws where a byte is missing or came twice. */
  textOf(attempt = 1): string {
    let at: number | null = null;
    let text = "";
    for (const frame of this.told("log")) {
      if (frame.attempt !== attempt) continue;
      if (at !== null && frame.from - (frame.skipped ?? 0) !== at)
        throw new Error(`expected ${at}, and ${frame.from} came`);
      at = frame.next;
      text += frame.text;
    }
    return text;
  }
}
