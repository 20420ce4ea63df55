/** What a command does not have to be reduced for: it was accepted before, or was meant for another position. Pure. */
import { createHash } from "node:crypto";
import { SyncError } from "../../shared/errors.js";
import type { Command, Proposal } from "../../shared/schema/command.js";
import { isLive, type Receipt } from "./record.js";
import type { Outcome, Place } from "./reduce.js";

/** Whether this very command was accepted before; throws where its id was used for another one. */
export function findRepeated(
  { workflow_id, open, ended }: Place,
  { requestId, command }: Proposal,
): Outcome | null {
  if (requestId === undefined) return null;
  const receipt = (open ?? ended)?.receipts.find(({ id }) => id === requestId);
  if (!receipt) return null;
  if (receipt.print !== fingerprint(command)) {
    throw new SyncError("key_reused", `"${requestId}" was already used for another command`);
  }
  return { workflow_id, epoch: receipt.epoch, revision: receipt.revision, token: receipt.token };
}

/** Compare-and-set, where the proposal asks for it. */
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

/** What is remembered of an accepted command, newest last. */
export function remember(
  receipts: readonly Receipt[],
  proposal: Proposal & { implied?: boolean },
  outcome: Outcome,
  limit: number,
): Receipt[] {
  if (proposal.requestId === undefined) return [...receipts];
  const receipt: Receipt = {
    id: proposal.requestId,
    print: fingerprint(proposal.command),
    epoch: outcome.epoch,
    revision: outcome.revision,
    ...(outcome.token === undefined ? {} : { token: outcome.token }),
    ...(proposal.implied ? { implied: true } : {}),
  };
  return [...receipts, receipt].slice(-limit);
}

const fingerprint = (command: Command): string =>
  createHash("sha256").update(JSON.stringify(command)).digest("base64url").slice(0, 22);
