/** From match to match and from error to error, also where the next one is not on the page: then the whole output is searched. */
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { looksLikeError } from "../../../../index.js";
import { keyOf } from "../lines/outputLines.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import type { OutputLog } from "../onPage/outputLog.js";
import { firstInView } from "../reader/keepInView.js";
import type { Jump } from "../reader/useJump.js";
import type { News } from "../tools/useNews.js";
import { type Finder, MISSING_SEARCH } from "./finders.js";
import type { ShownSearch } from "./useLogSearch.js";
import {
  type NoMatch,
  type Searching,
  useWholeSearch,
  type WholeSearch,
} from "./useWholeSearch.js";

interface SearchStepsOptions {
  readonly log: OutputLog;
  readonly element: RefObject<HTMLDivElement | null>;
  readonly onPage: LogOnPage;
  readonly search: ShownSearch;
  readonly jump: Jump;
  readonly news: Pick<News, "say">;
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

export function useSearchSteps(options: SearchStepsOptions): ShownSteps {
  const newest = useRef(options);
  newest.current = options;
  const { whole, searching } = useWholeSearch(options);
  const [nowhere, setNowhere] = useState<{ query: unknown; size: number } | null>(null);
  /** The direction to go in as soon as the lines on the page were searched. */
  const waiting = useRef<1 | -1 | null>(null);
  const steps = useMemo(
    (): SearchSteps => ({
      async match(by) {
        const { finder, query, result } = newest.current.search;
        if (!finder || whole.isUnderWay()) return;
        if (result.isSearching) {
          waiting.current = by;
          return;
        }
        const isThere = await toMatch(by, finder, () => newest.current, whole);
        if (!isThere) setNowhere({ query, size: newest.current.onPage.size });
      },
      error: createErrorSteps(() => newest.current, whole),
      stop: whole.stop,
    }),
    [],
  );
  const { result, query } = options.search;
  useLayoutEffect(() => {
    const by = waiting.current;
    if (by === null || result.isSearching) return;
    waiting.current = null;
    void steps.match(by);
  }, [result, steps]);
  // Nobody waits for this any more once something else is asked for.
  useLayoutEffect(() => () => steps.stop(), [query, steps]);
  const isNowhere = nowhere?.query === query && options.onPage.size <= nowhere.size;
  return { ...steps, searching, isNowhere };
}

type Newest = () => SearchStepsOptions;

const toKey = ({ jump }: SearchStepsOptions, key: string) =>
  jump.to({ place: { key }, delta: null });

/** To the next match, wherever it is; false where the whole output has none. */
async function toMatch(
  by: 1 | -1,
  finder: Finder,
  newest: Newest,
  whole: WholeSearch,
): Promise<boolean> {
  const { search, element } = newest();
  const next = search.step(by, element.current && firstInView(element.current));
  if (next) {
    toKey(newest(), next.key);
    return true;
  }
  const end = await whole.next(by, async (texts) => {
    const places = await finder.find(texts);
    return places?.map((inText) => inText.length) ?? null;
  });
  if (end.name === "left") return true;
  if (end.name === "found") {
    newest().search.goTo(end.match);
    toKey(newest(), end.match.key);
    return true;
  }
  const why = finder.isMissing ? MISSING_SEARCH : end.name === "none" ? null : WHY_NOT[end.name];
  if (why !== null) {
    newest().news.say(why);
    return true;
  }
  const { matches } = newest().search.result;
  const again = by === 1 ? matches[0] : matches.at(-1);
  newest().news.say(
    again ? `From the ${by === 1 ? "first" : "last"} match again.` : "Not found in the whole log.",
  );
  if (!again) return false;
  newest().search.goTo(again);
  toKey(newest(), again.key);
  return true;
}

/** Each call goes to the next line that looks like an error, and from the last one to the first. */
function createErrorSteps(newest: Newest, whole: WholeSearch): () => Promise<void> {
  /** The last error that was jumped to. */
  let errorAt: string | null = null;
  return async () => {
    if (whole.isUnderWay()) return;
    const { onPage, element } = newest();
    const say = (sentence: string) => newest().news.say(sentence);
    const errors = errorsIn(onPage);
    const from = errorAt ?? (element.current && firstInView(element.current));
    const place = errors.all.indexOf(from ?? "");
    const next = errors.keys.find(({ at }) => (errorAt ? at > place : at >= place));
    if (next) errorAt = next.key;
    else {
      const end = await whole.next(1, async (texts) =>
        texts.map((text) => (looksLikeError(text) ? 1 : 0)),
      );
      if (end.name === "left") return;
      if (end.name !== "none" && end.name !== "found") return say(WHY_NOT[end.name]);
      errorAt = end.name === "found" ? end.match.key : (errors.keys[0]?.key ?? null);
    }
    if (errorAt === null) say("No line of the log looks like an error.");
    else toKey(newest(), errorAt);
  };
}

type Said = Exclude<NoMatch, "none" | "left">;

const WHY_NOT: Readonly<Record<Said, string>> = {
  stopped: "The search was stopped.",
  tooLong: "The search was stopped: this expression takes too long.",
  failed: "The search was stopped: the server did not answer.",
};

function errorsIn({ blocks }: LogOnPage) {
  const lines = blocks.flatMap((block) => block.lines);
  const all = lines.map(keyOf);
  const keys = lines.flatMap((line, at) =>
    line.kind === "text" && looksLikeError(line.text) ? [{ key: all[at]!, at }] : [],
  );
  return { all, keys };
}
