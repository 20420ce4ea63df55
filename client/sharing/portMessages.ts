/** The messages of a tab and the holder of the shared socket to each other over a port. Both come from one build: the holder's script names it. */

/** The part of a MessagePort that both ends use. */
export interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

/** `link` numbers the sockets a tab has opened over its port: what is said of an older one is late. */
export type TabMessage =
  | {
      readonly type: "open";
      readonly link: number;
      readonly url: string;
      readonly protocols: readonly string[];
    }
  | { readonly type: "send"; readonly link: number; readonly text: string }
  | { readonly type: "close"; readonly link: number; readonly code: number }
  /** So much of what was sent, in characters, has been handled: there is room for more. */
  | { readonly type: "taken"; readonly link: number; readonly characters: number }
  /** Is anybody there? */
  | { readonly type: "look" }
  /** This tab closes, or will stand still for a while. */
  | { readonly type: "bye" };

export type HolderMessage =
  /** The first word on a port, and the answer to "look". `life` names a lock that is free once this holder is dead. */
  | { readonly type: "here"; readonly life: string | null }
  | { readonly type: "message"; readonly link: number; readonly text: string }
  | { readonly type: "closed"; readonly link: number; readonly code: number }
  /** This tab does something that belongs on a socket of its own. */
  | { readonly type: "unfit"; readonly link: number }
  /** The server answers again: whoever waits for its next try need not. */
  | { readonly type: "up" };

/** Null for what this build does not know. */
export const asTabMessage = (data: unknown): TabMessage | null =>
  typed(data, ["open", "send", "close", "taken", "look", "bye"]) as TabMessage | null;

/** Null for what this build does not know. */
export const asHolderMessage = (data: unknown): HolderMessage | null =>
  typed(data, ["here", "message", "closed", "unfit", "up"]) as HolderMessage | null;

function typed(data: unknown, types: readonly string[]): { type: string } | null {
  const { type } = (data ?? {}) as { type?: unknown };
  return typeof type === "string" && types.includes(type) ? (data as { type: string }) : null;
}
