/** The events of a connection, and the effects that answer them. */

export type ConnectionEvent =
  | { readonly type: "start" }
  /** Nobody needs the connection any more. */
  | { readonly type: "unwanted" }
  | { readonly type: "stop" }
  | { readonly type: "greeted" }
  /** Every subscription was answered; an open socket alone proves nothing. */
  | { readonly type: "synced" }
  /** The socket is gone by itself. */
  | { readonly type: "closed"; readonly code: number }
  /** The socket is there, but dead or talking nonsense. */
  | { readonly type: "broken" }
  /** The server speaks a protocol that this client does not. */
  | { readonly type: "foreign" }
  | { readonly type: "timer" }
  /** Back online, or the tab became visible again. */
  | { readonly type: "wake" }
  | { readonly type: "offline" }
  | { readonly type: "retry" }
  /** How HTTP is: from a probe, or from each round of polling. */
  | { readonly type: "http"; readonly answer: HttpAnswer };

export type HttpAnswer = "yes" | "no" | "unauthorized";

/** There is one timer: a new "wait" replaces the old one. "check" asks a socket for a sign of life, "probe" asks HTTP. */
export type Effect =
  | { readonly do: "open" | "close" | "cancelWait" | "check" | "probe" }
  | { readonly do: "wait"; readonly ms: number };

/** The circumstances at the moment of an event. */
export interface Circumstances {
  /** Wall time, to be shown. */
  readonly now: number;
  /** For every duration. */
  readonly elapsed: number;
  /** 0 to 1. */
  readonly random: number;
  readonly online: boolean;
  /** A person sees what this connection brings. */
  readonly isLookedAt: boolean;
}
