/** The version before a damaged record becomes a record again. It has another epoch, so that nobody takes the older state for a newer one. Pure. */
import { SyncError } from "../../../shared/errors.js";
import type { Proposal } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { isEnded } from "../../../shared/statuses.js";
import { isLive, type LiveRecord } from "../store/record.js";
import { type Records, type ReduceContext, type Reduced, timeOf } from "./outcome.js";
import { remember } from "./receipts.js";
import { settleInterruption, withEnd } from "./settle.js";
import { checkExpected } from "./standing.js";

/** More tokens than can have been given out since the version was kept: the fence is moved past all of them. */
const TOKENS_LEFT_OUT = 1_000_000;

/** Throws SyncError where nothing is damaged, or no version before is there. */
export function restored(
  records: Records,
  proposal: Proposal,
  { now, clearAfterMs, epoch: newEpoch, receiptsPerWorkflow }: ReduceContext,
): Reduced {
  const { workflow_id, backup } = records;
  checkExpected({ ...records, ended: null }, proposal);
  if (!records.damaged || isLive(records.open))
    throw new SyncError("unknown_workflow", `no record of "${workflow_id}" is damaged`);
  if (!backup) {
    throw new SyncError(
      "damaged",
      `no valid version before the damaged record of "${workflow_id}" is there; it can only be cleared`,
    );
  }
  const outcome = { workflow_id, epoch: newEpoch, revision: 1 };
  const record: LiveRecord = {
    ...renewed(backup, { now, epoch: newEpoch }),
    receipts: remember(backup.receipts, proposal, outcome, receiptsPerWorkflow),
    clear_at: isEnded(backup.state.status) ? now + clearAfterMs : null,
  };
  return { record, outcome };
}

/** A record out of a copy, which may be behind what was told of it: it begins a new epoch, and nobody is at work on it. Its output stays where it is. */
export function renewed(
  record: LiveRecord,
  { now, epoch }: { readonly now: number; readonly epoch: string },
): LiveRecord {
  return {
    ...record,
    epoch,
    revision: 1,
    state: stateOf(record.state, timeOf({ now })),
    fence: Math.max(record.fence + TOKENS_LEFT_OUT, now),
    lease: null,
    output_epoch: record.output_epoch ?? record.epoch,
  };
}

function stateOf(kept: WorkflowState, now: string): WorkflowState {
  const saved_at = kept.last_update;
  const state = { ...kept, recovered_from_backup: { at: now, saved_at } };
  if (isEnded(kept.status)) return state;
  // A request to stop was made to the run before, which is over.
  const { stop_requested: _asked, stopped_by: _asker, interruption: before, ...open } = state;
  const settled = settleInterruption("restored", open as WorkflowState, now);
  return withEnd({
    ...settled,
    interruption: {
      ...settled.interruption!,
      ...(before ? { step: before.step, since: before.since, last_seen: before.last_seen } : {}),
      note: `It may have gone further than this: what came after ${saved_at} is lost.`,
    },
  });
}
