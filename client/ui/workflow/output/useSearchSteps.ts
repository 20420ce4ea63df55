/** From match to match and from error to error, also where the next one is not on the page yet. */
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { looksLikeError } from "../../../index.js";
import type { Announcer } from "../../announcer.js";

import { firstInView } from "./keepPlace.js";
import type { LogPicture } from "./logPicture.js";
import { keyOf } from "./outputLines.js";
import type { OutputLog } from "./outputLog.js";
import type { Fits } from "./searchBeyond.js";
import type { Jump } from "./useJump.js";
import type { ShownSearch } from "./useLogSearch.js";

interface SearchStepsOptions {
  readonly log: OutputLog;
  readonly element: RefObject<HTMLDivElement | null>;
  readonly picture: LogPicture;
  readonly search: ShownSearch;
  readonly jump: Jump;
  readonly announcer: Pick<Announcer, "say">;
}

export interface SearchSteps {
  match(by: 1 | -1): Promise<void>;
  error(): Promise<void>;
}

export function useSearchSteps(options: SearchStepsOptions): SearchSteps {
  const newest = useRef(options);
  newest.current = options;
  /** Which way to go as soon as the search is done. */
  const waiting = useRef<1 | -1 | null>(null);
  const steps = useMemo((): SearchSteps => {
    /** The last error that was jumped to. */
    let errorAt: string | null = null;

    const toKey = (key: string) => newest.current.jump.to({ place: { key }, delta: null });

    const beyond = async (by: 1 | -1, fits: Fits): Promise<string | null> => {
      const { picture, log } = newest.current;
      const hasMore = by === 1 ? !picture.isAtEnd : picture.older === "some";
      return hasMore ? log.goToNext(by, fits) : null;
    };

    return {
      async match(by) {
        const { search, element, announcer } = newest.current;
        const { finder } = search;
        if (!finder) return;
        if (search.found.isSearching) {
          waiting.current = by;
          return;
        }
        const from = element.current && firstInView(element.current);
        const next = search.step(by, from);
        if (next) return toKey(next.key);
        const key = await beyond(by, async (texts) => {
          const places = await finder.find(texts);
          return places?.map((inText) => inText.length > 0) ?? null;
        });
        if (key !== null) {
          newest.current.search.goTo({ key, index: 0 });
          return toKey(key);
        }
        // Round once more from the other end of what is here.
        const { matches } = newest.current.search.found;
        const again = by === 1 ? matches[0] : matches.at(-1);
        if (!again) return announcer.say("Not found.");
        announcer.say(by === 1 ? "From the first match again." : "From the last match again.");
        newest.current.search.goTo(again);
        toKey(again.key);
      },

      async error() {
        const { picture, element, announcer } = newest.current;
        const errors = errorsIn(picture);
        const from = errorAt ?? (element.current && firstInView(element.current));
        const place = errors.all.indexOf(from ?? "");
        const next = errors.keys.find(({ at }) => (errorAt ? at > place : at >= place));
        errorAt =
          next?.key ??
          (await beyond(1, async (texts) => texts.map(looksLikeError))) ??
          errors.keys[0]?.key ??
          null;
        if (errorAt === null) announcer.say("No line here looks like an error.");
        else toKey(errorAt);
      },
    };
  }, []);
  const { found } = options.search;
  useLayoutEffect(() => {
    const by = waiting.current;
    if (by === null || found.isSearching) return;
    waiting.current = null;
    void steps.match(by);
  }, [found, steps]);
  return steps;
}

function errorsIn({ blocks }: LogPicture) {
  const lines = blocks.flatMap((block) => block.lines);
  const all = lines.map(keyOf);
  const keys = lines.flatMap((line, at) =>
    line.kind === "text" && looksLikeError(line.text) ? [{ key: all[at]!, at }] : [],
  );
  return { all, keys };
}
