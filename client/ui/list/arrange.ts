/** Which rows the list shows, in which order, and which new ones wait so that nothing moves under the pointer. */
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
  /** What stands behind this one is not known yet. */
  readonly knownUpTo?: Summary | null;
}

/** `held`: what was on show when the pointer came over the list; it stays where it is, also where it fits no more. */
export function arrange(
  workflows: Readonly<Record<string, Summary>>,
  { filter, order, now, knownUpTo = null }: Asked,
  held: readonly Summary[] | null,
): Arranged {
  const found = Object.values(workflows).filter(fitting(filter));
  if (held) {
    const known = new Set(held.map(({ epoch }) => epoch));
    const rows = held.map((was): Row => {
      const summary = Object.hasOwn(workflows, was.epoch) ? workflows[was.epoch] : undefined;
      return summary ? { summary, isGone: false } : { summary: was, isGone: true };
    });
    return { rows, waiting: found.filter(({ epoch }) => !known.has(epoch)).length };
  }
  const place = placing(order, now);
  const end = knownUpTo && place(knownUpTo);
  const rows = found
    .map((summary) => ({ summary, place: place(summary), isGone: false }))
    .filter((row) => end === null || comparePlaces(order, row.place, end) <= 0)
    .sort((one, other) => comparePlaces(order, one.place, other.place));
  return { rows, waiting: 0 };
}
