/** Guesses which elements of a list moved where when it grew, shrank or slid. A guess costs little, as `diff` proves every pair. */
import { elementPrint } from "./elementPrint.js";

/** So many elements from `before` on in the old list are the ones from `after` on in the new list. */
export interface Run {
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

/** A gap between runs: `old` elements that became `now` others. */
export interface Gap {
  readonly before: number;
  readonly after: number;
  readonly old: number;
  readonly now: number;
}

/** Lists of numbers up to here are compared place by place. */
const FEW_PARTS = 32;
/** In larger lists only a slide is looked for, which needs no table of all elements. */
const MOST_IN_TABLE = 50_000;

/** More than so many changes are no few. */
const MOST_PLACES = 256;

/**
 * The places at which two lists differ, where these are few and nothing moved: all else is the same by reference. Null where that cannot
 * be said. A step of a thousand that changed is found by one look at each.
 */
export function changedPlaces(
  before: readonly unknown[],
  after: readonly unknown[],
): readonly number[] | null {
  const { length } = before;
  if (length !== after.length) return null;
  const places: number[] = [];
  const most = Math.min(MOST_PLACES, length / 2);
  for (let i = 0; i < length; i++) {
    if (before[i] === after[i]) continue;
    if (places.length >= most || !isContainer(before[i]) || !isContainer(after[i])) return null;
    places.push(i);
  }
  const old = new Set(places.map((place) => before[place]));
  return places.some((place) => old.has(after[place])) ? null : places;
}

const isContainer = (value: unknown): boolean => typeof value === "object" && value !== null;

/** The runs in order of both lists; none where the elements are best compared place by place. */
export function align(before: readonly unknown[], after: readonly unknown[]): Run[] {
  if (before.length === 0 || after.length === 0 || isMostlyInPlace(before, after)) return [];
  const old = printsOf(before);
  const now = printsOf(after);
  const slid = slideOf(old, now);
  const enough = Math.min(old.length, now.length) / 2;
  const runs =
    slid.length >= enough || old.length + now.length > MOST_IN_TABLE
      ? [slid]
      : longest(uniquePairs(old, now), old, now);
  const found = runs.reduce((sum, { length }) => sum + length, 0);
  return found > countInPlace(old, now) ? runs.filter(({ length }) => length > 0) : [];
}

function printsOf(elements: readonly unknown[]): Int32Array {
  const prints = new Int32Array(elements.length);
  for (let i = 0; i < elements.length; i++) prints[i] = elementPrint(elements[i]);
  return prints;
}

/** By reference alone: a state that shares what did not change is seen through at once. */
function isMostlyInPlace(before: readonly unknown[], after: readonly unknown[]): boolean {
  if (before.length !== after.length) return false;
  let same = 0;
  for (let i = 0; i < before.length; i++) if (before[i] === after[i]) same += 1;
  return same >= before.length / 2;
}

function countInPlace(old: Int32Array, now: Int32Array): number {
  let same = 0;
  for (let i = 0; i < old.length && i < now.length; i++) if (old[i] === now[i]) same += 1;
  return same;
}

/** The end of one list that is the beginning of the other: a window that moved on, or back. */
function slideOf(old: Int32Array, now: Int32Array): Run {
  const on = overlap(old, now);
  const back = overlap(now, old);
  return on >= back
    ? { before: old.length - on, after: 0, length: on }
    : { before: 0, after: now.length - back, length: back };
}

/** How long the longest end of `text` is that `pattern` begins with (Knuth, Morris, Pratt). */
function overlap(text: Int32Array, pattern: Int32Array): number {
  const fallback = new Int32Array(pattern.length);
  for (let i = 1, length = 0; i < pattern.length; i++) {
    while (length > 0 && pattern[i] !== pattern[length]) length = fallback[length - 1]!;
    if (pattern[i] === pattern[length]) length += 1;
    fallback[i] = length;
  }
  let length = 0;
  for (let i = Math.max(0, text.length - pattern.length); i < text.length; i++) {
    const print = text[i];
    if (length === pattern.length) length = fallback[length - 1]!;
    while (length > 0 && print !== pattern[length]) length = fallback[length - 1]!;
    if (print === pattern[length]) length += 1;
  }
  return length;
}

/** Places of elements that each list has once, in order of the new list: old place and new place in turn. */
function uniquePairs(old: Int32Array, now: Int32Array): [number, number][] {
  const oldPlaces = uniquePlaces(old);
  const pairs: [number, number][] = [];
  for (const [print, place] of uniquePlaces(now)) {
    const oldPlace = oldPlaces.get(print) ?? REPEATED;
    if (place !== REPEATED && oldPlace !== REPEATED) pairs.push([oldPlace, place]);
  }
  return pairs;
}

const REPEATED = -1;

function uniquePlaces(prints: Int32Array): Map<number, number> {
  const places = new Map<number, number>();
  prints.forEach((print, place) => {
    places.set(print, places.has(print) ? REPEATED : place);
  });
  return places;
}

/** The most pairs that keep their order (patience sorting), each run as long as its neighbours agree. */
function longest(pairs: readonly [number, number][], old: Int32Array, now: Int32Array): Run[] {
  const piles: number[] = [];
  const under = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([place], i) => {
    const pile = pileFor(place, piles, pairs);
    under[i] = pile > 0 ? piles[pile - 1]! : -1;
    piles[pile] = i;
  });
  const chain: [number, number][] = [];
  for (let i = piles.at(-1) ?? -1; i !== -1; i = under[i]!) chain.push(pairs[i]!);
  return runsAround(chain.reverse(), old, now);
}

function pileFor(place: number, piles: readonly number[], pairs: readonly [number, number][]) {
  let low = 0;
  let high = piles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pairs[piles[middle]!]![0] < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

function runsAround(chain: readonly [number, number][], old: Int32Array, now: Int32Array): Run[] {
  const runs: Run[] = [];
  let oldEnd = 0;
  let nowEnd = 0;
  for (const [oldPlace, nowPlace] of chain) {
    if (oldPlace < oldEnd || nowPlace < nowEnd) continue;
    let before = oldPlace;
    let after = nowPlace;
    while (before > oldEnd && after > nowEnd && old[before - 1] === now[after - 1]) {
      before -= 1;
      after -= 1;
    }
    let length = oldPlace - before;
    while (
      before + length < old.length &&
      after + length < now.length &&
      old[before + length] === now[after + length]
    )
      length += 1;
    runs.push({ before, after, length });
    oldEnd = before + length;
    nowEnd = after + length;
  }
  return runs;
}

/** From the beginning of both lists to their ends; none that is empty. */
export function gapsBetween(runs: readonly Run[], oldLength: number, nowLength: number): Gap[] {
  const gaps: Gap[] = [];
  let before = 0;
  let after = 0;
  for (const run of [...runs, { before: oldLength, after: nowLength, length: 0 }]) {
    const gap = { before, after, old: run.before - before, now: run.after - after };
    if (gap.old > 0 || gap.now > 0) gaps.push(gap);
    before = run.before + run.length;
    after = run.after + run.length;
  }
  return gaps;
}

/** A few numbers: looking for what moved among them costs more than it can save. */
export function isShortAndPlain(before: readonly unknown[], after: readonly unknown[]): boolean {
  if (before.length !== after.length || before.length > FEW_PARTS) return false;
  for (let i = 0; i < before.length; i++)
    if (typeof before[i] !== "number" || typeof after[i] !== "number") return false;
  return true;
}
