/** The workflows that a store holds, as far as they are moved from one to another. */
import { type RunData, readRunData } from "../../runner/kept/runData.js";
import { isLive, type WorkflowRecord } from "../../state/store/record.js";
import type { ShelfFile } from "../../webhooks/delivery.js";

export interface Contents {
  /** In view, and the traces of cleared ones. */
  readonly open: readonly WorkflowRecord[];
  readonly history: readonly WorkflowRecord[];
  /** The private halves, by the names of the runs. */
  readonly runs: ReadonlyMap<string, RunData>;
  /** The deliveries of webhooks, by epochs: without them each would be told again of all that the records say. */
  readonly shelves: ReadonlyMap<string, ShelfFile>;
  /** The highest number that a start was given. */
  readonly order: number;
}

/** How many there are of each kind. */
export interface Counts {
  readonly in_view: number;
  readonly history: number;
  /** Of cleared ones, what a repeated command is recognised by. */
  readonly traces: number;
  /** With the inputs and secrets that a workflow runs with. */
  readonly runs: number;
}

export function countsOf({ open, history, runs }: Contents): Counts {
  const in_view = open.filter(isLive).length;
  const traces = open.length - in_view;
  return { in_view, history: history.length, traces, runs: runs.size };
}

/** How many workflows it holds, those that left a trace only among them. */
export const sizeOf = ({ open, history }: Contents): number => open.length + history.length;

/** Both sides keep a private half as the same text. Throws where it is none. */
export function readRun(text: string): RunData {
  const data = readRunData(text);
  if (!data) throw new Error("it is no private half of a workflow");
  return data;
}

/** The names of the runs that belong to these records. */
export const runsOf = ({ open, history }: Pick<Contents, "open" | "history">): string[] =>
  [...open, ...history].flatMap(({ run }) => run ?? []);

export const highestOrder = ({ open, history }: Pick<Contents, "open" | "history">): number =>
  [...open, ...history].reduce((highest, { order }) => Math.max(highest, order), 0);

/** The name of something that one has and the other has not, or has otherwise; null where both hold the same. */
export function differenceOf(one: Contents, other: Contents): string | null {
  const [wanted, found] = [textsOf(one), textsOf(other)];
  for (const [name, text] of wanted) if (found.get(name) !== text) return name;
  for (const name of found.keys()) if (!wanted.has(name)) return name;
  return null;
}

function textsOf({ open, history, runs, shelves }: Contents): Map<string, string> {
  const texts = new Map<string, string>();
  for (const record of open) texts.set(`the workflow ${record.workflow_id}`, ordered(record));
  for (const record of history)
    texts.set(`${record.workflow_id} of the history (${record.epoch})`, ordered(record));
  for (const [run, data] of runs) texts.set(`the inputs of the run ${run}`, ordered(data));
  for (const [epoch, shelf] of shelves)
    texts.set(`what webhooks are told of ${shelf.workflow_id} (${epoch})`, ordered(shelf));
  return texts;
}

/** The same text for the same values: the order of keys means nothing. */
const ordered = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
