/** Patterns that others write, matched in linear time: no pattern and no value can hold the server up. */
import type { RE2JS } from "re2js";
import type { PatternMatcher } from "../../shared/fields/fields.js";
import { counted } from "../../shared/text/counted.js";
import { re2js } from "./patternPackages.js";
import { translatePattern } from "./patternSyntax.js";

/** A bound for instructions times characters in one check: some 40 ms. */
const MOST_WORK = 1_500_000;
/** A bound for the instructions of all patterns that are kept compiled. */
const MOST_KEPT = 50_000;
const LEAST_WEIGHT = 50;

/** A pattern that can be matched in linear time. */
export interface Pattern {
  /** At least as many instructions as the program has: a search costs no more than these times the characters. */
  readonly size: number;
  readonly groups: number;
  /** Null where it fits nowhere; else what its first group holds, "" where that holds nothing. */
  find(text: string): string | null;
}

/** The pattern, or the reason why it cannot be one here. */
export type ReadPattern =
  | { readonly ok: true; readonly pattern: Pattern }
  /** A predicate that names the place: "must not use …, at character 3". */
  | { readonly ok: false; readonly why: string };

/** By their source, the one used last at the end. */
const kept = new Map<string, ReadPattern>();
let keptWeight = 0;

/** Reads a pattern as `new RegExp(source, "u")` would, without what cannot be matched in linear time. Never throws. */
export function readPattern(source: string): ReadPattern {
  const known = kept.get(source);
  if (known) {
    kept.delete(source);
    kept.set(source, known);
    return known;
  }
  const read = freshPattern(source);
  kept.set(source, read);
  keptWeight += weightOf(read);
  for (const [oldest, old] of kept) {
    if (keptWeight <= MOST_KEPT || oldest === source) break;
    kept.delete(oldest);
    keptWeight -= weightOf(old);
  }
  return read;
}

/** Why it cannot be a pattern here; null where it can. */
export function whyNoPattern(source: string): string | null {
  const read = readPattern(source);
  return read.ok ? null : read.why;
}

const weightOf = (read: ReadPattern): number =>
  Math.max(LEAST_WEIGHT, read.ok ? read.pattern.size : 0);

function freshPattern(source: string): ReadPattern {
  const translated = translatePattern(source);
  if (!translated.ok) return translated;
  const { re2, size, groups } = translated;
  let compiled: RE2JS | null = null;
  return {
    ok: true,
    pattern: {
      size,
      groups,
      find(text) {
        // Compiled on first use: most patterns are read to be checked, and never matched.
        compiled ??= re2js().RE2JS.compile(re2);
        const matcher = compiled.matcher(text);
        if (!matcher.find()) return null;
        return groups === 0 ? "" : (matcher.group(1) ?? "");
      },
    },
  };
}

/** Matches the patterns of one check of values. All of them share one bound of work; a match that would go beyond it is refused. */
export function createPatternMatcher(): PatternMatcher {
  let left = MOST_WORK;
  return (source, value) => {
    const read = readPattern(source);
    if (!read.ok) return `cannot be checked, for its pattern ${read.why}`;
    const { size, find } = read.pattern;
    const most = Math.floor(left / size) - 1;
    if (value.length > most)
      return `is too long for its pattern: at most ${counted(most, "character")}`;
    left -= (value.length + 1) * size;
    return find(value) === null ? `must match ${source}` : null;
  };
}
