/** Refuses a clear although the workflow is there: it could mean another one, or would end what runs in the server. Pure. */
import { SyncError } from "../../../shared/errors.js";
import { isEnded } from "../../../shared/statuses.js";
import type { LiveRecord } from "../store/record.js";

/** At most this many workflows are named in a refusal. */
const MOST_NAMED = 10;

/** Throws SyncError `running_here` while the server's own runner has the workflow in its hands or in its queue. */
export function checkNotRunningHere({ workflow_id, state, lease, run }: LiveRecord): void {
  if (run === undefined || isEnded(state.status)) return;
  const isBeingEnded = state.interruption?.processes === "ending";
  if (lease?.boot_id === undefined && !state.queued && !isBeingEnded) return;
  throw new SyncError(
    "running_here",
    `"${workflow_id}" runs in the server: cancel it first (POST /workflow/stop?workflow_id=${workflow_id}), and clear it once it is cancelled`,
  );
}

/** Throws SyncError `ambiguous`, naming them, where a clear without an id could mean one of `others` as well. */
export function checkOnlyOneMeant(workflow_id: string, others: readonly string[]): void {
  if (others.length === 0) return;
  const all = [workflow_id, ...others];
  const named = all.slice(0, MOST_NAMED).map((id) => `"${id}"`);
  const more = all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : "";
  const message = `say which one is to be cleared (?workflow_id=…), it could be ${named.join(", ")}${more}`;
  throw new SyncError("ambiguous", message, { errors: [{ path: "workflow_id", message }] });
}
