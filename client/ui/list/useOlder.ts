/** Reads older workflows, which the followed list does not hold, as far as they are looked at, and again when there are others. */
import { useLayoutEffect, useState } from "preact/hooks";
import {
  type InstepClient,
  type ListFilter,
  type ListOrder,
  type ListState,
  orderText,
  type Summary,
} from "../../index.js";
import { usePage } from "../page/page.js";
import { statusTabs } from "./filter/filters.js";

export interface Older {
  /** Those that the followed list does not hold, by epoch. */
  readonly workflows: Readonly<Record<string, Summary>>;
  /** How many of them fit in each status, whatever was asked for. */
  readonly counts: Readonly<Record<string, number>>;
  /** Workflows behind this one are not known yet; null where all are. */
  readonly knownUpTo: Summary | null;
}

interface OlderQuestion {
  readonly key: string;
  readonly filter: ListFilter;
  readonly order: ListOrder;
  /** So many rows are to be known. */
  readonly wanted: number;
}

type Found = Older & { readonly key: string };

const NONE: Older = { workflows: {}, counts: {}, knownUpTo: null };
const PAGE = 1_000;
/** While many come and go, they are asked for no more often than this. */
const PAUSE_MS = 1_000;

/** `why` says what went wrong with the last question; what was found before stays. */
export function useOlder(
  list: ListState,
  { key, filter, order, wanted }: OlderQuestion,
): Older & { readonly why: string | null; again(): void } {
  const { client } = usePage();
  const [found, setFound] = useState<Found | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  const older = list.older ?? 0;
  useLayoutEffect(() => {
    setWhy(null);
    if (older === 0) return setFound(null);
    const stop = new AbortController();
    const ask = () =>
      search(client, { filter, order, wanted }, stop.signal).then(
        (answer) => {
          if (!stop.signal.aborted) setFound({ key, ...without(list, filter, answer) });
        },
        (problem: unknown) => {
          if (!stop.signal.aborted)
            setWhy(problem instanceof Error ? problem.message : "no answer");
        },
      );
    const isKnown = found?.key === key;
    const cancel = client.clock.after(isKnown ? PAUSE_MS : 0, () => void ask());
    return () => {
      cancel();
      stop.abort();
    };
  }, [client, key, wanted, older, tries]);
  const again = () => setTries(tries + 1);
  return { ...(found?.key === key ? found : NONE), why, again };
}

interface Answer {
  readonly workflows: readonly Summary[];
  readonly counts: Readonly<Record<string, number>>;
  readonly isAll: boolean;
}

async function search(
  client: InstepClient,
  { filter, order, wanted }: Omit<OlderQuestion, "key">,
  signal: AbortSignal,
): Promise<Answer> {
  const workflows: Summary[] = [];
  const asked = { ...filter, status: filter.status as never, sort: orderText(order), signal };
  let counts: Answer["counts"] = {};
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, wanted - workflows.length);
    const answer = await client.rest.list({
      ...asked,
      limit,
      cursor,
      counts: cursor === undefined,
    });
    workflows.push(...answer.workflows);
    counts = answer.counts ?? counts;
    cursor = answer.next ?? undefined;
  } while (cursor !== undefined && workflows.length < wanted);
  return { workflows, counts, isAll: cursor === undefined };
}

/** The server has told of those that are followed as well. */
function without(list: ListState, filter: ListFilter, { workflows, counts, isAll }: Answer): Older {
  const followed = statusTabs(Object.values(list.workflows), filter);
  const known = new Map(followed.map(({ status, count }) => [status, count]));
  return {
    workflows: Object.fromEntries(
      workflows
        .filter(({ epoch }) => !Object.hasOwn(list.workflows, epoch))
        .map((summary) => [summary.epoch, summary]),
    ),
    counts: Object.fromEntries(
      Object.entries(counts).map(([status, count]) => [
        status,
        Math.max(0, count - (known.get(status) ?? 0)),
      ]),
    ),
    knownUpTo: isAll ? null : (workflows.at(-1) ?? null),
  };
}
