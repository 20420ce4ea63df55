/** The parts that were begun and have to be ended, in one list: for a start that fails half way and for a close alike. */

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
}
