/** The view of one subject that a listener is shown. */

import type { Position } from "../../shared/schema/position.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import type { ClosedReason, ListState } from "../../shared/wire/serverMessages.js";

/**
 * `loading`: nothing to show yet. `unavailable`: nothing to show, and waiting alone does not help: `problem` says why. `live`: confirmed on
 * the present connection (or by the last poll). `stale`: shown, but not confirmed now: there is no
 * connection, or the server itself cannot follow its store (`staleSince`). `closed`: the end, see `closed`; the last state stays.
 */
export type ViewPhase = "loading" | "unavailable" | "live" | "stale" | "closed";

/** Never changed in place: a new view is a new object, and what did not change inside it is the same object as before. */
export interface View {
  readonly subject: string;
  /** For "current": whom it follows. */
  readonly workflow_id: string | null;
  readonly phase: ViewPhase;
  readonly position: Position | null;
  /** Null for "*", see `list`. */
  readonly state: WorkflowState | null;
  /** Only for "*". */
  readonly list: ListState | null;
  readonly closed: ClosedReason | null;
  /** Why nothing new comes, as one sentence, where waiting alone does not help: that of `connection.problem`. Null while it is live, or closed. */
  readonly problem: string | null;
  /**
   * Server time (ms) since when the server, one of a cluster, cannot follow its store: the connection is well, and what it told is as of then, also
   * that there is no such workflow. Null while it follows, and while nothing was confirmed on this connection.
   */
  readonly staleSince: number | null;
  /**
   * Server time (ms) up to which this view is known to be current; null before the first answer. Exact once the view is
   * stale; a live view is current anyway, and its figure may lag behind rather than cause a new view for each heartbeat.
   */
  readonly asOf: number | null;
}

/** The same view but for `asOf` is not worth telling anyone. */
export function looksTheSame(one: View, other: View): boolean {
  return (
    one.phase === other.phase &&
    one.workflow_id === other.workflow_id &&
    one.state === other.state &&
    one.list === other.list &&
    one.closed === other.closed &&
    one.problem === other.problem &&
    one.staleSince === other.staleSince &&
    one.position?.epoch === other.position?.epoch &&
    one.position?.revision === other.position?.revision
  );
}
