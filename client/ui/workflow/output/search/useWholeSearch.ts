/** Searches the part of an output that is not on the page, says how far it is, and goes to what it found. */
import { useMemo, useRef, useState } from "preact/hooks";
import { numberOf } from "../lines/lineCount.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import type { OutputLog } from "../onPage/outputLog.js";
import type { News } from "../tools/useNews.js";
import type { Match } from "./logSearch.js";
import { type Fits, type SearchEnd, type SearchedSoFar, searchElsewhere } from "./wholeSearch.js";

interface WholeSearchOptions {
  readonly log: OutputLog;
  readonly onPage: LogOnPage;
  readonly news: Pick<News, "say">;
}

/** How far a search of the whole output is. */
export interface Searching {
  /** The line it is at; null where lines have no numbers. */
  readonly line: number | null;
  /** The share of the bytes that was searched, 0 to 1. */
  readonly share: number;
}

/** Why a search of the whole output gave no match. "left": nobody waits for it any more. */
export type NoMatch = "none" | "stopped" | "tooLong" | "failed" | "left";

export type WholeSearchEnd =
  | { readonly name: "found"; readonly match: Match }
  | { readonly name: NoMatch };

export interface WholeSearch {
  isUnderWay(): boolean;
  /** Looks for the next line that fits, in one direction; ends at once with "none" where all of the output is on the page. */
  next(by: 1 | -1, fits: Fits): Promise<WholeSearchEnd>;
  stop(): void;
}

export interface ShownWholeSearch {
  /** The same object for as long as the log is shown. */
  readonly whole: WholeSearch;
  /** Null while nothing is searched. */
  readonly searching: Searching | null;
}

export function useWholeSearch(options: WholeSearchOptions): ShownWholeSearch {
  const newest = useRef(options);
  newest.current = options;
  const [searching, setSearching] = useState<Searching | null>(null);
  /** The search that is waited for; null while none is. */
  const underWay = useRef<symbol | null>(null);
  const whole = useMemo(
    (): WholeSearch => ({
      isUnderWay: () => underWay.current !== null,

      async next(by, fits) {
        const { log, onPage } = newest.current;
        if (!hasMore(onPage)) return { name: "none" };
        const own = Symbol();
        underWay.current = own;
        setSearching({ line: null, share: 0 });
        const behind = numberBehind(onPage);
        const told = (soFar: SearchedSoFar) => {
          const line = by === 1 ? lineAt(soFar, behind) : null;
          if (underWay.current === own) setSearching({ line, share: soFar.share });
        };
        let end = { name: "none" } as SearchEnd | { readonly name: "failed" };
        const key = await log.goWhere(async (elsewhere) => {
          const failed = () => ({ name: "failed" }) as const;
          end = await searchElsewhere(by, elsewhere, fits, told).catch(failed);
          return end.name === "found" ? end.line : null;
        });
        // It was stopped, and perhaps another one begun.
        if (underWay.current !== own) return { name: "left" };
        underWay.current = null;
        setSearching(null);
        if (end.name !== "found") return end;
        if (key === null) return { name: "stopped" };
        const { index, isRoundAgain } = end.line;
        if (isRoundAgain)
          newest.current.news.say(`From the ${by === 1 ? "start" : "end"} of the log again.`);
        return { name: "found", match: { key, index } };
      },

      stop() {
        if (underWay.current === null) return;
        underWay.current = null;
        setSearching(null);
        newest.current.log.cancel();
      },
    }),
    [],
  );
  return { whole, searching };
}

/** Whether there is output that is not on the page. */
export const hasMore = ({ older, isAtEnd }: LogOnPage): boolean => older !== "none" || !isAtEnd;

/** The number of the first line behind what is on the page; null where lines have none. */
function numberBehind({ blocks, base }: LogOnPage): number | null {
  const last = blocks.at(-1)?.lines.at(-1);
  const number = last ? numberOf(last, base) : null;
  return number === null ? null : number + 1;
}

/** The number of the line that a search forwards is at; `behind` is that of the first one behind the page. */
function lineAt({ lines, isRoundAgain }: SearchedSoFar, behind: number | null): number | null {
  const start = isRoundAgain ? 1 : behind;
  return start === null ? null : start + lines;
}
