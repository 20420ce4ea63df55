/** The past of a definition: how its last workflow ended, and how long one usually takes. */
import { isEnded } from "../../shared/statuses.js";
import type { PastRun } from "../../shared/wire/rest.js";
import type { Commits } from "./commits.js";
import type { Scope } from "./scope.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "./store/record.js";
import type { Committed } from "./store/store.js";

export interface Past {
  /** The one started last of those that have ended. */
  readonly last: PastRun | null;
  /** The median of the last five that were completed; null where there is none. A retry does only a part of the work and does not count. */
  readonly usual_ms: number | null;
}

const COUNTED = 5;
/** A scope that has few of a definition's workflows is looked for among so many, the newest. */
const MOST_LOOKED_AT = 1_000;

export class PastRuns {
  /** The ended ones of each definition, in the order of their starts. */
  readonly #ended = new Map<string, LiveRecord[]>();
  readonly #stopListening: () => void;

  constructor(commits: Commits) {
    for (const record of commits.store.history.values()) this.#add(record);
    for (const record of commits.store.open.values()) this.#add(record);
    this.#stopListening = commits.listen("memory", (change) => this.#see(change));
  }

  /** As far as the scope reaches. */
  of(definition: string, scope: Scope): Past {
    const ended = this.#ended.get(definition) ?? [];
    const durations: number[] = [];
    let last: PastRun | null = null;
    const end = Math.max(0, ended.length - MOST_LOOKED_AT);
    for (let at = ended.length - 1; at >= end && durations.length < COUNTED; at--) {
      const { workflow_id, state } = ended[at]!;
      if (!scope.has(workflow_id)) continue;
      const ended_at = state.end_time ?? state.last_update;
      last ??= { workflow_id, status: state.status, ended_at };
      if (state.status === "completed" && !state.retried_from)
        durations.push(Math.max(0, Date.parse(ended_at) - Date.parse(state.start_time)));
    }
    return { last, usual_ms: median(durations) };
  }

  close(): void {
    this.#stopListening();
    this.#ended.clear();
  }

  #see(change: Committed): void {
    // An archived workflow counts as before; only its place is another one.
    if (change.kind === "archived") return;
    if (change.before) this.#remove(change.before);
    if (change.kind === "committed") this.#add(change.after);
  }

  #add(record: WorkflowRecord): void {
    const definition = endedOf(record);
    if (definition === null || !isLive(record)) return;
    const ended = this.#ended.get(definition) ?? [];
    ended.splice(placeOf(ended, record.order), 0, record);
    this.#ended.set(definition, ended);
  }

  #remove(record: WorkflowRecord): void {
    const definition = endedOf(record);
    const ended = definition === null ? undefined : this.#ended.get(definition);
    if (!ended || definition === null) return;
    const at = placeOf(ended, record.order);
    if (ended[at]?.epoch === record.epoch) ended.splice(at, 1);
    if (ended.length === 0) this.#ended.delete(definition);
  }
}

/** The definition of a workflow that has ended; null of any other record. */
export const endedOf = (record: WorkflowRecord | null): string | null =>
  isLive(record) && isEnded(record.state.status) ? (record.state.definition ?? null) : null;

/** The index at which a record of that order belongs. Most records are the newest, so the search begins at the end. */
function placeOf(ended: readonly LiveRecord[], order: number): number {
  if ((ended.at(-1)?.order ?? -1) < order) return ended.length;
  let [from, to] = [0, ended.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ended[middle]!.order < order) from = middle + 1;
    else to = middle;
  }
  return from;
}

function median(durations: readonly number[]): number | null {
  if (durations.length === 0) return null;
  const sorted = durations.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
