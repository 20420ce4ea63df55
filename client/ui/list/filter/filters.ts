/** From the address to what the list is asked for, and how many there are in each status. Pure. */
import {
  fitting,
  type ListFilter,
  type ListOrder,
  NEWEST_FIRST,
  orderOf,
  STATUS_ORDER,
  type Summary,
} from "../../../index.js";
import type { ListRoute } from "../../browser/mount.js";
import { lookOf } from "../../look/status.js";
import { dayAfter, dayOf, startOfDay } from "../../look/time.js";

export interface StatusTab {
  /** Undefined: whatever their status. */
  readonly status: string | undefined;
  readonly word: string;
  readonly count: number;
}

const DAYS_OF_A_WEEK = 7;

/** `today` is the beginning of this day, in ms. A day that is none asks for nothing. */
export function filterOf(route: ListRoute, today: number): ListFilter {
  const { status, q, definition, input } = route;
  return {
    ...(status && { status: [status] }),
    ...(q && { q }),
    ...(definition && { definition }),
    ...(input && { input }),
    ...timesOf(route, today),
  };
}

function timesOf({ time, from, to }: ListRoute, today: number): Pick<ListFilter, "from" | "to"> {
  if (time === "today") return { from: today };
  if (time === "week") return { from: dayAfter(today, 1 - DAYS_OF_A_WEEK) };
  const [first, last] = [dayOf(from), dayOf(to)];
  return {
    ...(first !== null && { from: first }),
    ...(last !== null && { to: dayAfter(startOfDay(last), 1) }),
  };
}

export const isFiltered = (route: ListRoute): boolean => {
  const { status, q, definition, input, time, from, to } = route;
  return [status, q, definition, input, time, from, to].some(Boolean);
};

export const orderIn = ({ sort }: ListRoute): ListOrder => (sort && orderOf(sort)) || NEWEST_FIRST;

/** With how many there are in each of those that fit otherwise; `older` are not among `all`. */
export function statusTabs(
  all: readonly Summary[],
  filter: ListFilter,
  older: Readonly<Record<string, number>> = {},
): StatusTab[] {
  const fits = fitting({ ...filter, status: undefined });
  const counts = new Map(Object.entries(older));
  let total = Object.values(older).reduce((sum, count) => sum + count, 0);
  for (const summary of all) {
    if (!fits(summary)) continue;
    total += 1;
    counts.set(summary.status, (counts.get(summary.status) ?? 0) + 1);
  }
  // A status that only a newer server or a link knows has a tab too, or nobody could see that it is chosen.
  const statuses = [...new Set([...STATUS_ORDER, ...(filter.status ?? [])])];
  return [
    { status: undefined, word: "All", count: total },
    ...statuses.map((one) => ({
      status: one,
      word: one === "completed" ? "Done" : lookOf(one).word,
      count: counts.get(one) ?? 0,
    })),
  ];
}
