/**
 * Asks for older workflows, which the followed list does not hold, as far as they are looked at: one question at a time, and again when there
 * may be others.
 */
import {
  type Clock,
  type InstepClient,
  type ListFilter,
  type ListOrder,
  type ListState,
  orderText,
  type Summary,
} from "../../index.js";
import { statusTabs } from "./filter/filters.js";
import type { Older, ToldOlder } from "./older.js";

export interface OlderQuestion {
  /** Another one is another question: what was found before says nothing about it. */
  readonly key: string;
  readonly filter: ListFilter;
  readonly order: ListOrder;
  /** So many rows are to be known. */
  readonly wanted: number;
}

export interface AskedOlderParts {
  readonly clock: Clock;
  readonly rest: Pick<InstepClient["rest"], "list">;
  /** Hears what is known, each time that is something else. */
  readonly tell: (told: ToldOlder) => void;
}

const PAGE = 1_000;
/** While many come and go, they are asked for no more often than this. */
const PAUSE_MS = 1_000;

export class AskedOlder {
  readonly #parts: AskedOlderParts;
  #list: ListState | null = null;
  #question: OlderQuestion | null = null;
  #found: Older | null = null;
  #why: string | null = null;
  /** There may be others than those that were found. */
  #isDue = false;
  #asking: AbortController | null = null;
  #cancelPause: (() => void) | null = null;

  constructor(parts: AskedOlderParts) {
    this.#parts = parts;
  }

  /** The list as it is followed now, and what is looked at of it. */
  want(list: ListState, question: OlderQuestion): void {
    const before = { list: this.#list, question: this.#question };
    this.#list = list;
    this.#question = question;
    const isOther = question.key !== before.question?.key;
    if (isOther) this.#found = null;
    if (isOther || question.wanted !== before.question?.wanted) return this.again();
    if (before.list === null || !isOlderChanged(before.list, list)) return;
    this.#isDue = true;
    if (!this.#asking && !this.#cancelPause) this.#ask();
  }

  /** At once, whatever is under way. */
  again(): void {
    this.stop();
    this.#ask();
  }

  stop(): void {
    this.#asking?.abort();
    this.#asking = null;
    this.#cancelPause?.();
    this.#cancelPause = null;
  }

  #ask(): void {
    const list = this.#list;
    const question = this.#question;
    if (!list || !question) return;
    const stop = new AbortController();
    this.#asking = stop;
    this.#isDue = false;
    this.#why = null;
    this.#tell(question);
    const over = () => {
      this.#asking = null;
      this.#tell(question);
      this.#cancelPause = this.#parts.clock.after(PAUSE_MS, () => {
        this.#cancelPause = null;
        if (this.#isDue) this.#ask();
      });
    };
    search(this.#parts.rest, question, stop.signal).then(
      (answer) => {
        if (stop.signal.aborted) return;
        // Those that have left the followed list since then are asked for again.
        this.#found = without(list, question.filter, answer);
        over();
      },
      (problem: unknown) => {
        if (stop.signal.aborted) return;
        this.#why = problem instanceof Error ? problem.message : "no answer";
        over();
      },
    );
  }

  #tell({ key }: OlderQuestion): void {
    const again = () => this.again();
    this.#parts.tell({ key, found: this.#found, why: this.#why, again });
  }
}

/** Where the history is full their number stays the same: each that joins them, and leaves the list, takes the place of one that is gone. */
const isOlderChanged = (before: ListState, now: ListState): boolean =>
  before.older !== now.older ||
  (before.workflows !== now.workflows &&
    Object.keys(before.workflows).some((epoch) => !Object.hasOwn(now.workflows, epoch)));

interface Answer {
  readonly workflows: readonly Summary[];
  readonly counts: Readonly<Record<string, number>>;
  readonly isAll: boolean;
}

async function search(
  rest: AskedOlderParts["rest"],
  { filter, order, wanted }: Omit<OlderQuestion, "key">,
  signal: AbortSignal,
): Promise<Answer> {
  const workflows: Summary[] = [];
  const asked = { ...filter, status: filter.status as never, sort: orderText(order), signal };
  let counts: Answer["counts"] = {};
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, wanted - workflows.length);
    const answer = await rest.list({
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
