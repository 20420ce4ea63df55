/** From match to match and from error to error, also where the next one is not on the page: then the whole output is searched. */
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { looksLikeError } from "../../../../index.js";
import { numberOf } from "../lines/lineCount.js";
import { keyOf } from "../lines/outputLines.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import type { OutputLog } from "../onPage/outputLog.js";
import { firstInView } from "../reader/keepInView.js";
import type { Jump } from "../reader/useJump.js";
import type { News } from "../tools/useNews.js";
import { MISSING_SEARCH } from "./finders.js";
import type { ShownSearch } from "./useLogSearch.js";
import { type Fits, type SearchEnd, searchElsewhere } from "./wholeSearch.js";

interface SearchStepsOptions {
  readonly log: OutputLog;
  readonly element: RefObject<HTMLDivElement | null>;
  readonly onPage: LogOnPage;
  readonly search: ShownSearch;
  readonly jump: Jump;
  readonly news: Pick<News, "say">;
}

/** How far a search of the whole output is. */
export interface Searching {
  /** The line it is at; null where lines have no numbers. */
  readonly line: number | null;
  /** Of the bytes to search, 0 to 1. */
  readonly share: number;
}

export interface SearchSteps {
  match(by: 1 | -1): Promise<void>;
  error(): Promise<void>;
  stop(): void;
}

export interface ShownSteps extends SearchSteps {
  /** Null while nothing is searched. */
  readonly searching: Searching | null;
  /** The whole output, as long as it is now, has no match of what is asked for now. */
  readonly isNowhere: boolean;
}

/** "left": nobody waits for it any more. */
type Whole = SearchEnd["name"] | "failed" | "left";

export function useSearchSteps(options: SearchStepsOptions): ShownSteps {
  const newest = useRef(options);
  newest.current = options;
  const [searching, setSearching] = useState<Searching | null>(null);
  const [nowhere, setNowhere] = useState<{ query: unknown; size: number } | null>(null);
  /** Which way to go as soon as what is on the page was searched. */
  const waiting = useRef<1 | -1 | null>(null);
  /** The search of the whole output that is waited for; null while none is. */
  const underWay = useRef<symbol | null>(null);
  const steps = useMemo((): SearchSteps => {
    /** The last error that was jumped to. */
    let errorAt: string | null = null;

    const say = (sentence: string) => newest.current.news.say(sentence);
    const toKey = (key: string) => newest.current.jump.to({ place: { key }, delta: null });

    /** To the next one that is not on the page, if there is any. */
    const elsewhere = async (by: 1 | -1, fits: Fits) => {
      const { log, onPage } = newest.current;
      let name = "none" as Whole;
      let found: { key: string; index: number } | null = null;
      if (!hasMore(onPage)) return { name, found };
      const behind = numberBehind(onPage);
      let [index, isRoundAgain] = [0, false];
      const own = Symbol();
      underWay.current = own;
      setSearching({ line: null, share: 0 });
      const key = await log.goWhere(async (around) => {
        try {
          const end = await searchElsewhere(by, around, fits, ({ lines, share, ...leg }) => {
            const start = leg.isRoundAgain ? 1 : behind;
            const line = by === 1 && start !== null ? start + lines : null;
            if (underWay.current === own) setSearching({ line, share });
          });
          name = end.name;
          if (end.name !== "found") return null;
          ({ index, isRoundAgain } = end.line);
          return end.line;
        } catch {
          name = "failed";
          return null;
        }
      });
      // It was stopped, and perhaps another one begun.
      if (underWay.current !== own) return { name: "left" as Whole, found: null };
      underWay.current = null;
      setSearching(null);
      if (key !== null) found = { key, index };
      else if (name === "found") name = "stopped";
      if (isRoundAgain && found)
        say(by === 1 ? "From the start of the log again." : "From the end of the log again.");
      return { name, found };
    };

    return {
      async match(by) {
        const { search, element } = newest.current;
        const { finder, query } = search;
        if (!finder || underWay.current) return;
        if (search.result.isSearching) {
          waiting.current = by;
          return;
        }
        const from = element.current && firstInView(element.current);
        const next = search.step(by, from);
        if (next) return toKey(next.key);
        const { name, found } = await elsewhere(by, async (texts) => {
          const places = await finder.find(texts);
          return places?.map((inText) => inText.length) ?? null;
        });
        if (name === "left") return;
        if (found) {
          newest.current.search.goTo(found);
          return toKey(found.key);
        }
        if (finder.isMissing) return say(MISSING_SEARCH);
        if (name !== "none") return say(WHY_NOT[name]);
        const { matches } = newest.current.search.result;
        const again = by === 1 ? matches[0] : matches.at(-1);
        if (!again) {
          setNowhere({ query, size: newest.current.onPage.size });
          return say("Not found in the whole log.");
        }
        say(by === 1 ? "From the first match again." : "From the last match again.");
        newest.current.search.goTo(again);
        toKey(again.key);
      },

      async error() {
        if (underWay.current) return;
        const { onPage, element } = newest.current;
        const errors = errorsIn(onPage);
        const from = errorAt ?? (element.current && firstInView(element.current));
        const place = errors.all.indexOf(from ?? "");
        const next = errors.keys.find(({ at }) => (errorAt ? at > place : at >= place));
        if (next) errorAt = next.key;
        else {
          const fits: Fits = async (texts) => texts.map((text) => (looksLikeError(text) ? 1 : 0));
          const { name, found } = await elsewhere(1, fits);
          if (name === "left") return;
          if (name !== "none" && name !== "found") return say(WHY_NOT[name]);
          errorAt = found?.key ?? errors.keys[0]?.key ?? null;
        }
        if (errorAt === null) say("No line of the log looks like an error.");
        else toKey(errorAt);
      },

      stop() {
        if (underWay.current === null) return;
        underWay.current = null;
        setSearching(null);
        newest.current.log.cancel();
      },
    };
  }, []);
  const { result, query } = options.search;
  useLayoutEffect(() => {
    const by = waiting.current;
    if (by === null || result.isSearching) return;
    waiting.current = null;
    void steps.match(by);
  }, [result, steps]);
  // Whoever asks for something else does not wait for this any more.
  useLayoutEffect(() => () => steps.stop(), [query, steps]);
  const isNowhere = nowhere?.query === query && options.onPage.size <= nowhere.size;
  return { ...steps, searching, isNowhere };
}

const WHY_NOT: Readonly<Record<Exclude<Whole, "none" | "left">, string>> = {
  found: "The search was stopped.",
  stopped: "The search was stopped.",
  tooLong: "The search was stopped: this expression takes too long.",
  failed: "The search was stopped: the server did not answer.",
};

/** Whether there is output that is not on the page. */
export const hasMore = ({ older, isAtEnd }: LogOnPage): boolean => older !== "none" || !isAtEnd;

/** The number of the first line behind what is on the page; null where lines have none. */
function numberBehind({ blocks, base }: LogOnPage): number | null {
  const last = blocks.at(-1)?.lines.at(-1);
  const number = last ? numberOf(last, base) : null;
  return number === null ? null : number + 1;
}

function errorsIn({ blocks }: LogOnPage) {
  const lines = blocks.flatMap((block) => block.lines);
  const all = lines.map(keyOf);
  const keys = lines.flatMap((line, at) =>
    line.kind === "text" && looksLikeError(line.text) ? [{ key: all[at]!, at }] : [],
  );
  return { all, keys };
}
