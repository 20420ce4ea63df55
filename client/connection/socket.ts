/** The part of a browser's WebSocket that we use, so that Node's `ws` and a test's fake fit as well. */
import { CloseCode } from "../../shared/wire/closeCodes.js";
import { liveAddress, subprotocols } from "../wire/address.js";

export interface LiveSocket {
  readonly readyState: number;
  /** Other tabs of this browser may use it, too. */
  readonly isShared?: boolean;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Only in Node (`ws`): drops the link without waiting for the other side. */
  terminate?(): void;
  // biome-ignore lint/suspicious/noExplicitAny: each implementation has its own event types, and none of them fit each other.
  addEventListener(type: string, listener: (event: any) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  removeEventListener(type: string, listener: (event: any) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => LiveSocket;

export interface SocketListener {
  message(data: unknown): void;
  /** The socket closed by itself; never called after `drop`. */
  closed(code: number): void;
}

/** One socket while we care for it. */
export class OpenSocket {
  readonly #link: LiveSocket;
  readonly #detach: () => void;

  constructor(link: LiveSocket, listener: SocketListener) {
    const message = (event: { data: unknown }) => listener.message(event.data);
    const close = (event: { code?: number }) => {
      this.#detach();
      listener.closed(event.code ?? CloseCode.noAnswer);
    };
    link.addEventListener("message", message);
    link.addEventListener("close", close);
    // In Node an error that nobody listens to ends the process, so this one stays; "close" always follows.
    link.addEventListener("error", () => {});
    this.#link = link;
    this.#detach = () => {
      link.removeEventListener("message", message);
      link.removeEventListener("close", close);
    };
  }

  get isShared(): boolean {
    return this.#link.isShared ?? false;
  }

  /** False where the socket would not take it. */
  send(text: string): boolean {
    const isOpen = 1;
    if (this.#link.readyState !== isOpen) return false;
    try {
      this.#link.send(text);
      return true;
    } catch {
      return false;
    }
  }

  /** The listeners go first, so that late frames of an old socket reach nobody. */
  drop(code: number): void {
    this.#detach();
    try {
      this.#link.close(code);
      // A socket that is replaced may be dead, and Node would wait half a minute for its farewell.
      if (code === CloseCode.replaced) this.#link.terminate?.();
    } catch {
      // Closing already, or an implementation that minds being closed before it was open: gone either way.
    }
  }
}

/** Throws where there is no WebSocket here, or it will not open that address. */
export function openSocket(
  given: WebSocketConstructor | undefined,
  mount: URL,
  token: string | undefined,
): LiveSocket {
  const Socket = given ?? (globalThis.WebSocket as WebSocketConstructor | undefined);
  if (!Socket) throw new TypeError("there is no WebSocket here");
  return new Socket(liveAddress(mount), subprotocols(token));
}
