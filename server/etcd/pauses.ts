/** Waiting that ends early where its owner closes. */
import type { Clock } from "../../shared/clock.js";

/** Leaves no timer behind. */
export class Pauses {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves after so long, or at once when it closes. */
  pause(ms: number): Promise<void> {
    if (this.#isClosed || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#waiting.delete(end);
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      this.#waiting.add(end);
    });
  }

  /** All that wait go on now, and nobody waits from here on. */
  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#waiting]) end();
  }
}
