/** The HTTP connections of one port: one request of each is answered at a time, and a peer that takes no answer is hung up on. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../shared/clock.js";
import type { Lane, Turns } from "../ingress/pace/turns.js";

/** So many requests may wait behind the one that is being answered; a peer that sends more gets the answers to these, and is hung up on. */
const MOST_WAITING = 16;
const LOOK_EVERY_MS = 5_000;

interface Connection {
  readonly lane: Lane;
  /** Requests that came, without those that were answered. */
  owed: number;
  readonly waiting: (() => void)[];
  isOverrun: boolean;
  /** How many bytes have left, and when that was first seen. */
  left: number;
  leftAt: number;
}

export interface ConnectionParts {
  readonly clock: Clock;
  readonly turns: Turns;
  /** How long a peer may take none of what waits for it. */
  readonly unreadMs: number;
}

/**
 * Node's own `closeIdleConnections` spares connections that never sent a request. Browsers open such ones ahead of need, and each would hold
 * up the end until its deadline.
 */
export class HttpConnections {
  readonly #parts: ConnectionParts;
  readonly #answer: RequestListener;
  readonly #connections = new Map<Socket, Connection>();
  #cancelLook: (() => void) | null = null;
  #isClosing = false;

  /** Takes the server's requests to `answer`. */
  constructor(server: Server, answer: RequestListener, parts: ConnectionParts) {
    this.#parts = parts;
    this.#answer = answer;
    server.on("connection", (socket) => this.#add(socket));
    server.on("request", (request, response) => this.#take(request, response));
    // From here on a socket belongs to whoever took the upgrade.
    server.on("upgrade", ({ socket }) => this.#remove(socket));
  }

  /** Hangs up on those that wait for a request, and on the others as soon as they have their answers. */
  close(): void {
    this.#isClosing = true;
    for (const [socket, { owed }] of this.#connections) if (owed === 0) socket.destroy();
  }

  #add(socket: Socket): void {
    const lane = this.#parts.turns.lane(() => {});
    const leftAt = this.#parts.clock.elapsed();
    const connection = { lane, owed: 0, waiting: [], isOverrun: false, left: 0, leftAt };
    this.#connections.set(socket, connection);
    socket.once("close", () => this.#remove(socket));
    this.#cancelLook ??= this.#parts.clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #remove(socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (!connection) return;
    connection.lane.end();
    connection.waiting.length = 0;
    this.#connections.delete(socket);
    if (this.#connections.size > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = null;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const connection = this.#connections.get(socket);
    if (!connection) return;
    if (connection.isOverrun || connection.waiting.length >= MOST_WAITING) {
      connection.isOverrun = true;
      // Nothing more is read: to take requests apart only to drop them would cost everybody else their turns. Not before all that
      // came at once was seen: Node reads on after each request.
      process.nextTick(() => socket.pause());
      return;
    }
    connection.owed += 1;
    response.once("close", () => this.#answered(socket, connection));
    const run = () =>
      connection.lane.do(() => {
        this.#answer(request, response);
        return undefined;
      });
    if (connection.owed === 1) run();
    else connection.waiting.push(run);
  }

  #answered(socket: Socket, connection: Connection): void {
    connection.owed -= 1;
    const next = connection.waiting.shift();
    if (next) return next();
    if (this.#isClosing || connection.isOverrun) socket.destroySoon();
  }

  /** Hangs up on peers that take nothing of the bytes that wait for them. An answer that has nothing to send yet is left alone. */
  #look(): void {
    const now = this.#parts.clock.elapsed();
    for (const [socket, connection] of this.#connections) {
      const left = socket.bytesWritten - waitingIn(socket);
      if (left !== connection.left || waitingIn(socket) === 0) {
        connection.left = left;
        connection.leftAt = now;
      } else if (now - connection.leftAt >= this.#parts.unreadMs) socket.destroy();
    }
    this.#cancelLook =
      this.#connections.size === 0
        ? null
        : this.#parts.clock.after(LOOK_EVERY_MS, () => this.#look());
  }
}

/** The kernel's part of one large write is seen by the handle only; without one, Node's own count has to do. */
function waitingIn(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const queued: unknown =
    typeof handle === "object" && handle !== null ? Reflect.get(handle, "writeQueueSize") : null;
  return Math.max(socket.writableLength > 0 ? 1 : 0, typeof queued === "number" ? queued : 0);
}
