/** The step at work, and what may end it: somebody, or a bound where nobody waits for its cleaning up any more. */

import type { Clock } from "../../../shared/clock.js";
import type { StepWhen } from "../../../shared/statuses.js";
import { awakeOf } from "../../time/awake.js";
import type { DefinedStep } from "../definition/definition.js";

/** So long a step without a `timeout` of its own may clean up after a cancel, or after the workflow's time. */
export const CLEANUP_MS = 10 * 60_000;

export class AtWork {
  readonly when: StepWhen;
  readonly #own: DefinedStep;
  readonly #stop = new AbortController();
  #cancelBound: (() => void) | null = null;
  #isOverdue = false;

  constructor(own: DefinedStep) {
    this.when = own.when;
    this.#own = own;
  }

  /** Aborted when it has to stop, for whatever reason. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** It was stopped by its bound. */
  get isOverdue(): boolean {
    return this.#isOverdue;
  }

  stop(why: Error): void {
    this.#stop.abort(why);
  }

  /** From now on. A step with a `timeout` has its own bound. */
  bound(clock: Clock): void {
    if (this.#cancelBound || this.#own.timeoutMs !== undefined) return;
    this.#cancelBound = awakeOf(clock).after(CLEANUP_MS, () => {
      if (this.signal.aborted) return;
      this.#isOverdue = true;
      this.stop(new Error("cleaning up took too long"));
    });
  }

  /** Leaves no timer. */
  end(): void {
    this.#cancelBound?.();
  }
}
