/** One socket as its tab sees it: a link over the holder, or a socket of its own, whichever the server greets first. */
import { CloseCode } from "../../shared/wire/closeCodes.js";
import { type LiveSocket, OpenSocket } from "../connection/socket.js";

export interface TabSocketParts {
  /** May throw. */
  readonly openOwn: () => LiveSocket;
  /** Over the holder. */
  readonly send: (text: string) => void;
  readonly close: (code: number) => void;
  /** `isShared` or `isOpen` may have changed. */
  readonly settled: () => void;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

type Listener = (event: { data?: string; code?: number }) => void;

export class TabSocket implements LiveSocket {
  readonly #parts: TabSocketParts;
  readonly #listeners = { message: new Set<Listener>(), close: new Set<Listener>() };
  readyState = CONNECTING;
  #own: OpenSocket | null = null;
  #isHolderLost = false;
  #isGreetedByHolder = false;

  constructor(parts: TabSocketParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.readyState !== CLOSED;
  }

  /** Carried by the holder, as far as is known. */
  get isShared(): boolean {
    return this.isOpen && !this.#isHolderLost;
  }

  send(text: string): void {
    if (this.#own && !this.#isGreetedByHolder) this.#own.send(text);
    else this.#parts.send(text);
  }

  close(code: number = CloseCode.goingAway): void {
    if (!this.isOpen) return;
    this.#own?.drop(code);
    if (!this.#isHolderLost) this.#parts.close(code);
    this.#end();
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listenersOf(type)?.add(listener);
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listenersOf(type)?.delete(listener);
  }

  /** No word from the holder yet: a socket of this tab alone is tried beside it. */
  tryOwn(): void {
    if (this.readyState !== CONNECTING || this.#own) return;
    try {
      this.#own = new OpenSocket(this.#parts.openOwn(), {
        message: (data) => this.#heardByOwn(data as string),
        closed: (code) => this.closed(code),
      });
    } catch {
      if (this.#isHolderLost) this.closed(CloseCode.noAnswer);
    }
  }

  /** A frame over the holder. */
  heard(text: string): void {
    if (!this.isShared) return;
    if (this.readyState === CONNECTING) {
      this.#own?.drop(CloseCode.replaced);
      this.#own = null;
      this.#isGreetedByHolder = true;
      this.readyState = OPEN;
      this.#parts.settled();
    }
    this.#emit("message", { data: text });
  }

  /** By the server, or there was none: one way fares no better than the other. */
  closed(code: number): void {
    if (!this.isOpen) return;
    this.#own?.drop(CloseCode.replaced);
    if (!this.#isHolderLost) this.#parts.close(code);
    this.#end();
    this.#emit("close", { code });
  }

  /** Before the hello the way over the holder is given up; after it the link is over, and the tab comes back by another. */
  holderLost(): void {
    if (!this.isShared) return;
    this.#isHolderLost = true;
    if (this.readyState === OPEN) return this.lose();
    this.tryOwn();
    this.#parts.settled();
  }

  lose(): void {
    this.closed(CloseCode.goingAway);
  }

  #heardByOwn(data: string): void {
    if (this.readyState === CONNECTING) {
      this.#parts.close(CloseCode.replaced);
      this.#isHolderLost = true;
      this.readyState = OPEN;
      this.#parts.settled();
    }
    this.#emit("message", { data });
  }

  #end(): void {
    this.readyState = CLOSED;
    this.#own = null;
    this.#parts.settled();
  }

  #listenersOf(type: string): Set<Listener> | undefined {
    return type === "message" || type === "close" ? this.#listeners[type] : undefined;
  }

  #emit(type: "message" | "close", event: { data?: string; code?: number }): void {
    for (const listener of [...this.#listeners[type]]) listener(event);
  }
}
