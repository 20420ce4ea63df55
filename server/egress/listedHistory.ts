/** The part of the history that a list holds: the workflows started last, so that a list does not grow with all that ever ran. */
import type { LiveRecord, WorkflowRecord } from "../state/store/record.js";

export class ListedHistory {
  readonly #most: number;
  /** In the order of their starts. */
  readonly #all: LiveRecord[];
  #hasMoved = false;

  constructor(most: number, history: readonly LiveRecord[]) {
    this.#most = most;
    this.#all = history.toSorted((one, other) => one.order - other.order);
  }

  /** How many workflows of the history are not listed. */
  get older(): number {
    return Math.max(0, this.#all.length - this.#most);
  }

  listed(): readonly LiveRecord[] {
    return this.#all.slice(this.older);
  }

  add(record: LiveRecord): void {
    this.#all.splice(this.#placeOf(record), 0, record);
    this.#hasMoved = true;
  }

  /** Nothing where it is not there. */
  remove(record: WorkflowRecord): void {
    const at = this.#placeOf(record);
    if (this.#all[at]?.epoch !== record.epoch) return;
    this.#all.splice(at, 1);
    this.#hasMoved = true;
  }

  /** Whether something came or went since it was asked last. */
  takeMoved(): boolean {
    const hasMoved = this.#hasMoved;
    this.#hasMoved = false;
    return hasMoved;
  }

  #placeOf({ order }: WorkflowRecord): number {
    let [from, to] = [0, this.#all.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#all[middle]!.order < order) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
