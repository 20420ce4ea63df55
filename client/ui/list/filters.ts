/** Which workflows the list is asked for: by status, and by words in their name, id or step. Pure. */
import type { Summary } from "../../index.js";
import { lookOf } from "../look/status.js";

export interface Filter {
  readonly status?: string | undefined;
  readonly q?: string | undefined;
}

export interface StatusTab {
  /** Undefined: whatever their status. */
  readonly status: string | undefined;
  readonly word: string;
  readonly count: number;
}

/** In the order of how much they want of a person. */
const STATUSES = ["running", "blocked", "interrupted", "failed", "completed", "cancelled"];

export const isFiltered = ({ status, q }: Filter): boolean => Boolean(status || q);

export function fits(summary: Summary, { status, q }: Filter): boolean {
  return (!status || summary.status === status) && hasWords(summary, wordsOf(q));
}

/** With how many there are in each of those the search finds. */
export function statusTabs(all: readonly Summary[], { status, q }: Filter): StatusTab[] {
  const words = wordsOf(q);
  const counts = new Map<string, number>();
  let total = 0;
  for (const summary of all) {
    if (!hasWords(summary, words)) continue;
    total += 1;
    counts.set(summary.status, (counts.get(summary.status) ?? 0) + 1);
  }
  // What a newer server or a link asks for has a tab too, or nobody could see what is chosen.
  const statuses = !status || STATUSES.includes(status) ? STATUSES : [...STATUSES, status];
  return [
    { status: undefined, word: "All", count: total },
    ...statuses.map((one) => ({
      status: one,
      word: one === "completed" ? "Done" : lookOf(one).word,
      count: counts.get(one) ?? 0,
    })),
  ];
}

const wordsOf = (q: string | undefined): string[] =>
  (q ?? "")
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");

function hasWords(summary: Summary, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { title, name, workflow_id, step } = summary;
  const text = [title, name, workflow_id, step].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}
