/** Decides which workflows belong in a list, and in which order. The same rule on the server and in the page, over what a summary says. Pure. */
import type { WorkflowStatus } from "../statuses.js";
import { type Summary, shownValue } from "./summary.js";

/** A missing key asks for nothing. */
export interface ListFilter {
  /** Any of these. */
  readonly status?: readonly string[] | undefined;
  /** Words, in any case, each of which stands somewhere in a line: name, id, definition, step, error, who started it, inputs, what it retries. */
  readonly q?: string | undefined;
  readonly definition?: string | undefined;
  /** `host=web-7`: an input of that name has this value, in any case; `host`: there is one of that name. */
  readonly input?: string | undefined;
  /** Started then or later, in ms. */
  readonly from?: number | undefined;
  /** Started before that, in ms. */
  readonly to?: number | undefined;
}

export const SORTS = ["started", "duration", "status", "name"] as const;
export type Sort = (typeof SORTS)[number];

/** Among equals the one started last comes first. */
export interface ListOrder {
  readonly by: Sort;
  readonly isDescending: boolean;
}

/** Where a line stands in an order. Nothing that happens to other lines moves it. */
export interface ListPlace {
  readonly key: string | number;
  readonly started: number;
  readonly epoch: string;
}

export const NEWEST_FIRST: ListOrder = { by: "started", isDescending: true };

/** `-started` is the newest first; null where it is no order. */
export function orderOf(text: string): ListOrder | null {
  const isDescending = text.startsWith("-");
  const by = SORTS.find((sort) => sort === (isDescending ? text.slice(1) : text));
  return by === undefined ? null : { by, isDescending };
}

export const orderText = ({ by, isDescending }: ListOrder): string =>
  isDescending ? `-${by}` : by;

/** Takes a time that grows only with the length of what a line says. */
export function fitting(filter: ListFilter): (summary: Summary) => boolean {
  const { status, definition, from, to } = filter;
  const words = wordsOf(filter.q);
  const hasInput = inputFitting(filter.input);
  return (summary) => {
    if (status && !status.includes(summary.status)) return false;
    if (definition !== undefined && summary.definition !== definition) return false;
    if (from !== undefined && startOf(summary) < from) return false;
    if (to !== undefined && startOf(summary) >= to) return false;
    return hasInput(summary) && hasWords(summary, words);
  };
}

/** The words of a search, in small letters: each has to be there. */
export const wordsOf = (q: string | undefined): string[] =>
  (q ?? "")
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");

function hasWords(summary: Summary, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = textOf(summary);
  return words.every((word) => text.includes(word));
}

function textOf(summary: Summary): string {
  const { title, name, workflow_id, definition, step, error_message, by, driver } = summary;
  const inputs = Object.entries(summary.inputs).map(([input, value]) => `${input}=${value}`);
  const { retried_from } = summary;
  return [title, name, workflow_id, definition, step, error_message, by, driver, retried_from]
    .concat(inputs)
    .join("\n")
    .toLowerCase();
}

function inputFitting(input: string | undefined): (summary: Summary) => boolean {
  if (input === undefined) return () => true;
  const cut = input.indexOf("=");
  const name = cut === -1 ? input : input.slice(0, cut);
  const wanted = cut === -1 ? null : shownValue(input.slice(cut + 1)).toLowerCase();
  return ({ inputs }) => {
    if (!Object.hasOwn(inputs, name)) return false;
    return wanted === null || String(inputs[name]).toLowerCase() === wanted;
  };
}

/** How long it took, or has been taking at `now` (ms); an interrupted one stands still where it was last heard of. */
export function durationAt(summary: Summary, now: number): number {
  return Math.max(0, (endOf(summary) ?? now) - startOf(summary));
}

/** Null while it goes on. */
export function endOf({ status, end_time, last_seen, last_update }: Summary): number | null {
  if (status === "running" || status === "blocked") return null;
  return timeOf(end_time ?? last_seen ?? last_update);
}

/** `now` (ms) is for how long it has been taking what goes on: pages that fit together have the same. */
export function placing({ by }: ListOrder, now: number): (summary: Summary) => ListPlace {
  const keyOf = keys(now)[by];
  return (summary) => ({
    key: keyOf(summary),
    started: startOf(summary),
    epoch: summary.epoch,
  });
}

const keys = (now: number): Readonly<Record<Sort, (summary: Summary) => string | number>> => ({
  started: startOf,
  duration: (summary) => durationAt(summary, now),
  status: ({ status }) => STATUS_ORDER.indexOf(status),
  name: ({ title, name, workflow_id }) => (title ?? name ?? workflow_id).toLowerCase(),
});

/** By how much they want of a person. */
export const STATUS_ORDER: readonly string[] = [
  "running",
  "blocked",
  "interrupted",
  "failed",
  "completed",
  "cancelled",
] satisfies WorkflowStatus[];

/** Below 0: `one` comes first. No two places are the same. */
export function comparePlaces(
  { isDescending }: Pick<ListOrder, "isDescending">,
  one: ListPlace,
  other: ListPlace,
): number {
  if (one.key !== other.key) return one.key < other.key === isDescending ? 1 : -1;
  if (one.started !== other.started) return other.started - one.started;
  return one.epoch === other.epoch ? 0 : one.epoch < other.epoch ? 1 : -1;
}

const startOf = (summary: Summary): number => timeOf(summary.start_time);

/** A text that is no time comes before all times. */
function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}
