/** Looks for a match in all of an output that is not on the page: on from there to one end, then from the other end to there. */

import { PART_BYTES } from "../bytes/logBytes.js";
import { linesBefore } from "../lines/loadedPart.js";
import { isStart, type OutputLine } from "../lines/outputLines.js";
import type { Elsewhere, LineElsewhere } from "../onPage/elsewhere.js";

/** For each text how many matches it has; null where that took too long. */
export type Fits = (texts: readonly string[]) => Promise<readonly number[] | null>;

/** The line that was found. */
export interface MatchedLine extends LineElsewhere {
  /** The number of the match in its line, counted from 0: the one that comes first in the direction of the search. */
  readonly index: number;
  /** It stands beyond the other end of the output. */
  readonly isRoundAgain: boolean;
}

export type SearchEnd =
  | { readonly name: "found"; readonly line: MatchedLine }
  | { readonly name: "none" | "stopped" | "tooLong" };

export interface SearchedSoFar {
  /** Line ends that were read since the search left the page, or began anew at the output's start. */
  readonly lines: number;
  readonly isRoundAgain: boolean;
  /** The share of the bytes that was searched, 0 to 1. */
  readonly share: number;
}

/** Lines of a part: as many as its bytes hold. */
const ALL = Number.POSITIVE_INFINITY;

interface Leg {
  readonly from: number;
  readonly to: number;
  readonly isRoundAgain: boolean;
}

/** Ends with the first match in the order of reading, or with why there is none. `told` after each part. */
export async function searchElsewhere(
  direction: 1 | -1,
  { parts, begin, next, until, isWanted }: Elsewhere,
  fits: Fits,
  told: (soFar: SearchedSoFar) => void,
): Promise<SearchEnd> {
  const first = begin ?? next;
  const legs: readonly Leg[] =
    direction === 1
      ? [
          { from: next, to: until, isRoundAgain: false },
          { from: 0, to: first, isRoundAgain: true },
        ]
      : [
          { from: first, to: 0, isRoundAgain: false },
          { from: until, to: next, isRoundAgain: true },
        ];
  const all = legs.reduce((sum, { from, to }) => sum + Math.abs(to - from), 0);
  let done = 0;
  for (const { from, to, isRoundAgain } of legs) {
    let lines = 0;
    for (let at = from; (to - at) * direction > 0; ) {
      if (!isWanted()) return { name: "stopped" };
      const part =
        direction === 1
          ? await parts.after(at, to, ALL, PART_BYTES)
          : await parts.before(at, ALL, PART_BYTES);
      const read = linesBefore({ ...part, missing: 0 }, null).filter(({ kind }) => kind === "text");
      const found = await firstFit(direction, read, fits);
      if (!isWanted()) return { name: "stopped" };
      if (found === "tooLong") return { name: "tooLong" };
      if (found !== null) {
        const { place, count } = found;
        const index = direction === 1 ? 0 : count - 1;
        return { name: "found", line: { ...startOf(read, place), index, isRoundAgain } };
      }
      const reached = direction === 1 ? part.next : part.from;
      lines += part.lineEnds.length;
      // Bytes that are not kept any more count as read.
      const isOver = reached === at && part.missing === 0;
      done += isOver ? Math.abs(to - at) : Math.abs(reached - at);
      told({ lines, isRoundAgain, share: all === 0 ? 1 : Math.min(1, done / all) });
      if (isOver || (part.isLast && direction === -1)) break;
      at = reached;
    }
  }
  return { name: "none" };
}

/** So many lines are asked about at once: an expression has its deadline for these. */
const AT_ONCE = 2_000;

async function firstFit(
  direction: 1 | -1,
  lines: readonly OutputLine[],
  fits: Fits,
): Promise<{ place: number; count: number } | "tooLong" | null> {
  for (let done = 0; done < lines.length; done += AT_ONCE) {
    const from = direction === 1 ? done : Math.max(0, lines.length - done - AT_ONCE);
    const to = direction === 1 ? done + AT_ONCE : lines.length - done;
    const counts = await fits(lines.slice(from, to).map(({ text }) => text));
    if (counts === null) return "tooLong";
    const isFit = (count: number) => count > 0;
    const place = direction === 1 ? counts.findIndex(isFit) : counts.findLastIndex(isFit);
    if (place !== -1) return { place: from + place, count: counts[place]! };
  }
  return null;
}

/** Reading can begin only at the start of a line: the parts of a long one are counted from there. */
function startOf(lines: readonly OutputLine[], place: number): { offset: number; part: number } {
  const start = lines.slice(0, place + 1).findLastIndex(isStart);
  return { offset: lines[start]?.offset ?? 0, part: place - start };
}
