/** The receipts of accepted commands: the same request id again gives the same outcome, and nothing is done twice. Pure. */
import * as crypto from "node:crypto";
import { SyncError } from "../../../shared/errors.js";
import type { Command, Proposal } from "../../../shared/schema/command.js";
import type { Receipt } from "../store/record.js";
import type { Outcome, Records } from "./outcome.js";

/** The outcome that this very command had, where it was accepted before. Throws SyncError `key_reused` where its id was used for another command. */
export function findRepeated(
  { workflow_id, open, ended }: Records,
  { requestId, command }: Proposal,
): Outcome | null {
  if (requestId === undefined) return null;
  const receipt = receiptIn((open ?? ended)?.receipts ?? [], requestId);
  if (!receipt) return null;
  if (receipt.print !== fingerprint(command)) {
    throw new SyncError("key_reused", `"${requestId}" was already used for another command`);
  }
  return { workflow_id, epoch: receipt.epoch, revision: receipt.revision, token: receipt.token };
}

/** Longer than a sender waits, over every server of a cluster, before it asks again. */
const KEPT_MS = 60_000;
/** So many are kept for their age: more would make each write of the record large. */
const MOST_BY_AGE = 1_000;

/**
 * The receipts with one more for an accepted command, the newest last: `limit` of them. `now` is given in a cluster, where a command whose outcome is unknown
 * for a while may come again through another server: there those of the last minute stay, too.
 */
export function remember(
  receipts: Receipt[],
  proposal: Proposal & { implied?: boolean },
  outcome: Outcome,
  limit: number,
  now?: number,
): Receipt[] {
  if (proposal.requestId === undefined) return receipts;
  const receipt: Receipt = {
    id: proposal.requestId,
    print: fingerprint(proposal.command),
    epoch: outcome.epoch,
    revision: outcome.revision,
    ...(outcome.token === undefined ? {} : { token: outcome.token }),
    ...(proposal.implied ? { implied: true } : {}),
    ...(now === undefined ? {} : { at: now }),
  };
  const kept = receipts.slice(firstKept(receipts, limit, now));
  kept.push(receipt);
  return kept;
}

/** One more is to come. */
function firstKept(receipts: readonly Receipt[], limit: number, now: number | undefined): number {
  const first = Math.max(0, receipts.length + 1 - limit);
  if (now === undefined) return first;
  const young = receipts.findIndex(({ at }) => at !== undefined && at > now - KEPT_MS);
  const oldest = Math.max(0, receipts.length + 1 - MOST_BY_AGE);
  return young === -1 ? first : Math.min(first, Math.max(young, oldest));
}

/** A repetition comes soon after, so the newest are looked at first. */
function receiptIn(receipts: readonly Receipt[], requestId: string): Receipt | undefined {
  for (let at = receipts.length - 1; at >= 0; at--)
    if (receipts[at]!.id === requestId) return receipts[at];
  return undefined;
}

const fingerprint = (command: Command): string => sha256(printed(command)).slice(0, 22);

/** In one call where this version of Node has it (from 20.12 on): that takes a third of the time. */
const sha256: (text: string) => string =
  "hash" in crypto
    ? (text) => crypto.hash("sha256", text, "base64url")
    : (text) => crypto.createHash("sha256").update(text).digest("base64url");

/** Receipts outlive the version that wrote them, so an answer keeps the print of its former form: a `resume` with these keys in this order. */
function printed(command: Command): string {
  if (command.kind !== "answer") return JSON.stringify(command);
  const { workflow_id, answer, question, by } = command;
  return JSON.stringify({ kind: "resume", workflow_id, answer, question, by });
}
