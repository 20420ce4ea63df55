/** The server's own runner takes a workflow into its hands, or puts it into its queue. Pure. */
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { mapSteps } from "../../../shared/state/stepPlace.js";
import { lastSeenOf } from "../../../shared/state/stepSpan.js";
import type { LiveRecord } from "../store/record.js";
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
  return {
    ...record,
    fence: token,
    lease: { ...lease, token },
    state: { ...state, driver: { name: lease.driver, since: now } },
  };
}

/** Nobody saw the end of what was interrupted: what is known is when it was last at work. */
export function withLastSeen(state: WorkflowState, now: string): WorkflowState {
  const finished_at = lastSeenOf(state.interruption) ?? now;
  const steps = mapSteps(state.steps, (step) =>
    step.status === "interrupted" && step.finished_at == null ? { ...step, finished_at } : step,
  );
  return { ...state, steps };
}
