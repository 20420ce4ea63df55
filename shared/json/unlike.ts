/** How much of two lists or two records differs at least: known before a single difference is told. */
import type { Run } from "./alignment.js";
import type { JsonRecord } from "./patch.js";
import { isSameScalar } from "./sameJson.js";

/** From here on a sample is worth its work: at most a sixteenth of the parts. */
const SAMPLED_PARTS = 1_024;
const SAMPLES = 64;

/** Counts as `countUnlike`. */
export function countDifferent(
  keys: readonly string[],
  before: JsonRecord,
  after: JsonRecord,
): number {
  let different = 0;
  for (const key of keys) if (isUnlike(before[key], after[key])) different += 1;
  return different;
}

/** How many pairs can only be told by an operation each: two lists, or two records, may still be the same, or change in one small part. */
export function countUnlike(
  pairs: readonly Run[],
  before: readonly unknown[],
  after: readonly unknown[],
) {
  let different = 0;
  for (const pair of pairs) {
    for (let i = 0; i < pair.length; i++)
      if (isUnlike(before[pair.before + i], after[pair.after + i])) different += 1;
  }
  return different;
}

function isUnlike(old: unknown, now: unknown): boolean {
  if (isSameScalar(old, now)) return false;
  const isNested =
    typeof old === "object" && old !== null && typeof now === "object" && now !== null;
  return !isNested || Array.isArray(old) !== Array.isArray(now);
}

/**
 * How many bytes telling the pairs would take if each took as much as three quarters of a sample at least do. A few large ones do not count, so
 * where this is too much, so is the truth, or nearly.
 */
export function sampledBytes(
  pairs: readonly Run[],
  costOf: (before: number, after: number) => number,
): number {
  const length = pairs.reduce((sum, pair) => sum + pair.length, 0);
  if (length < SAMPLED_PARTS) return 0;
  const costs: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const place = placeIn(pairs, Math.floor(((i * GOLDEN) % 1) * length));
    costs.push(costOf(place.before, place.after));
  }
  costs.sort((a, b) => a - b);
  return costs[SAMPLES / 4]! * length;
}

/** Its multiples fall evenly, and into no rhythm that a list may have. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

function placeIn(pairs: readonly Run[], index: number): { before: number; after: number } {
  let rest = index;
  for (const pair of pairs) {
    if (rest < pair.length) return { before: pair.before + rest, after: pair.after + rest };
    rest -= pair.length;
  }
  throw new Error(`there is no pair ${index}`);
}
