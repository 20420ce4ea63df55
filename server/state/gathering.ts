/** The pause in which the commands of a busy workflow gather: to tell its watchers costs the same for one change as for many. */
import type { Clock } from "../../shared/clock.js";

/** Watchers that are told in less time are told at once. */
const LEAST_MS = 0.2;
/** No command waits for longer than this on behalf of others. */
const MOST_MS = 8;

export class Gathering {
  readonly #clock: Pick<Clock, "after">;
  #pause: { readonly count: number; readonly end: () => void } | null = null;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /**
   * Resolves once `count` commands wait, or after as long as it took to tell the watchers, `toldMs`: then half of the time goes into telling at most,
   * and whoever keeps several commands in flight has them told together. Null where watchers are told in no time.
   */
  pause(count: number, toldMs: number): Promise<void> | null {
    if (toldMs < LEAST_MS) return null;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(Math.min(toldMs, MOST_MS), () => this.#pause?.end());
      const end = () => {
        this.#pause = null;
        cancel();
        resolve();
      };
      this.#pause = { count, end };
    });
  }

  /** So many commands wait now. */
  see(waiting: number): void {
    if (this.#pause && waiting >= this.#pause.count) this.#pause.end();
  }
}
