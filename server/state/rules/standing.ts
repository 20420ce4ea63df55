/** Refuses a command whose workflow is not as the command needs it: damaged, ended, or moved on meanwhile. Pure. */
import { SyncError } from "../../../shared/errors.js";
import type { Proposal } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { isEnded } from "../../../shared/statuses.js";
import { isLive, type LiveRecord } from "../store/record.js";
import type { Records } from "./outcome.js";

/** Throws SyncError `damaged` where the record cannot be read: then it can only be restored or cleared. */
export function checkReadable({ workflow_id, open, damaged }: Records): void {
  if (!damaged || isLive(open)) return;
  throw new SyncError(
    "damaged",
    `the record of "${workflow_id}" is damaged, and was set aside; restore the version before it, or clear it to use its id again`,
  );
}

/** Throws SyncError `position_moved`, with the position that is, where the proposal was made for another one. */
export function checkExpected({ open, ended }: Records, { expected }: Proposal): void {
  if (expected === undefined) return;
  const found = isLive(open) ? open : ended;
  const at = found && { epoch: found.epoch, revision: found.revision };
  if (at && expected === "any") return;
  if (!at && expected === "none") return;
  if (at && expected !== "any" && expected !== "none") {
    const isSameEpoch = expected.epoch === undefined || expected.epoch === at.epoch;
    if (isSameEpoch && expected.revision === at.revision) return;
  }
  throw new SyncError("position_moved", whyMoved(at !== null, expected), { at });
}

function whyMoved(isThere: boolean, expected: Proposal["expected"]): string {
  if (!isThere) return "there is no such workflow";
  return expected === "none" ? "there is such a workflow already" : "the state has moved on";
}

/** The open record, also of a workflow that has ended and is still in view. Throws SyncError where there is none. */
export function requireOpen({ open, ended }: Records): LiveRecord {
  if (isLive(open)) return open;
  if (ended?.state) throw hasEnded(ended.state);
  throw new SyncError("unknown_workflow", "there is no such workflow");
}

/** The open record of a workflow that has not ended. Throws SyncError where there is none. */
export function requireRunning(records: Records): LiveRecord {
  const record = requireOpen(records);
  if (isEnded(record.state.status)) throw hasEnded(record.state);
  return record;
}

/** The refusal of a command for a workflow that is over. */
export const hasEnded = ({ status }: WorkflowState): SyncError =>
  new SyncError("already_ended", `this workflow has ended (${status}); start a new one`);
