/** The view of the link to the server that a listener is shown. */
import type { Permission, ServerMessage } from "../../shared/wire/serverMessages.js";
import { asStorageReason, type StorageReason } from "../../shared/wire/storage.js";

export type ConnectionPhase =
  | "idle"
  | "connecting"
  | "live"
  | "waiting"
  | "polling"
  | "offline"
  | "stopped";

/** Why a connection stopped for good: nothing but `retryNow()` opens it again, and nothing does after "asked". */
export type StopReason = "asked" | "refused" | "unauthorized" | "version";

/** Never changed in place: a new view is a new object. */
export interface ConnectionView {
  readonly phase: ConnectionPhase;
  /** When the next attempt starts, in local milliseconds; only while waiting or offline. */
  readonly retryAt: number | null;
  /** Only while stopped: "asked", "refused", "unauthorized" or "version" (this page is older or newer than the server). */
  readonly why: StopReason | null;
  /**
   * Why nothing comes, as one sentence with the address: no Instep has ever answered there, or the connection has stopped. Null while
   * waiting may help, as for a server that was there. Where none ever answered, the client goes on trying.
   */
  readonly problem: string | null;
  readonly can: readonly Permission[];
  /** This client's name to the server: that of its token or of the host's user; null where the server knows none. */
  readonly user: string | null;
  /** Server time minus local time: measured at `hello`, by every heartbeat and pong, and without a socket by the HTTP `Date` header. */
  readonly serverOffsetMs: number;
  /** Local milliseconds of the last sign of life, as it stood when this view was made. */
  readonly lastHeardAt: number | null;
  readonly bootId: string | null;
  /** Why the server cannot save anything now, as far as it said so; null while it can. What is shown is the last that was saved. */
  readonly cannotSave: StorageReason | null;
  /**
   * Server time (ms) since when the server, one of a cluster, cannot follow the store, as far as it said so: what it tells is as of then, and it refuses
   * commands (`unavailable`). Null while it follows.
   */
  readonly staleSince: number | null;
  /** The name of the server in its cluster; null where it is alone, or never said hello. */
  readonly node: string | null;
  /** Whether the present socket, or the last one, is one that other tabs of this browser use, too. */
  readonly isShared: boolean;
}

/** The part that each answer of the server tells, whatever it is about. */
export type Condition = Pick<ConnectionView, "cannotSave" | "staleSince" | "node">;

export type Hello = Extract<ServerMessage, { type: "hello" }>;

/** The view that a hello gives of a server: all is well with it until a frame says otherwise. */
export const greeting = (hello: Hello): Partial<ConnectionView> => ({
  can: hello.can,
  user: hello.user ?? null,
  bootId: hello.boot_id,
  cannotSave: null,
  staleSince: null,
  node: hello.node ?? null,
});

/** The part of it that a frame tells; null for a frame that is about something else. */
export function conditionIn(frame: ServerMessage): Partial<Condition> | null {
  switch (frame.type) {
    case "storage":
      return { cannotSave: frame.status === "failing" ? asStorageReason(frame.reason) : null };
    case "stale":
      return { staleSince: frame.since === null ? null : Date.parse(frame.since) };
    default:
      return null;
  }
}

export const IDLE_VIEW: ConnectionView = {
  phase: "idle",
  retryAt: null,
  why: null,
  problem: null,
  can: [],
  user: null,
  serverOffsetMs: 0,
  lastHeardAt: null,
  bootId: null,
  cannotSave: null,
  staleSince: null,
  node: null,
  isShared: false,
};

/** The view with `part` in it, or the same object where that changes nothing. */
export function withPart(view: ConnectionView, part: Partial<ConnectionView>): ConnectionView {
  const keys = Object.keys(part) as (keyof ConnectionView)[];
  return keys.every((key) => isSame(part[key], view[key])) ? view : { ...view, ...part };
}

/** Permissions are a short list; everything else in a view is a plain value. */
const isSame = (one: unknown, other: unknown): boolean =>
  Array.isArray(one) && Array.isArray(other) ? one.join() === other.join() : one === other;
