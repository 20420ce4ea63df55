/** The commands that a step's function has running: while they are ended, nobody is impatient with the function. */
import type { Clock } from "../../../shared/clock.js";

/** So long the function has to hear of their end. */
const HEARD_MS = 1_000;

export class Underway {
  readonly #all = new Set<Promise<unknown>>();

  async watch<Result>(running: Promise<Result>): Promise<Result> {
    this.#all.add(running);
    try {
      return await running;
    } finally {
      this.#all.delete(running);
    }
  }

  /** Resolves at once where none runs; otherwise a moment after the last has ended. */
  async untilNone(clock: Pick<Clock, "after">): Promise<void> {
    if (this.#all.size === 0) return;
    while (this.#all.size > 0) await Promise.allSettled(this.#all);
    await new Promise<void>((resolve) => clock.after(HEARD_MS, resolve));
  }
}
