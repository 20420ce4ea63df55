/** Which part of a line looks how: stretches in order, each up to where the next begins. Pure. */
import type { FoundLink } from "../../links.js";
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

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Text as it is drawn: the looks of its stretches, cut where a link or a found place begins or ends. */
export interface Run {
  readonly text: string;
  readonly look: Look;
  /** Which of the found places it is in; null in none. */
  readonly match: number | null;
  /** The link it is in; null in none. */
  readonly link: FoundLink | null;
}

/** `matches` and `links` each in order, and apart from each other. A link that a program's own touches is none. */
export function runsOf(
  text: string,
  stretches: readonly Stretch[] | null,
  matches: readonly Range[],
  links: readonly FoundLink[] = [],
): Run[] {
  const looks = stretches ?? [{ at: 0, look: PLAIN }];
  const own = looks.some(({ look }) => look.href !== null)
    ? links.filter((link) => !touchesOwn(looks, link))
    : links;
  const runs: Run[] = [];
  const nextMatch = walker(matches);
  const nextLink = walker(own);
  looks.forEach(({ at, look }, index) => {
    const end = Math.min(text.length, looks[index + 1]?.at ?? text.length);
    for (let place = at; place < end; ) {
      const match = nextMatch(place);
      const link = nextLink(place);
      const to = Math.min(end, match.until, link.until);
      const run = { text: text.slice(place, to), look };
      runs.push({
        ...run,
        match: match.index,
        link: link.index === null ? null : own[link.index]!,
      });
      place = to;
    }
  });
  return runs;
}

/** For places that only grow: which range a place is in, and up to where that is so. */
function walker(ranges: readonly Range[]) {
  let index = 0;
  return (place: number): { index: number | null; until: number } => {
    while (index < ranges.length && ranges[index]!.to <= place) index += 1;
    const range = ranges[index];
    if (range === undefined) return { index: null, until: Number.POSITIVE_INFINITY };
    return range.from <= place ? { index, until: range.to } : { index: null, until: range.from };
  };
}

const touchesOwn = (looks: readonly Stretch[], { from, to }: Range): boolean =>
  looks.some(
    ({ at, look }, index) =>
      look.href !== null && at < to && (looks[index + 1]?.at ?? Number.POSITIVE_INFINITY) > from,
  );
