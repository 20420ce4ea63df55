/** Says for a few seconds, and to a screen reader, what a key or a button did that nothing else shows. */
import { useLayoutEffect, useState } from "preact/hooks";
import { usePage } from "../../../page/page.js";

export interface News {
  /** Null where there is nothing to say. */
  readonly text: string | null;
  say(sentence: string): void;
}

const SHOWN_FOR_MS = 6_000;

export function useNews(): News {
  const { client } = usePage();
  /** A new object for each: the same sentence again is news again. */
  const [news, setNews] = useState<{ readonly text: string } | null>(null);
  useLayoutEffect(
    () => (news === null ? undefined : client.clock.after(SHOWN_FOR_MS, () => setNews(null))),
    [news],
  );
  return {
    text: news?.text ?? null,
    say: (text) => setNews({ text }),
  };
}
