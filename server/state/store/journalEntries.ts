/** The entries of the journal: each is a change of one record, or states one whole. */
import { isWholeDocument } from "../../../shared/json/diff.js";
import { apply, type PatchOperation } from "../../../shared/json/patch.js";
import { addedReceipts, withReceipts } from "./receipts.js";
import { isLive, type Receipt, type WorkflowRecord } from "./record.js";
import { patchText, statePatch } from "./statePatch.js";

/** The members of a record that neither name it nor grow with each command. */
const OTHER_MEMBERS = [
  "order",
  "fence",
  "lease",
  "clear_at",
  "run",
  "output_epoch",
  "untold",
] as const satisfies readonly (keyof WorkflowRecord)[];
type OtherMembers = Partial<Pick<WorkflowRecord, (typeof OTHER_MEMBERS)[number]>>;

/** A record of the epoch `epoch` at `base` becomes the one at `revision`. */
export interface ChangeEntry {
  readonly kind: "change";
  readonly workflow_id: string;
  readonly epoch: string;
  readonly base: number;
  readonly revision: number;
  readonly patch: readonly PatchOperation[];
  /** The new receipts, and how many there are with them: the oldest were dropped. */
  readonly receipts: readonly Receipt[];
  readonly kept: number;
  readonly set: OtherMembers;
}

export type JournalEntry =
  | ChangeEntry
  /** In view, or the trace of one that was. */
  | { readonly kind: "put"; readonly record: WorkflowRecord }
  /** Moved from view to the history. */
  | { readonly kind: "archive"; readonly workflow_id: string; readonly epoch: string }
  /** In the history. */
  | { readonly kind: "past"; readonly record: WorkflowRecord }
  /** Gone from view for good. */
  | { readonly kind: "remove"; readonly workflow_id: string; readonly epoch: string }
  /** Gone from the history. */
  | { readonly kind: "forget"; readonly workflow_id: string; readonly epoch: string };

/** The entry that makes `next` of `base`, at no greater length than `next` has. */
export function entryOf(next: WorkflowRecord, base: WorkflowRecord | null): JournalEntry {
  return changeBetween(base, next) ?? { kind: "put", record: next };
}

function changeBetween(before: WorkflowRecord | null, after: WorkflowRecord): ChangeEntry | null {
  if (!isLive(before) || !isLive(after) || before.epoch !== after.epoch) return null;
  if (after.revision <= before.revision) return null;
  const set = changedMembers(before, after);
  const patch = set && statePatch(before.state, after.state);
  if (!patch) return null;
  const receipts = addedReceipts(before.receipts, after.receipts);
  if (isWholeDocument(patch)) return null;
  const { workflow_id, epoch, revision } = after;
  const kept = after.receipts.length;
  return {
    kind: "change",
    workflow_id,
    epoch,
    base: before.revision,
    revision,
    patch,
    receipts,
    kept,
    set,
  };
}

/** Null where one was taken away, as a member that is missing cannot be told. */
function changedMembers(before: WorkflowRecord, after: WorkflowRecord): OtherMembers | null {
  const set: Record<string, unknown> = {};
  for (const member of OTHER_MEMBERS) {
    if (before[member] === after[member]) continue;
    if (after[member] === undefined) return null;
    set[member] = after[member];
  }
  return set;
}

/** Whether the record has this change in it already. */
export const hasChange = (record: WorkflowRecord, { epoch, revision }: ChangeEntry): boolean =>
  record.epoch === epoch && record.revision >= revision;

/** The record with the change; null where the change was made from another one. */
export function withChange(
  record: WorkflowRecord | undefined,
  { epoch, base, revision, patch, receipts, kept, set }: ChangeEntry,
): WorkflowRecord | null {
  if (!isLive(record) || record.epoch !== epoch || record.revision !== base) return null;
  return {
    ...record,
    ...set,
    revision,
    state: apply(record.state, patch),
    receipts: withReceipts(record.receipts, receipts, kept),
  };
}

const KINDS: ReadonlySet<unknown> = new Set<JournalEntry["kind"]>([
  "change",
  "put",
  "archive",
  "past",
  "remove",
  "forget",
]);

/** Null for one of a later version. What a kind has is as `encodeEntry` wrote it: the line's checksum proves that. */
export const parseEntry = (content: Readonly<Record<string, unknown>>): JournalEntry | null =>
  KINDS.has(content.kind) ? (content as unknown as JournalEntry) : null;

/** As JSON: the text of a patch is made once for the journal and for the watchers. */
export function encodeEntry(entry: JournalEntry): string {
  if (entry.kind !== "change") return JSON.stringify(entry);
  const { patch, ...rest } = entry;
  return `${JSON.stringify(rest).slice(0, -1)},"patch":${patchText(patch)}}`;
}
