/** The parts that were begun and have to be ended, in one list: for a start that fails half way and for a close alike. */

import type { Clock } from "../shared/clock.js";

/** Ends one part. `deadline` resolves when peers have been waited for long enough. */
export type Undo = (deadline: Promise<void>) => void | Promise<void>;

export class UndoList {
  readonly #undos: Undo[] = [];

  /** Call it in the turn in which the part was begun, so that nothing can fail in between. */
  push(undo: Undo): void {
    this.#undos.push(undo);
  }

  /** Runs each undo once, the newest first. Where one fails, the others run all the same; rejects then with the first failure. */
  async run(deadline: Promise<void>): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = this.#undos.pop(); undo; undo = this.#undos.pop()) {
      try {
        await undo(deadline);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** The same with the deadline `ms` from now. `last` is run after all the others, also where one of them fails. */
  async runWithin(ms: number, clock: Clock, last: Undo): Promise<void> {
    let cancel = () => {};
    const deadline = new Promise<void>((resolve) => {
      cancel = clock.after(ms, resolve);
    });
    try {
      await this.run(deadline).finally(() => last(deadline));
    } finally {
      cancel();
    }
  }
}
