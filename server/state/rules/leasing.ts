/** The lease of a driver from outside: given, given back, and asked of everybody who reports. Pure. */
import { SyncError } from "../../../shared/errors.js";
import type { Proposal } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { isEnded } from "../../../shared/statuses.js";
import { isLive, type LiveRecord } from "../store/record.js";
import { advanced, unchanged } from "./advance.js";
import { type Records, type ReduceContext, type Reduced, timeOf } from "./outcome.js";

/** Throws SyncError `stale_driver`: while a lease is held only its holder reports, and the token of one that has ended counts for nothing. */
export function checkToken(
  { open }: Pick<Records, "open">,
  { token }: Pick<Proposal, "token">,
): void {
  const lease = open?.lease;
  if (lease && token !== lease.token) throw drivenBy(lease.driver);
  if (!lease && token !== undefined && isLive(open) && !isEnded(open.state.status)) {
    throw new SyncError("stale_driver", "this driver's lease has ended; claim the workflow again");
  }
}

/** The workflow under a new lease; the same where the claim comes with the token of the lease there is. */
export function claimed(
  record: LiveRecord,
  driver: string,
  proposal: Proposal,
  context: ReduceContext,
): Reduced {
  const { lease } = record;
  if (lease && lease.token === proposal.token) return unchanged(record, lease.token);
  if (lease) throw drivenBy(lease.driver);
  const token = record.fence + 1;
  const state = { ...record.state, driver: { name: driver, since: timeOf(context) } };
  const held: LiveRecord = { ...record, fence: token, lease: { token, driver } };
  return advanced(held, state, proposal, context, { token });
}

/** The workflow without its lease; the same where it has none. */
export function released(record: LiveRecord, proposal: Proposal, context: ReduceContext): Reduced {
  if (!record.lease) return unchanged(record);
  const { driver: _released, ...state } = record.state;
  return advanced({ ...record, lease: null }, state as WorkflowState, proposal, context);
}

/** The refusal of a report while another driver holds the lease. */
export const drivenBy = (driver: string): SyncError =>
  new SyncError("stale_driver", `"${driver}" drives this workflow now`);
