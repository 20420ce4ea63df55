/** Decides which rows the list shows, in which order, and which new ones wait so that nothing moves under the pointer. */
import {
  comparePlaces,
  fitting,
  type ListFilter,
  type ListOrder,
  placing,
  type Summary,
} from "../../index.js";

export interface Row {
  readonly summary: Summary;
  /** It was cleared while it was held: it keeps its place, as what it was. */
  readonly isGone: boolean;
}

export interface Arranged {
  readonly rows: readonly Row[];
  /** How many new ones wait. */
  readonly waiting: number;
}

export interface Asked {
  readonly filter: ListFilter;
  readonly order: ListOrder;
  /** Server time (ms), for how long what goes on has been taking. */
  readonly now: number;
  /** Rows behind this one are not known yet. */
  readonly knownUpTo?: Summary | null;
  /** By epoch, those that were asked for: behind what is held they move nothing. */
  readonly older?: Readonly<Record<string, Summary>>;
}

/** `held`: what was on show when the pointer came over the list; it stays where it is, also where it fits no more. */
export function arrange(
  workflows: Readonly<Record<string, Summary>>,
  { filter, order, now, knownUpTo = null, older = {} }: Asked,
  held: readonly Summary[] | null,
): Arranged {
  const place = placing(order, now);
  const end = knownUpTo && place(knownUpTo);
  const found = Object.values(workflows)
    .filter(fitting(filter))
    .map((summary) => ({ summary, place: place(summary), isGone: false }))
    .filter((row) => end === null || comparePlaces(order, row.place, end) <= 0)
    .sort((one, other) => comparePlaces(order, one.place, other.place));
  if (!held) return { rows: found, waiting: 0 };
  const known = new Set(held.map(({ epoch }) => epoch));
  const rows = held.map((was): Row => {
    const summary = Object.hasOwn(workflows, was.epoch) ? workflows[was.epoch] : undefined;
    return summary ? { summary, isGone: false } : { summary: was, isGone: true };
  });
  const last = held.at(-1);
  const isBehind = (row: (typeof found)[number]) =>
    last !== undefined &&
    Object.hasOwn(older, row.summary.epoch) &&
    comparePlaces(order, row.place, place(last)) > 0;
  const fresh = found.filter(({ summary }) => !known.has(summary.epoch));
  const behind = fresh.filter(isBehind);
  return { rows: [...rows, ...behind], waiting: fresh.length - behind.length };
}
