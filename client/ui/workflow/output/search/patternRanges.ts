/** Where an expression fits in lines. Pure; used by the worker that searches. */
import type { Range } from "../lines/stretches.js";

export interface PatternQuestion {
  readonly pattern: string;
  readonly texts: readonly string[];
}

export function patternRanges({ pattern, texts }: PatternQuestion): Range[][] {
  const expression = new RegExp(pattern, "gi");
  return texts.map((text) => {
    const found: Range[] = [];
    for (const match of text.matchAll(expression)) {
      const to = match.index + match[0].length;
      if (to > match.index) found.push({ from: match.index, to });
    }
    return found;
  });
}
