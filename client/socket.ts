/** The part of a browser's WebSocket that we use, so that Node's `ws` and a test's fake fit as well. */

export interface LiveSocket {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Only in Node (`ws`): drops the link without the closing handshake. */
  terminate?(): void;
  // biome-ignore lint/suspicious/noExplicitAny: each implementation has its own event types, and none of them fit each other.
  addEventListener(type: string, listener: (event: any) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  removeEventListener(type: string, listener: (event: any) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => LiveSocket;
