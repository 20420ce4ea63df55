/**
 * Reconnecting, with the network taken out: given where we are and what just happened, where are we now, and what is there to do?
 *
 *   idle -> connecting -> live -> waiting (or offline) -> connecting ...      any -> idle, stopped
 *                 waiting -> polling (WebSockets are blocked, HTTP answers) -> live
 */
import { mayReconnect } from "../../shared/wire/closeCodes.js";
import {
  BLOCKED_WITHIN_MS,
  CONNECT_DEADLINE_MS,
  delayBefore,
  FIRST_RETRY_SOCKET_MS,
  LASTING_MS,
  LONGEST_DELAY_MS,
  LONGEST_LOOKED_AT_MS,
  RETRY_SOCKET_MS,
  SYNC_DEADLINE_MS,
} from "../wire/connectionTimes.js";
import type { Circumstances, ConnectionEvent, Effect } from "./connectionEvents.js";
import type { StopReason } from "./connectionView.js";

/** Remembered from attempt to attempt, until one lasts. */
export interface Trouble {
  readonly attempt: number;
  /** When an attempt last ended before the server said hello, in elapsed time. */
  readonly failedAt: number | null;
  /** Two such ends came close together: if HTTP answers now, it is the WebSocket that is blocked. */
  readonly looksBlocked: boolean;
}

export type ConnectionState =
  | { readonly name: "idle" }
  | { readonly name: "connecting"; readonly greeted: boolean; readonly trouble: Trouble }
  | { readonly name: "live"; readonly since: number; readonly trouble: Trouble }
  | { readonly name: "waiting"; readonly until: number; readonly trouble: Trouble }
  /** The browser says there is no network. It may be wrong (a server on this machine), so we still try now and then. */
  | { readonly name: "offline"; readonly until: number; readonly trouble: Trouble }
  /** `trying`: a WebSocket is being tried beside the polling. */
  | { readonly name: "polling"; readonly trying: "no" | "opening" | "greeted" }
  | { readonly name: "stopped"; readonly why: StopReason };

export type Transition = readonly [next: ConnectionState, ...todo: Effect[]];

const NO_TROUBLE: Trouble = { attempt: 0, failedAt: null, looksBlocked: false };

export function step(
  state: ConnectionState,
  event: ConnectionEvent,
  around: Circumstances,
): Transition {
  if (event.type === "stop") return stopFor("asked");
  if (state.name === "stopped") {
    return event.type === "retry" && state.why !== "asked" ? connect(NO_TROUBLE) : [state];
  }
  if (event.type === "unwanted") return [{ name: "idle" }, { do: "cancelWait" }, { do: "close" }];
  if (event.type === "foreign") return stopFor("version");

  switch (state.name) {
    case "idle":
      return event.type === "start" ? connect(NO_TROUBLE) : [state];
    case "connecting":
      return whileConnecting(state, event, around);
    case "live":
      return whileLive(state, event, around);
    case "waiting":
    case "offline":
      return whileWaiting(state, event, around);
    case "polling":
      return whilePolling(state, event, around);
  }
}

type In<Name extends ConnectionState["name"]> = Extract<ConnectionState, { name: Name }>;
type EventBetween = Exclude<ConnectionEvent, { type: "stop" | "unwanted" | "foreign" }>;

function whileConnecting(
  state: In<"connecting">,
  event: EventBetween,
  around: Circumstances,
): Transition {
  const { greeted, trouble } = state;
  switch (event.type) {
    case "greeted":
      return [
        { ...state, greeted: true },
        { do: "wait", ms: SYNC_DEADLINE_MS },
      ];
    case "synced":
      return [{ name: "live", since: around.elapsed, trouble }, { do: "cancelWait" }];
    case "closed":
      if (!mayReconnect(event.code)) return stopFor("refused");
      return greeted ? retry(trouble, around) : retryUnopened(trouble, around);
    case "broken":
    case "timer":
      return greeted
        ? [...retry(trouble, around), { do: "close" }]
        : closing(retryUnopened(trouble, around));
    case "wake":
      return greeted ? [state, { do: "check" }] : [state];
    case "http":
      if (event.answer === "unauthorized") return stopFor("unauthorized");
      return event.answer === "yes" && trouble.looksBlocked && !greeted
        ? [{ name: "polling", trying: "opening" }]
        : [state];
    case "start":
    case "offline":
    case "retry":
      return [state];
  }
}

function whileLive(state: In<"live">, event: EventBetween, around: Circumstances): Transition {
  const lasted = around.elapsed - state.since >= LASTING_MS;
  const trouble = lasted ? NO_TROUBLE : state.trouble;
  switch (event.type) {
    case "closed":
      if (!mayReconnect(event.code)) return stopFor("refused");
      return retry(trouble, around);
    case "broken":
      return [...retry(trouble, around), { do: "close" }];
    // Losing the network does not prove that this socket is dead: it may lead to this very machine.
    case "wake":
    case "offline":
    case "retry":
      return [state, { do: "check" }];
    case "start":
    case "greeted":
    case "synced":
    case "timer":
    case "http":
      return [state];
  }
}

function whileWaiting(
  state: In<"waiting" | "offline">,
  event: EventBetween,
  around: Circumstances,
): Transition {
  switch (event.type) {
    case "timer":
    case "wake":
    case "retry":
      return connect(state.trouble);
    case "offline":
      return state.name === "offline" ? [state] : pause(state.trouble, LONGEST_DELAY_MS, around);
    case "http":
      if (event.answer === "unauthorized") return stopFor("unauthorized");
      if (event.answer === "no" || !state.trouble.looksBlocked) return [state];
      return [
        { name: "polling", trying: "no" },
        { do: "wait", ms: FIRST_RETRY_SOCKET_MS },
      ];
    case "start":
    case "greeted":
    case "synced":
    case "closed":
    case "broken":
      return [state];
  }
}

function whilePolling(
  state: In<"polling">,
  event: EventBetween,
  around: Circumstances,
): Transition {
  const isTrying = state.trying !== "no";
  switch (event.type) {
    case "timer":
      return isTrying ? giveUpSocket() : trySocket();
    case "wake":
    case "retry":
      return isTrying ? [state] : trySocket();
    case "greeted":
      return [
        { name: "polling", trying: "greeted" },
        { do: "wait", ms: SYNC_DEADLINE_MS },
      ];
    case "synced":
      return [{ name: "live", since: around.elapsed, trouble: NO_TROUBLE }, { do: "cancelWait" }];
    case "closed":
      if (!mayReconnect(event.code)) return stopFor("refused");
      return giveUpSocket();
    case "broken":
      return giveUpSocket();
    case "http": {
      if (event.answer === "unauthorized") return stopFor("unauthorized");
      if (event.answer === "yes" || state.trying === "greeted") return [state];
      // Not the WebSocket but the server is out of reach. One more failed upgrade is enough to poll again.
      const trouble: Trouble = { attempt: 0, failedAt: around.elapsed, looksBlocked: false };
      return [...retry(trouble, around), { do: "close" }];
    }
    case "start":
    case "offline":
      return [state];
  }
}

function connect(trouble: Trouble): Transition {
  const next = { name: "connecting", greeted: false, trouble } as const;
  return [next, { do: "wait", ms: CONNECT_DEADLINE_MS }, { do: "open" }];
}

function trySocket(): Transition {
  const next = { name: "polling", trying: "opening" } as const;
  return [next, { do: "wait", ms: CONNECT_DEADLINE_MS }, { do: "open" }];
}

function giveUpSocket(): Transition {
  return [{ name: "polling", trying: "no" }, { do: "wait", ms: RETRY_SOCKET_MS }, { do: "close" }];
}

function retry(trouble: Trouble, around: Circumstances): Transition {
  const longest = around.isLookedAt ? LONGEST_LOOKED_AT_MS : LONGEST_DELAY_MS;
  const delay = around.online
    ? delayBefore(trouble.attempt, around.random, longest)
    : LONGEST_DELAY_MS;
  return pause({ ...trouble, attempt: trouble.attempt + 1 }, delay, around);
}

/** An attempt that never heard a hello: only HTTP can tell a server that is away from a WebSocket that is blocked. */
function retryUnopened(trouble: Trouble, around: Circumstances): Transition {
  const { failedAt } = trouble;
  const looksBlocked = failedAt !== null && around.elapsed - failedAt <= BLOCKED_WITHIN_MS;
  return [
    ...retry({ ...trouble, failedAt: around.elapsed, looksBlocked }, around),
    { do: "probe" },
  ];
}

/** First, for what is closed takes a question to HTTP with it. */
const closing = ([next, ...todo]: Transition): Transition => [next, { do: "close" }, ...todo];

function pause(trouble: Trouble, ms: number, around: Circumstances): Transition {
  const name = around.online ? "waiting" : "offline";
  return [
    { name, until: around.now + ms, trouble },
    { do: "wait", ms },
  ];
}

function stopFor(why: StopReason): Transition {
  return [{ name: "stopped", why }, { do: "cancelWait" }, { do: "close" }];
}
