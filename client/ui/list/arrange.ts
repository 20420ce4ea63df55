/** Which rows the list shows, newest first, and which new ones wait so that nothing moves under the pointer. */
import type { ListState, Summary } from "../../index.js";

export interface Arranged {
  readonly rows: readonly Summary[];
  /** How many new ones wait. */
  readonly waiting: number;
}

/** `held`: the epochs that were on show when the pointer came over the list; null while it is elsewhere. */
export function arrange(list: ListState, held: ReadonlySet<string> | null): Arranged {
  const all = Object.values(list.workflows).sort(newestFirst);
  if (held === null) return { rows: all, waiting: 0 };
  const rows = all.filter(({ epoch }) => held.has(epoch));
  return { rows, waiting: all.length - rows.length };
}

/** By start and then by epoch: an order that no update changes. */
function newestFirst(one: Summary, other: Summary): number {
  if (one.start_time !== other.start_time) return one.start_time < other.start_time ? 1 : -1;
  return one.epoch < other.epoch ? 1 : -1;
}
