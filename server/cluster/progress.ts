/** How far the watch is, and those who wait for it to come further. */
import type { Clock } from "../../shared/clock.js";

interface Waiting {
  readonly revision: number;
  readonly end: (reached: boolean) => void;
}

export class Progress {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #revision = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Never goes back. */
  moveTo(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    for (const one of [...this.#waiting]) if (one.revision <= revision) one.end(true);
  }

  /** Resolves with true once everything up to `revision` is told; with false at `until` (elapsed time), and when it is closed. */
  reached(revision: number, until: number): Promise<boolean> {
    if (revision <= this.#revision) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (reached: boolean) => {
        cancel();
        this.#waiting.delete(waiting);
        resolve(reached);
      };
      const waiting: Waiting = { revision, end };
      const cancel = this.#clock.after(until - this.#clock.elapsed(), () => end(false));
      this.#waiting.add(waiting);
    });
  }

  close(): void {
    for (const one of [...this.#waiting]) one.end(false);
  }
}
