/** Marks in a record what webhooks have to be told of. The mark is part of the change itself: no crash comes between them. Pure. */
import { eventTypeBetween, workflowEvent } from "../../shared/state/workflowEvent.js";
import type { EventType } from "../../shared/statuses.js";
import { isLive, type UntoldEvent, type WorkflowRecord } from "./store/record.js";

/** So many wait in one record while the disk does not take their deliveries; the oldest fall out. */
const MOST_UNTOLD = 64;

/** The part of the server that tells others of what happens, as the changes of records need it. */
export interface Telling {
  /** `after`, the record that a change makes of `before`, with what has to be told of it. */
  readonly mark: (before: WorkflowRecord | null, after: WorkflowRecord) => WorkflowRecord;
  /** Resolves once what this record has to tell is kept elsewhere, and the record may go. Null where it is. Rejects where the disk refuses that. */
  readonly untilKept: (record: WorkflowRecord) => Promise<void> | null;
}

/** By what `withUntold` decides. */
export interface Marking {
  /** Whether somebody has to be told of such an event of it. */
  readonly isMeant: (record: WorkflowRecord, type: EventType) => boolean;
  /** Whether all deliveries of this event are kept elsewhere. */
  readonly isKept: (event: UntoldEvent) => boolean;
}

/** `after` with what is to be told of it: what happened now, and what happened before and is not kept yet. */
export function withUntold(
  before: WorkflowRecord | null,
  after: WorkflowRecord,
  { isMeant, isKept }: Marking,
): WorkflowRecord {
  const known = before?.untold ?? [];
  const left = known.filter((event) => !isKept(event));
  const found = newEvent(before, after, isMeant);
  const untold = found ? [...left, found] : left;
  if (untold.length === 0 && known.length === 0) return after;
  // A record never loses the list: a change in the journal says what a member became, and never that it went.
  const isSame = untold.length === known.length && untold === left;
  return { ...after, untold: isSame ? known : untold.slice(-MOST_UNTOLD) };
}

function newEvent(
  before: WorkflowRecord | null,
  after: WorkflowRecord,
  isMeant: Marking["isMeant"],
): UntoldEvent | null {
  if (!isLive(after) || before === after) return null;
  const { epoch, revision } = after;
  const isOfEpoch = isLive(before) && before.epoch === epoch;
  const type = eventTypeBetween(isOfEpoch ? before.state : null, after.state);
  if (type === null || !isMeant(after, type)) return null;
  return { epoch, revision, event: { ...workflowEvent(type, after.state, after) } };
}
