/** WebSockets that a test plays by hand: it sees what the client sent, and says what the server says. */
import type { LiveSocket, WebSocketConstructor } from "../../../client/index.js";
import type { ClientMessage } from "../../../shared/schema/clientMessages.js";

type Listener = (event: { data?: unknown; code?: number }) => void;

export class FakeSocket implements LiveSocket {
  readyState = 0;
  readonly url: string;
  readonly protocols: readonly string[];
  /** Every frame the client sent, parsed. */
  readonly sent: ClientMessage[] = [];
  /** The code the client closed it with. */
  closedWith: number | undefined;
  /** Answers by itself, in a microtask, where a test has more to say than by hand; null for no answer. */
  reply: ((message: ClientMessage) => object | null) | null = null;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(url: string, protocols: readonly string[] = []) {
    this.url = url;
    this.protocols = protocols;
  }

  send(text: string): void {
    if (this.readyState !== 1) throw new Error("InvalidStateError");
    const message = JSON.parse(text) as ClientMessage;
    this.sent.push(message);
    const answer = this.reply?.(message);
    if (answer) queueMicrotask(() => this.says(answer));
  }

  close(code?: number): void {
    this.closedWith ??= code ?? 1005;
    this.readyState = 2;
  }

  addEventListener(type: string, listener: Listener): void {
    const all = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, all.add(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  /** Opens it and says hello. */
  hello(over: object = {}): this {
    this.readyState = 1;
    this.#emit("open", {});
    return this.says({
      type: "hello",
      protocol: 1,
      server_time: "2026-01-01T00:00:00.000Z",
      boot_id: "boot",
      heartbeat_ms: 15_000,
      can: ["watch", "drive"],
      ...over,
    });
  }

  /** A frame from the server; text goes as it is. */
  says(frame: object | string): this {
    this.#emit("message", { data: typeof frame === "string" ? frame : JSON.stringify(frame) });
    return this;
  }

  /** The link ends, not by the client's doing. */
  breaks(code = 1006): void {
    this.readyState = 3;
    this.#emit("close", { code });
  }

  /** What was sent of one type. */
  sentOf<Type extends ClientMessage["type"]>(type: Type) {
    return this.sent.filter(
      (one): one is Extract<ClientMessage, { type: Type }> => one.type === type,
    );
  }

  /** Listeners that could still hear something; the one for errors does nothing, and may stay. */
  get listeners(): number {
    const sizes = [...this.#listeners].map(([type, all]) => (type === "error" ? 0 : all.size));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  #emit(type: string, event: { data?: unknown; code?: number }): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener(event);
  }
}

export interface FakeSockets {
  readonly WebSocket: WebSocketConstructor;
  /** All that were opened, the newest last. */
  readonly all: readonly FakeSocket[];
  readonly newest: FakeSocket;
}

export function fakeSockets(): FakeSockets {
  const all: FakeSocket[] = [];
  return {
    WebSocket: class extends FakeSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        all.push(this);
      }
    },
    all,
    get newest() {
      const socket = all.at(-1);
      if (!socket) throw new Error("no socket was opened");
      return socket;
    },
  };
}
