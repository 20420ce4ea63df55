/** The server's own runner takes a workflow into its hands, or puts it into its queue: at its start, or after an interruption. Pure. */
import { SyncError } from "../../../shared/errors.js";
import type { CommandOf } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { mapSteps } from "../../../shared/state/stepPlace.js";
import { lastSeenOf } from "../../../shared/state/stepSpan.js";
import type { LiveRecord } from "../store/record.js";
import { drivenBy } from "./leasing.js";
import { withDone } from "./markedDone.js";
import { withEnd } from "./settle.js";
import type { Prepared } from "./submission.js";

/** Under the runner's lease; without one the workflow waits for its turn. */
export function underLease(
  record: LiveRecord,
  { lease, behind }: Pick<Prepared, "lease" | "behind">,
  now: string,
): LiveRecord {
  const { queued: _waited, driver: _before, ...rest } = record.state;
  const state = rest as WorkflowState;
  if (lease === null) {
    return { ...record, lease: null, state: { ...state, queued: { since: now, ...behind } } };
  }
  const token = record.fence + 1;
  const { driver, node } = lease;
  const where = node === undefined ? {} : { node };
  return {
    ...record,
    fence: token,
    lease: { ...lease, token },
    state: { ...state, ...where, driver: { name: driver, since: now } },
  };
}

/** The interrupted workflow under the runner's lease, or waiting for its turn, with the named step marked as done. Throws SyncError where it cannot go on here. */
export function resumed(
  record: LiveRecord,
  { done, by }: CommandOf<"resume">,
  prepared: Prepared | undefined,
  now: string,
): LiveRecord {
  const { status } = record.state;
  if (status === "blocked") {
    throw new SyncError("bad_message", "answer: is required, the workflow waits for one", {
      errors: [{ path: "answer", message: "is required" }],
    });
  }
  if (record.lease) {
    throw drivenBy(record.lease.driver);
  }
  if (status !== "interrupted") {
    throw new SyncError("not_waiting", `it is ${status}; only an interrupted workflow is resumed`);
  }
  if (!prepared || record.run === undefined) {
    throw new SyncError(
      "not_resumable",
      "it was not started from a definition here; its own driver can claim it and go on",
    );
  }
  const known = withLastSeen(record.state, now);
  const steps = done === undefined ? known.steps : withDone(known, done, { by, now });
  // A resume takes back an earlier request to stop.
  const { stop_requested: _asked, stopped_by: _asker, ...rest } = record.state;
  const before = rest as WorkflowState;
  const state = withEnd({ ...before, status: "running", steps, last_update: now });
  return underLease({ ...record, state }, prepared.turnNow?.() ?? prepared, now);
}

/** Each interrupted step has the time it was last at work as its end: nobody saw the real one. */
export function withLastSeen(state: WorkflowState, now: string): WorkflowState {
  const finished_at = lastSeenOf(state.interruption) ?? now;
  const steps = mapSteps(state.steps, (step) =>
    step.status === "interrupted" && step.finished_at == null ? { ...step, finished_at } : step,
  );
  return { ...state, steps };
}
