/** A server as small as it can be that still keeps the protocol's promises to watchers: for many worlds in one test. */
import type {
  ClientMessage,
  FollowLogMessage,
  SubscribeMessage,
} from "../../../shared/schema/clientMessages.js";
import { changedOf, snapshotOf } from "../links/fakeClient.js";
import { FakeSocket } from "../links/fakeSockets.js";

interface Document {
  readonly epoch: string;
  revision: number;
  log: string;
}

interface Served {
  readonly byId: Set<string>;
  followsCurrent: boolean;
  /** By workflow and the follower's name. */
  readonly follows: Map<string, FollowLogMessage>;
}

const titleAt = (epoch: string, revision: number): string => `${epoch}.${revision}`;

export class ModelServer {
  readonly documents = new Map<string, Document>();
  readonly #sockets = new Map<FakeSocket, Served>();
  #current: string | null = null;
  #lives = 0;
  #boot = 0;

  get current(): string | null {
    return this.#current;
  }

  get open(): number {
    return this.#sockets.size;
  }

  /** What a mirror of it shows; null where there is none. */
  shown(id: string): { position: object; title: string } | null {
    const document = this.documents.get(id);
    if (!document) return null;
    const { epoch, revision } = document;
    return { position: { epoch, revision }, title: titleAt(epoch, revision) };
  }

  /** A socket to this server, that says hello by itself. */
  readonly socket = (url: string, protocols: string[]): FakeSocket => {
    const socket = new FakeSocket(url, protocols);
    const close = socket.close.bind(socket);
    socket.close = (code) => {
      this.#sockets.delete(socket);
      close(code);
    };
    socket.reply = (message) => {
      this.#hear(socket, message);
      return null;
    };
    queueMicrotask(() => {
      if (socket.readyState !== 0) return;
      this.#sockets.set(socket, { byId: new Set(), followsCurrent: false, follows: new Map() });
      socket.hello({ named_followers: true, boot_id: `boot ${this.#boot}` });
    });
    return socket;
  };

  restart(): void {
    this.#boot++;
    for (const socket of [...this.#sockets.keys()]) {
      this.#sockets.delete(socket);
      socket.breaks(1012);
    }
  }

  /** A change of it, or its beginning: then it is current. */
  change(id: string): void {
    const document = this.documents.get(id);
    if (!document) return this.#begin(id);
    const { epoch } = document;
    const base = document.revision++;
    const changed = changedOf(id, base, titleAt(epoch, document.revision), { epoch });
    for (const [socket, served] of this.#sockets) {
      if (served.byId.has(id) || (served.followsCurrent && this.#current === id))
        socket.says(changed);
    }
  }

  clear(id: string): void {
    const document = this.documents.get(id);
    if (!document) return;
    this.documents.delete(id);
    const { epoch, revision } = document;
    const closed = { type: "closed", workflow_id: id, epoch, revision, reason: "cleared" };
    const wasCurrent = this.#current === id;
    if (wasCurrent) this.#current = [...this.documents.keys()].at(-1) ?? null;
    for (const [socket, served] of this.#sockets) {
      if (served.byId.delete(id) || (served.followsCurrent && wasCurrent)) socket.says(closed);
      for (const [key, follow] of served.follows) {
        if (follow.workflow_id !== id) continue;
        served.follows.delete(key);
        socket.says(endOf(follow, "cleared"));
      }
      if (served.followsCurrent && wasCurrent) this.#tellCurrent(socket, served);
    }
  }

  print(id: string, text: string): void {
    const document = this.documents.get(id);
    if (!document) return;
    const from = document.log.length;
    document.log += text;
    for (const [socket, { follows }] of this.#sockets) {
      for (const follow of follows.values())
        if (follow.workflow_id === id) socket.says(logOf(follow, from, text));
    }
  }

  #begin(id: string): void {
    this.documents.set(id, { epoch: `e${++this.#lives}`, revision: 1, log: "" });
    this.#current = id;
    for (const [socket, served] of this.#sockets)
      if (served.followsCurrent) this.#tellCurrent(socket, served);
  }

  #tellCurrent(socket: FakeSocket, served: Served): void {
    socket.says({ type: "current", workflow_id: this.#current });
    if (this.#current !== null && !served.byId.has(this.#current))
      this.#sendSnapshot(socket, this.#current);
  }

  #hear(socket: FakeSocket, message: ClientMessage): void {
    const served = this.#sockets.get(socket);
    if (!served) return;
    switch (message.type) {
      case "ping":
        return void socket.says({ type: "pong", server_time: "2026-01-01T00:00:00.000Z" });
      case "subscribe":
        return this.#subscribe(socket, served, message);
      case "unsubscribe":
        if (message.workflow_id === "current") served.followsCurrent = false;
        else served.byId.delete(message.workflow_id);
        return;
      case "follow_log":
        return this.#follow(socket, served, message);
      case "unfollow_log":
        served.follows.delete(`${message.workflow_id} ${message.follower}`);
        return;
      case "propose":
        return;
    }
  }

  #subscribe(socket: FakeSocket, served: Served, { workflow_id, last }: SubscribeMessage): void {
    let id: string | null = workflow_id;
    if (workflow_id === "current") {
      served.followsCurrent = true;
      id = this.#current;
      socket.says({ type: "current", workflow_id: id });
      if (id === null) return;
    }
    const document = this.documents.get(id);
    if (!document) {
      const nowhere = { epoch: null, revision: null, reason: "unknown" };
      return void socket.says({ type: "closed", workflow_id: id, ...nowhere });
    }
    if (workflow_id !== "current") served.byId.add(id);
    const { epoch, revision } = document;
    const isKnown = last?.epoch === epoch && last.revision <= revision;
    // Both are answers: what is missing, or all of it.
    if (!isKnown || (last.revision < revision && revision % 3 === 0))
      return this.#sendSnapshot(socket, id);
    for (let base = last.revision; base < revision; base++)
      socket.says(changedOf(id, base, titleAt(epoch, base + 1), { epoch }));
    socket.says({ type: "resumed", workflow_id: id, epoch, revision });
  }

  #sendSnapshot(socket: FakeSocket, id: string): void {
    const { epoch, revision } = this.documents.get(id)!;
    socket.says({ ...snapshotOf(id, revision, { title: titleAt(epoch, revision) }), epoch });
  }

  #follow(socket: FakeSocket, served: Served, message: FollowLogMessage): void {
    const document = this.documents.get(message.workflow_id);
    if (!document) return void socket.says(endOf(message, "unknown"));
    served.follows.set(`${message.workflow_id} ${message.follower}`, message);
    const from = message.from ?? 0;
    const rest = document.log.slice(from);
    if (rest !== "") socket.says(logOf(message, from, rest));
  }
}

const named = ({ follower }: FollowLogMessage) => (follower === undefined ? {} : { follower });

const logOf = (follow: FollowLogMessage, from: number, text: string) => {
  const { workflow_id, step } = follow;
  const next = from + text.length;
  return { type: "log", workflow_id, step, attempt: 1, from, next, text, ...named(follow) };
};

const endOf = (follow: FollowLogMessage, reason: string) => {
  const { workflow_id, step } = follow;
  const nowhere = { attempt: null, next: null };
  return { type: "log_end", workflow_id, step, ...nowhere, reason, ...named(follow) };
};
