/** Keeps states within their limit without serializing each of them for every command. */
import { SyncError } from "../../shared/errors.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import { countSteps } from "../../shared/state/stepPlace.js";

/** At most this much the server adds to a state for one command: stamps, defaults, punctuation. */
const FRAME_BYTES = 512;
/** At most this much it adds to every step of a whole state. */
const STEP_BYTES = 160;

export class StateSizes {
  readonly #limit: number;
  /** Never too low: a state is at most this long as JSON. */
  readonly #bounds = new WeakMap<WorkflowState, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws `too_large` if `after`, made from `before` by a command of `bytes`, is over the limit. */
  check(before: WorkflowState | null, after: WorkflowState | null, bytes: number): void {
    if (!after || after === before) return;
    const known = before ? (this.#bounds.get(before) ?? sizeOf(before)) : 0;
    let bound = known + bytes + FRAME_BYTES + STEP_BYTES * countSteps(after);
    if (bound > this.#limit) bound = sizeOf(after);
    if (bound > this.#limit) {
      throw new SyncError(
        "too_large",
        `the state would be ${bound} bytes; the limit is ${this.#limit}`,
      );
    }
    this.#bounds.set(after, bound);
  }
}

const sizeOf = (state: WorkflowState): number => Buffer.byteLength(JSON.stringify(state));
