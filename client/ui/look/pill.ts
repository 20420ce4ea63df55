/** The connection in words: what the pill says, how urgent it looks, and what can be done about it. */
import type { ConnectionView } from "../../index.js";
import { formatClock } from "./time.js";

export type PillTone = "good" | "quiet" | "warning" | "bad";
export type PillShape = "dot" | "ring" | "turn" | "swap" | "cut" | "lock" | "up" | "clock";

export interface Pill {
  readonly tone: PillTone;
  readonly shape: PillShape;
  readonly text: string;
  /** More words where there is room for them. */
  readonly more: string | null;
  readonly offer: Offer | null;
}

export type Offer = "retry" | "reload" | "sign-in";

/** A shorter gap changes no colour: links blink. */
const CALM_MS = 3_000;
export const WORRY_AFTER_MS = 10_000;

/**
 * `now` is local time; `lostForMs` is for how long the page has not been in step, null while it is. `isBehind`: the state is live, but what
 * stands beside it, as the log, is not shown as fast as it comes.
 */
export function pillOf(
  connection: ConnectionView,
  now: number,
  lostForMs: number | null,
  isBehind = false,
): Pill {
  const tone = toneOf(lostForMs);
  const { phase, staleSince } = connection;
  if (staleSince !== null && (phase === "live" || phase === "polling")) {
    const text = `As of ${formatClock(staleSince)}`;
    return { tone: "warning", shape: "clock", text, more: null, offer: null };
  }
  switch (phase) {
    case "live":
      if (isBehind)
        return { tone: "quiet", shape: "turn", text: "Catching up", more: null, offer: null };
      return { tone: "good", shape: "dot", text: "Live", more: null, offer: null };
    case "idle":
    case "connecting":
      return { tone, shape: "ring", text: "Connecting…", more: null, offer: null };
    case "waiting":
      return { tone, shape: "turn", text: waiting(connection, now), more: null, offer: "retry" };
    case "polling":
      return {
        tone: "quiet",
        shape: "swap",
        text: "Polling every 2 s",
        more: "WebSocket blocked",
        offer: "retry",
      };
    case "offline":
      return {
        tone: tone === "good" ? "quiet" : "warning",
        shape: "cut",
        text: "Offline",
        more: null,
        offer: "retry",
      };
    case "stopped":
      return stopped(connection);
  }
}

/** Text and shape change at once. */
function toneOf(lostForMs: number | null): PillTone {
  if (lostForMs === null) return "quiet";
  if (lostForMs < CALM_MS) return "good";
  return lostForMs < WORRY_AFTER_MS ? "quiet" : "warning";
}

function waiting({ retryAt }: ConnectionView, now: number): string {
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1_000);
  return seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting…";
}

function stopped({ why }: ConnectionView): Pill {
  const bad = { tone: "bad", shape: "cut", more: null } as const;
  switch (why) {
    case "unauthorized":
      return {
        ...bad,
        shape: "lock",
        text: "Signed out",
        more: null,
        offer: "sign-in",
      };
    case "version":
      return { ...bad, shape: "up", text: "New version", more: null, offer: "reload" };
    case "refused":
      return { ...bad, text: "Refused by the server", offer: "retry" };
    case "asked":
    case null:
      return { ...bad, text: "Closed", offer: "reload" };
  }
}
