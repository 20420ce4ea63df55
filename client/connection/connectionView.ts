/** The view of the link to the server that a listener is shown. */
import type { Permission } from "../../shared/wire/serverMessages.js";
import type { StorageReason } from "../../shared/wire/storage.js";

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
  /** Server time minus local time: measured at `hello`, by every heartbeat and pong, and without a socket by the HTTP `Date` header. */
  readonly serverOffsetMs: number;
  /** Local milliseconds of the last sign of life, as it stood when this view was made. */
  readonly lastHeardAt: number | null;
  readonly bootId: string | null;
  /** Why the server cannot save anything now, as far as it said so; null while it can. What is shown is the last that was saved. */
  readonly cannotSave: StorageReason | null;
  /** Whether the present socket, or the last one, is one that other tabs of this browser use, too. */
  readonly isShared: boolean;
}

export const IDLE_VIEW: ConnectionView = {
  phase: "idle",
  retryAt: null,
  why: null,
  problem: null,
  can: [],
  serverOffsetMs: 0,
  lastHeardAt: null,
  bootId: null,
  cannotSave: null,
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
