/** Looks for a match in the parts of an output that are not on the page, one after the other. */
import { linesBefore } from "./loadedPart.js";
import type { LogParts } from "./logBytes.js";
import { isStart } from "./outputLines.js";

export type Fits = (texts: readonly string[]) => Promise<readonly boolean[] | null>;

export interface Beyond {
  readonly parts: LogParts;
  /** Where what is on the page begins, or ends. */
  readonly offset: number;
  /** Where the output ends. */
  readonly until: number;
  /** For each text whether it has a match; null where that took too long. */
  readonly fits: Fits;
  /** False once nobody waits any more. */
  readonly isWanted: () => boolean;
}

/** Returns where the nearest line with a match begins; null where there is none. */
export async function searchBeyond(
  direction: 1 | -1,
  { parts, offset, until, fits, isWanted }: Beyond,
): Promise<number | null> {
  for (let at = offset; isWanted(); ) {
    const part = direction === 1 ? await parts.after(at, until) : await parts.before(at);
    const lines = linesBefore({ ...part, missing: 0 }, null).filter(isStart);
    const isFit = await fits(lines.map(({ text }) => text));
    if (isFit === null) return null;
    const fitting = lines.filter((_, index) => isFit[index]);
    const found = direction === 1 ? fitting[0] : fitting.at(-1);
    if (found) return found.offset;
    const next = direction === 1 ? part.next : part.from;
    if (part.isLast || (next === at && part.missing === 0)) return null;
    at = next;
  }
  return null;
}
