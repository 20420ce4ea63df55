/** Finds a text or an expression in lines, within a time that nobody notices. Pure but for the clock it is given. */
import type { OutputBlock } from "./logWindow.js";
import { keyOf, type OutputLine } from "./outputLines.js";
import type { Range } from "./stretches.js";

export interface Query {
  readonly text: string;
  readonly isPattern: boolean;
}

export type Finder = (text: string) => Range[];

export interface Match {
  /** The name of its line. */
  readonly key: string;
  /** Which one of that line. */
  readonly index: number;
}

export type LineRanges = ReadonlyMap<string, readonly Range[]>;

export interface Found {
  readonly matches: readonly Match[];
  /** For each block with any: by the name of the line. */
  readonly ranges: ReadonlyMap<OutputBlock, LineRanges>;
  /** The line before which time ran out; null where all were searched. */
  readonly stoppedAt: OutputLine | null;
}

export const NOTHING_FOUND: Found = { matches: [], ranges: new Map(), stoppedAt: null };

const BUDGET_MS = 250;
const MOST_MATCHES = 10_000;
/** Of one line an expression sees no more. */
const LONGEST_FOR_PATTERN = 2_000;
/** A repeat around a repeat or a choice, as in `(a+)+`: on an unlucky line it would not come back in a lifetime. */
const ENDLESS = /\((?:[^()\\]|\\.)*[+*}|](?:[^()\\]|\\.)*\)[+*{]/;
const MOST_REPEATS = 3;

const ERROR_WORDS =
  /(?<!\b(?:0|no|without) )\b(?:errors?|fail(?:s|ed|ure|ures)?|fatal|panic(?:ked)?|traceback|exception|segfault|segmentation fault|cannot|denied|not found)\b/i;
const ERROR_NAMES = /\b[A-Z][A-Za-z]+(?:Error|Exception)\b/;

/** Whether it is what somebody looks for who asks what went wrong. */
export const looksLikeError = (text: string): boolean =>
  ERROR_WORDS.test(text) || ERROR_NAMES.test(text);

/** `problem`: a sentence for whoever typed it. */
export function finderFor({
  text,
  isPattern,
}: Query): Finder | { readonly problem: string } | null {
  if (text === "") return null;
  if (!isPattern) return textFinder(text);
  if (ENDLESS.test(text) || (text.match(/[+*]|,\}/g) ?? []).length > MOST_REPEATS) {
    return { problem: "This expression repeats too much: it could search for ever." };
  }
  try {
    return patternFinder(new RegExp(text, "gi"));
  } catch {
    return { problem: "This is not a valid expression." };
  }
}

function textFinder(text: string): Finder {
  const wanted = text.toLowerCase();
  return (line) => {
    const lower = line.toLowerCase();
    // A few letters change their length with their case: then the places would not fit.
    const where = lower.length === line.length ? lower : line;
    const found: Range[] = [];
    for (let at = where.indexOf(wanted); at !== -1; at = where.indexOf(wanted, at + wanted.length))
      found.push({ from: at, to: at + wanted.length });
    return found;
  };
}

const patternFinder =
  (pattern: RegExp): Finder =>
  (line) => {
    const found: Range[] = [];
    for (const match of line.slice(0, LONGEST_FOR_PATTERN).matchAll(pattern)) {
      const to = match.index + match[0].length;
      if (to > match.index) found.push({ from: match.index, to });
    }
    return found;
  };

/** Full blocks never change, so what was found in them is kept. */
export function createSearch(finder: Finder, now: () => number) {
  const known = new WeakMap<OutputBlock, LineRanges>();
  return (blocks: readonly OutputBlock[]): Found => {
    const end = now() + BUDGET_MS;
    const matches: Match[] = [];
    const ranges = new Map<OutputBlock, LineRanges>();
    for (const block of blocks) {
      let inBlock = known.get(block);
      if (!inBlock) {
        const found = new Map<string, readonly Range[]>();
        for (const line of block.lines) {
          if (now() > end) return { matches, ranges, stoppedAt: line };
          const places = line.kind === "text" ? finder(line.text) : [];
          if (places.length > 0) found.set(keyOf(line), places);
        }
        inBlock = found;
        known.set(block, inBlock);
      }
      if (inBlock.size > 0) ranges.set(block, inBlock);
      for (const [key, places] of inBlock) {
        for (const index of places.keys()) matches.push({ key, index });
      }
      if (matches.length > MOST_MATCHES) return { matches, ranges, stoppedAt: block.lines.at(-1)! };
    }
    return { matches, ranges, stoppedAt: null };
  };
}
