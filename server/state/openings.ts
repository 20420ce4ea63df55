/** How many workflows are open, and in which order they started. A start has its place and its number before it is durable. */
import type { Opening } from "./rules/outcome.js";
import { isLive, type WorkflowRecord } from "./store/record.js";

export class Openings {
  readonly #most: number;
  /** Workflows whose start is under way: they count as open already. */
  readonly #starting = new Map<string, number>();
  #open = 0;
  readonly #atLeast: () => number;
  #lastOrder = 0;

  /** No number up to `atLeast()` is given out: asked each time, as other servers may give out numbers, too. */
  constructor(most: number, atLeast: () => number) {
    this.#most = most;
    this.#atLeast = atLeast;
  }

  /** A record that was there at the start, open or in the history. */
  load(record: WorkflowRecord, isOpen: boolean): void {
    this.#lastOrder = Math.max(this.#lastOrder, record.order);
    if (isOpen && isLive(record)) this.#open += 1;
  }

  /** A committed change: an open workflow more, or one less. */
  see(before: WorkflowRecord | null, after: WorkflowRecord | null): void {
    this.#open += (isLive(after) ? 1 : 0) - (isLive(before) ? 1 : 0);
    if (isLive(after)) this.#starting.delete(after.workflow_id);
  }

  /** An open workflow has its number; another one gets the next, and a place that it holds until `giveBack` or until its start is durable. */
  reserve(workflow_id: string, open: WorkflowRecord | null): Opening {
    if (isLive(open)) return { order: open.order };
    const count = this.#open + this.#starting.size;
    if (count >= this.#most) return { tooMany: count };
    this.#lastOrder = Math.max(this.#lastOrder, this.#atLeast()) + 1;
    this.#starting.set(workflow_id, this.#lastOrder);
    return { order: this.#lastOrder };
  }

  /** Nothing started after all. */
  giveBack(workflow_id: string): void {
    const order = this.#starting.get(workflow_id);
    this.#starting.delete(workflow_id);
    if (order === this.#lastOrder) this.#lastOrder -= 1;
  }
}
