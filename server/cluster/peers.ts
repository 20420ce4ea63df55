/** The way to the other nodes: HTTP calls and sockets to their ordinary ports, sealed with the shared secret. */
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request } from "node:http";
import { Agent as HttpsAgent, request as secureRequest } from "node:https";
import { WebSocket } from "ws";
import type { Clock } from "../../shared/clock.js";
import { LIVE_PATH, MERGE_SUBPROTOCOL, SUBPROTOCOL } from "../../shared/names.js";
import {
  type Nodes,
  type PeerAnswer,
  PeerAway,
  type PeerRequest,
  type PeerSocket,
  type PeerSocketHandlers,
  type Peers,
} from "./cluster.js";
import { NODE_HEADER, nodeHeaderOf } from "./nodeHeader.js";

/** How long a node may take to begin its answer, and to go on with it. */
const ANSWER_MS = 10_000;
const OPEN_MS = 5_000;
const MOST_SOCKETS = 64;
/** The largest frame that a node sends: a snapshot of its list. */
const MOST_FRAME_BYTES = 64 * 2 ** 20;

export interface PeersParts {
  readonly nodes: Pick<Nodes, "me" | "present" | "awaySince">;
  readonly secret: Buffer;
  readonly clock: Clock;
  readonly nonce: () => string;
  /** In PEM: the authority that vouches for nodes that are reached by https; null for those that the system knows. */
  readonly ca: string | null;
}

/** Holds connections to the other nodes until it is closed. */
export class NodePeers implements Peers {
  readonly #parts: PeersParts;
  readonly #plain = new HttpAgent({ keepAlive: true, maxSockets: MOST_SOCKETS });
  readonly #secure: HttpsAgent;
  readonly #open = new Set<{ destroy(): void }>();
  #isClosed = false;

  constructor(parts: PeersParts) {
    this.#parts = parts;
    const { ca } = parts;
    this.#secure = new HttpsAgent({
      keepAlive: true,
      maxSockets: MOST_SOCKETS,
      ...(ca !== null && { ca }),
    });
  }

  async call(node: string, asked: PeerRequest): Promise<PeerAnswer> {
    const url = this.#urlOf(node, asked.path);
    const { method, path, headers = {}, body, signal } = asked;
    const isSecure = url.protocol === "https:";
    const sent = (isSecure ? secureRequest : request)(url, {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { "Content-Length": String(body.length) }),
        ...this.#seal(node, method, path),
      },
      agent: isSecure ? this.#secure : this.#plain,
      ...(signal && { signal }),
    });
    const answer = await this.#answerTo(sent, node, body).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw this.#away(node, error);
    });
    return {
      status: answer.statusCode ?? 0,
      headers: headersOf(answer),
      body: answer as AsyncIterable<Uint8Array>,
    };
  }

  open(node: string, handlers: PeerSocketHandlers): PeerSocket {
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      handlers.closed();
    };
    let socket: WebSocket;
    try {
      const { ca } = this.#parts;
      const url = this.#urlOf(node, LIVE_PATH);
      url.protocol = url.protocol.replace("http", "ws");
      socket = new WebSocket(url, [SUBPROTOCOL, MERGE_SUBPROTOCOL], {
        headers: this.#seal(node, "GET", LIVE_PATH),
        handshakeTimeout: OPEN_MS,
        maxPayload: MOST_FRAME_BYTES,
        perMessageDeflate: false,
        ...(ca !== null && { ca }),
      });
    } catch {
      queueMicrotask(over);
      return NO_SOCKET;
    }
    const open = { destroy: () => socket.terminate() };
    this.#open.add(open);
    socket.on("open", () => handlers.opened());
    socket.on("message", (data, isBinary) => {
      if (!isBinary) handlers.message(String(data));
    });
    // "close" always follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#open.delete(open);
      over();
    });
    return {
      send: (text) => {
        if (socket.readyState === socket.OPEN) socket.send(text);
      },
      get buffered() {
        return socket.bufferedAmount;
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      close: () => (socket.readyState === socket.CONNECTING ? socket.terminate() : socket.close()),
    };
  }

  /** Ends every call and socket. */
  close(): void {
    this.#isClosed = true;
    for (const one of this.#open) one.destroy();
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #urlOf(node: string, path: string): URL {
    const { nodes } = this.#parts;
    const url = nodes.present.get(node)?.url ?? "";
    if (this.#isClosed || !URL.canParse(url)) throw this.#away(node);
    return new URL(`${url.replace(/\/+$/, "")}${path}`);
  }

  #seal(to: string, method: string, path: string): Record<string, string> {
    const { nodes, secret, clock, nonce } = this.#parts;
    const call = { from: nodes.me, to, method, path, at: clock.now(), nonce: nonce() };
    return { [NODE_HEADER]: nodeHeaderOf(secret, call) };
  }

  #away(node: string, cause?: unknown): PeerAway {
    const away = new PeerAway(node, this.#parts.nodes.awaySince(node));
    if (cause !== undefined) away.cause = cause;
    return away;
  }

  #answerTo(
    sent: ClientRequest,
    node: string,
    body: Uint8Array | undefined,
  ): Promise<IncomingMessage> {
    this.#open.add(sent);
    sent.once("close", () => this.#open.delete(sent));
    return new Promise((resolve, reject) => {
      const cancel = this.#parts.clock.after(ANSWER_MS, () =>
        sent.destroy(new Error(`node ${node} did not answer in time`)),
      );
      sent.once("response", (answer) => {
        cancel();
        resolve(answer);
      });
      sent.on("error", (error) => {
        cancel();
        reject(error);
      });
      sent.end(body);
    });
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]);
  return Object.fromEntries(entries);
}

/** Of a node that is not there. */
const NO_SOCKET: PeerSocket = {
  send: () => {},
  buffered: 0,
  pause: () => {},
  resume: () => {},
  close: () => {},
};
