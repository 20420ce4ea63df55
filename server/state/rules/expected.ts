/** Compare-and-set: a command may say which position it was made for. Pure. */
import { SyncError } from "../../../shared/errors.js";
import type { Proposal } from "../../../shared/schema/command.js";
import { isLive } from "../store/record.js";
import type { Place } from "./outcome.js";

/** Throws SyncError `position_moved`, with the position that is, where the proposal was made for another one. */
export function checkExpected({ open, ended }: Place, { expected }: Proposal): void {
  if (expected === undefined) return;
  const found = isLive(open) ? open : ended;
  const at = found && { epoch: found.epoch, revision: found.revision };
  if (at && expected === "any") return;
  if (!at && expected === "none") return;
  if (at && expected !== "any" && expected !== "none") {
    const sameLife = expected.epoch === undefined || expected.epoch === at.epoch;
    if (sameLife && expected.revision === at.revision) return;
  }
  throw new SyncError("position_moved", whyMoved(at !== null, expected), { at });
}

function whyMoved(isThere: boolean, expected: Proposal["expected"]): string {
  if (!isThere) return "there is no such workflow";
  return expected === "none" ? "there is such a workflow already" : "the state has moved on";
}
