/** Which part of a line looks how: stretches in order, each up to where the next begins. Pure. */
import { type Look, PLAIN } from "./looks.js";

export interface Stretch {
  readonly at: number;
  readonly look: Look;
}

/** A line with more of them than anybody can see keeps its last look to its end. */
const MOST_STRETCHES = 512;

/** `from` to `to` of a line so many characters `long` get a look; what was there before loses its own. */
export function restyled(
  stretches: readonly Stretch[] | null,
  from: number,
  to: number,
  long: number,
  look: Look,
): readonly Stretch[] {
  const old = stretches ?? [{ at: 0, look: PLAIN }];
  if (from >= long) {
    const last = old.at(-1)!;
    if (last.look === look || old.length >= MOST_STRETCHES) return old;
    return last.at === from
      ? [...old.slice(0, -1), { at: from, look }]
      : [...old, { at: from, look }];
  }
  const before = old.filter(({ at }) => at < from);
  const after = old.filter(({ at }) => at >= to);
  const split = to < long && after[0]?.at !== to ? [{ at: to, look: lookAt(old, to) }] : [];
  const next = [...before, { at: from, look }, ...split, ...after];
  return next.length > MOST_STRETCHES ? old : next;
}

export function shortened(
  stretches: readonly Stretch[] | null,
  long: number,
): readonly Stretch[] | null {
  const kept = stretches?.filter(({ at }) => at < long) ?? [];
  return kept.length > 0 ? kept : null;
}

const lookAt = (stretches: readonly Stretch[], place: number): Look =>
  stretches.findLast(({ at }) => at <= place)?.look ?? PLAIN;

/** Text as it is drawn: the looks of its stretches, cut where a found place begins or ends. */
export interface Run {
  readonly text: string;
  readonly look: Look;
  /** Which of the found places it is in; null in none. */
  readonly match: number | null;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** `matches` in order, and apart from each other. */
export function runsOf(
  text: string,
  stretches: readonly Stretch[] | null,
  matches: readonly Range[],
): Run[] {
  const looks = stretches ?? [{ at: 0, look: PLAIN }];
  const runs: Run[] = [];
  let match = 0;
  looks.forEach(({ at, look }, index) => {
    const end = Math.min(text.length, looks[index + 1]?.at ?? text.length);
    for (let place = at; place < end; ) {
      while (match < matches.length && matches[match]!.to <= place) match += 1;
      const found = matches[match];
      const isIn = found !== undefined && found.from <= place;
      const to = Math.min(end, isIn ? found.to : (found?.from ?? end));
      runs.push({ text: text.slice(place, to), look, match: isIn ? match : null });
      place = to;
    }
  });
  return runs;
}
