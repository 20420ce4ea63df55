/** How large the patterns of one list or one definition may be together. */
import { MOST_PATTERN_CHARACTERS } from "./patternSyntax.js";
import { readPattern } from "./patterns.js";

/** Instructions of all of them. */
const MOST_PATTERN_SIZE = 20_000;
/** The message for a pattern that fits alone, and not beside the others. */
export const TOO_LARGE_TOGETHER = "is too large together with the other patterns";

/** Whether a pattern still fits beside those given before; the same one counts once. A wrong one counts as long as it is. */
export type PatternSum = (source: string) => boolean;

/** A sum for one list or one definition. */
export function createPatternSum(): PatternSum {
  const counted = new Set<string>();
  let left = MOST_PATTERN_SIZE;
  return (source) => {
    if (left < 0) return false;
    if (counted.has(source)) return true;
    counted.add(source);
    const read = readPattern(source);
    left -= read.ok ? read.pattern.size : Math.min(source.length, MOST_PATTERN_CHARACTERS);
    return left >= 0;
  };
}
