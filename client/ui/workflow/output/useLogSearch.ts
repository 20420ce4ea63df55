/** What is searched in a log, what was found, and which of it the reader is at. */
import { useMemo, useState } from "preact/hooks";
import type { Clock } from "../../../index.js";
import {
  createSearch,
  type Finder,
  type Found,
  finderFor,
  type Match,
  NOTHING_FOUND,
  type Query,
} from "./logSearch.js";
import type { OutputBlock } from "./logWindow.js";
import { keyOf } from "./outputLines.js";

export interface LogSearch {
  readonly query: Query;
  readonly found: Found;
  readonly finder: Finder | null;
  /** Why nothing can be searched; null where it can. */
  readonly problem: string | null;
  /** Counted from 0; null where the reader is at none of them. */
  readonly at: number | null;
  readonly current: Match | null;
  ask(query: Query): void;
  /** The next one in a direction, the first behind `from` where the reader is at none; null where there is none any more. */
  step(by: 1 | -1, from: string | null): Match | null;
  /** As if the reader had come to it. */
  goTo(match: Match | null): void;
}

export function useLogSearch(
  blocks: readonly OutputBlock[],
  first: Query,
  clock: Clock,
): LogSearch {
  const [query, setQuery] = useState(first);
  const [current, setCurrent] = useState<Match | null>(null);
  const asked = useMemo(() => {
    const finder = finderFor(query);
    if (finder === null) return { finder: null, problem: null, search: null };
    if (typeof finder !== "function")
      return { finder: null, problem: finder.problem, search: null };
    return { finder, problem: null, search: createSearch(finder, () => clock.now()) };
  }, [query, clock]);
  const found = useMemo(() => asked.search?.(blocks) ?? NOTHING_FOUND, [asked, blocks]);
  const at = current ? found.matches.findIndex((one) => isSame(one, current)) : -1;

  return {
    query,
    found,
    finder: asked.finder,
    problem: asked.problem,
    at: at === -1 ? null : at,
    current,
    ask(next) {
      setQuery(next);
      setCurrent(null);
    },
    step(by, from) {
      const { matches } = found;
      const start = at !== -1 ? at + by : placeOf(blocks, matches, from, by);
      const next = matches[start] ?? null;
      if (next) setCurrent(next);
      return next;
    },
    goTo: setCurrent,
  };
}

const isSame = (one: Match, other: Match): boolean =>
  one.key === other.key && one.index === other.index;

/** The first match at or behind a line, or the last before it. */
function placeOf(
  blocks: readonly OutputBlock[],
  matches: readonly Match[],
  from: string | null,
  by: 1 | -1,
): number {
  if (from === null) return by === 1 ? 0 : matches.length - 1;
  const order = new Map<string, number>();
  for (const { lines } of blocks) for (const line of lines) order.set(keyOf(line), order.size);
  const place = order.get(from) ?? 0;
  const next = matches.findIndex(({ key }) => (order.get(key) ?? 0) >= place);
  if (by === 1) return next;
  return (next === -1 ? matches.length : next) - 1;
}
