/** The receipts that a record has beyond those of the record before it, for whoever writes down only the new ones. */
import type { Receipt } from "./record.js";

/**
 * The receipts of `after` that `before` does not have, the newest last. Where `after` does not go on from `before`, these are all of them.
 * Costs what was added, and a look at what was kept.
 */
export function addedReceipts(
  before: readonly Receipt[],
  after: readonly Receipt[],
): readonly Receipt[] {
  if (before === after) return [];
  const newest = before.at(-1);
  const kept = newest === undefined ? 0 : after.lastIndexOf(newest) + 1;
  const cut = before.length - kept;
  for (let at = 0; at < kept; at++) if (after[at] !== before[cut + at]) return after;
  return after.slice(kept);
}

/** The receipts that `before` and what `addedReceipts` gave lead to; `count` is how many they are, as the oldest are forgotten. */
export function withReceipts(
  before: readonly Receipt[],
  added: readonly Receipt[],
  count: number,
): Receipt[] {
  const all = [...before, ...added];
  return all.slice(all.length - count);
}
