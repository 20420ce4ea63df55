/** Sorts workflows that share a group into those that hold it and those that wait, and says whether another may run. Pure. */
import type { Concurrency } from "../../../shared/schema/workflow.js";
import { isEnded } from "../../../shared/statuses.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../../state/store/record.js";

export interface Group {
  /** In the order of their starts. Whoever is not over holds it: also while it asks, and while it is interrupted. */
  readonly holders: LiveRecord[];
  /** In the same order. */
  readonly waiting: LiveRecord[];
}

/** Somebody in a group of whom there is no record, or none any more. */
export type Claim = Pick<Concurrency, "group" | "limit">;

/** The groups that the open workflows among these share, by their names. `isWaiting`: it waits for its turn; not any more once it is being taken. */
export function groupsAmong(
  records: Iterable<WorkflowRecord>,
  isWaiting: (record: LiveRecord) => boolean,
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const record of records) {
    if (!isLive(record) || isEnded(record.state.status)) continue;
    const { group } = record.state.concurrency ?? {};
    if (group === undefined) continue;
    const found = groups.get(group) ?? { holders: [], waiting: [] };
    groups.set(group, found);
    (isWaiting(record) ? found.waiting : found.holders).push(record);
  }
  const inOrder = (one: LiveRecord, other: LiveRecord) => one.order - other.order;
  for (const { holders, waiting } of groups.values()) {
    holders.sort(inOrder);
    waiting.sort(inOrder);
  }
  return groups;
}

/** As many as each of those allows that would run then. `others` are in it beside the holders. */
export function hasRoom(
  { limit }: Pick<Concurrency, "limit">,
  holders: readonly LiveRecord[],
  others: readonly Claim[] = [],
): boolean {
  const limits = [
    ...holders.map(({ state }) => state.concurrency?.limit ?? 1),
    ...others.map((one) => one.limit),
    limit,
  ];
  return limits.length <= Math.min(...limits);
}

/** Those that the newest that waits wants to be cancelled, where it does: older ones that wait, and of the holders the oldest until there is room. */
export function replacedIn({ holders, waiting }: Group): { by: string; replaced: LiveRecord[] } {
  const newest = waiting.findLast(({ state }) => state.concurrency?.when_busy === "cancel_running");
  if (!newest || newest.state.stop_requested) return { by: "", replaced: [] };
  const older = ({ order }: LiveRecord) => order < newest.order;
  const staying = [...holders];
  const leaving: LiveRecord[] = [];
  while (staying[0] && older(staying[0]) && !hasRoom(newest.state.concurrency!, staying))
    leaving.push(staying.shift()!);
  return { by: newest.workflow_id, replaced: [...waiting.filter(older), ...leaving] };
}
