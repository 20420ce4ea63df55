/** The search of a log: its query, its matches, and the one that the reader is at. */
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { Clock } from "../../../../index.js";
import { keyOf } from "../lines/outputLines.js";
import type { OutputBlock } from "../onPage/logWindow.js";
import { type Finder, finderFor, type Query } from "./finders.js";
import { LogSearch, type Match, NO_RESULT, type SearchResult } from "./logSearch.js";

export interface ShownSearch {
  readonly query: Query;
  readonly result: SearchResult;
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

const openWorker = (): Worker =>
  new Worker(new URL("./searchWorker.ts", import.meta.url), { type: "module" });

export function useLogSearch(
  blocks: readonly OutputBlock[],
  first: Query,
  clock: Clock,
): ShownSearch {
  const [query, setQuery] = useState(first);
  const [current, setCurrent] = useState<Match | null>(null);
  const [version, setVersion] = useState(0);
  const { search, problem } = useMemo(() => {
    const finder = finderFor(query, { clock, openWorker });
    if (finder === null) return { search: null, problem: null };
    if ("problem" in finder) return { search: null, problem: finder.problem };
    const changed = () => setVersion((count) => count + 1);
    return { search: new LogSearch(finder, () => clock.elapsed(), changed), problem: null };
  }, [query, clock]);
  useLayoutEffect(() => () => search?.stop(), [search]);
  const result = useMemo(() => search?.result(blocks) ?? NO_RESULT, [search, blocks, version]);
  const at = current ? result.matches.findIndex((one) => isSame(one, current)) : -1;

  return {
    query,
    result,
    finder: search?.finder ?? null,
    problem,
    at: at === -1 ? null : at,
    current,
    ask(next) {
      setQuery(next);
      setCurrent(null);
    },
    step(by, from) {
      const { matches } = result;
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
