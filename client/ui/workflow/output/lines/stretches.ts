/** Cuts a line into stretches of one look each, in order, each up to where the next begins. Pure. */
import type { LinkInText } from "../../../look/links.js";
import { type Look, PLAIN } from "./looks.js";

export interface Stretch {
  readonly at: number;
  readonly look: Look;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Text as it is drawn: the looks of its stretches, cut where a link or a found place begins or ends. */
export interface TextRun {
  readonly text: string;
  readonly look: Look;
  /** The match that it is in, by its number; null in none. */
  readonly match: number | null;
  /** The link it is in; null in none. */
  readonly link: LinkInText | null;
}

/** `matches` and `links` each in order, and apart from each other. A link that a program's own touches is none. */
export function textRuns(
  text: string,
  stretches: readonly Stretch[] | null,
  matches: readonly Range[],
  links: readonly LinkInText[] = [],
): TextRun[] {
  const looks = stretches ?? [{ at: 0, look: PLAIN }];
  const own = looks.some(({ look }) => look.href !== null)
    ? links.filter((link) => !touchesOwn(looks, link))
    : links;
  const runs: TextRun[] = [];
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
