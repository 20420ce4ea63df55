/** Which rows the list shows, newest first, and which new ones wait so that nothing moves under the pointer. */
import type { ListState, Summary } from "../../index.js";
import { type Filter, fits } from "./filters.js";

export interface Arranged {
  readonly rows: readonly Summary[];
  /** How many new ones wait. */
  readonly waiting: number;
}

/** `held`: the epochs on show when the pointer came over the list; they stay, even where they fit no more. */
export function arrange(
  list: ListState,
  filter: Filter,
  held: ReadonlySet<string> | null,
): Arranged {
  const all = Object.values(list.workflows);
  const fitting = all.filter((summary) => fits(summary, filter));
  if (held === null) return { rows: fitting.sort(newestFirst), waiting: 0 };
  const rows = all.filter(({ epoch }) => held.has(epoch));
  const waiting = fitting.filter(({ epoch }) => !held.has(epoch)).length;
  return { rows: rows.sort(newestFirst), waiting };
}

/** By start and then by epoch: an order that no update changes. */
function newestFirst(one: Summary, other: Summary): number {
  if (one.start_time !== other.start_time) return one.start_time < other.start_time ? 1 : -1;
  return one.epoch < other.epoch ? 1 : -1;
}
