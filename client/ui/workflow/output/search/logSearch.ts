/** Searches the lines of a log that are on the page. A line never changes, so each is searched once. */

import { keyOf, type OutputLine } from "../lines/outputLines.js";
import type { Range } from "../lines/stretches.js";
import type { OutputBlock } from "../onPage/logWindow.js";
import type { Finder } from "./finders.js";

export interface Match {
  /** The name of its line. */
  readonly key: string;
  /** Its number among the matches of that line. */
  readonly index: number;
}

export type LineRanges = ReadonlyMap<string, readonly Range[]>;

/** The matches in the lines on the page. */
export interface SearchResult {
  readonly matches: readonly Match[];
  /** For each block with any: by the name of the line. */
  readonly ranges: ReadonlyMap<OutputBlock, LineRanges>;
  /** The first line that was not searched, as that took too long; null where all were. */
  readonly stoppedAt: OutputLine | null;
  /** There is more to come. */
  readonly isSearching: boolean;
}

export const NO_RESULT: SearchResult = {
  matches: [],
  ranges: new Map(),
  stoppedAt: null,
  isSearching: false,
};

/** A text is searched for this long in one go: nobody notices. */
const BUDGET_MS = 250;
const MOST_MATCHES = 10_000;

export class LogSearch {
  readonly finder: Finder;
  readonly #elapsed: () => number;
  readonly #changed: () => void;
  readonly #known = new WeakMap<OutputLine, readonly Range[]>();
  /** The same object for the same block, so that it is not drawn again. */
  readonly #ranges = new WeakMap<OutputBlock, LineRanges>();
  #blocks: readonly OutputBlock[] = [];
  #isSearching = false;
  #stoppedAt: OutputLine | null = null;
  #isStopped = false;
  /** One line took too long: so would the next. */
  #isHopeless = false;

  /** `changed`: there is more to be found than `result` said. */
  constructor(finder: Finder, elapsed: () => number, changed: () => void) {
    this.finder = finder;
    this.#elapsed = elapsed;
    this.#changed = changed;
  }

  result(blocks: readonly OutputBlock[]): SearchResult {
    this.#blocks = blocks;
    if (!this.#isSearching && !this.#isHopeless) this.#search();
    const matches: Match[] = [];
    const ranges = new Map<OutputBlock, LineRanges>();
    for (const block of blocks) {
      const inBlock = this.#rangesOf(block);
      if (inBlock.size > 0) ranges.set(block, inBlock);
      for (const [key, places] of inBlock)
        for (let index = 0; index < places.length && matches.length < MOST_MATCHES; index++)
          matches.push({ key, index });
    }
    return { matches, ranges, stoppedAt: this.#stoppedAt, isSearching: this.#isSearching };
  }

  stop(): void {
    this.#isStopped = true;
    this.finder.stop();
  }

  /** As far as it goes without waiting; the rest comes later. */
  #search(): void {
    const end = this.#elapsed() + BUDGET_MS;
    this.#stoppedAt = null;
    for (const { lines } of this.#blocks) {
      const unknown = lines.filter((line) => !this.#known.has(line));
      const first = unknown[0];
      if (!first) continue;
      if (this.#elapsed() > end) {
        this.#stoppedAt = first;
        return;
      }
      const places = this.finder.find(unknown.map(textOf));
      if (places instanceof Promise) {
        this.#isSearching = true;
        void places.then((found) => this.#later(unknown, found));
        return;
      }
      this.#learn(unknown, places);
    }
  }

  #later(lines: readonly OutputLine[], places: Awaited<ReturnType<Finder["find"]>>): void {
    this.#isSearching = false;
    this.#learn(lines, places);
    if (!this.#isStopped) this.#changed();
  }

  #learn(lines: readonly OutputLine[], places: Awaited<ReturnType<Finder["find"]>>): void {
    if (places === null) {
      this.#isHopeless = true;
      this.#stoppedAt = lines[0] ?? null;
    } else lines.forEach((line, index) => void this.#known.set(line, places[index] ?? []));
  }

  #rangesOf(block: OutputBlock): LineRanges {
    const kept = this.#ranges.get(block);
    if (kept) return kept;
    const ranges = new Map<string, readonly Range[]>();
    let isAll = true;
    for (const line of block.lines) {
      const places = this.#known.get(line);
      if (places === undefined) isAll = false;
      else if (places.length > 0) ranges.set(keyOf(line), places);
    }
    if (isAll) this.#ranges.set(block, ranges);
    return ranges;
  }
}

/** Sentences of the page's own, as at a gap, are not found. */
const textOf = ({ kind, text }: OutputLine): string => (kind === "gap" ? "" : text);
