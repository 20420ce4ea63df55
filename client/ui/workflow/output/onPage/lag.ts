/** Decides whether the log on the page has been behind for so long that the reader has to be told. */
import type { Clock } from "../../../../index.js";

/** A shorter lag is not told of. */
const TOLD_AFTER_MS = 500;

export class Lag {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #isTold = false;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Returns whether the reader is to be told; `changed` is called where that becomes true later. */
  see(isBehind: boolean): boolean {
    if (!isBehind) this.stop();
    else if (!this.#isTold)
      this.#cancel ??= this.#clock.after(TOLD_AFTER_MS, () => {
        this.#isTold = true;
        this.#changed();
      });
    return this.#isTold;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#isTold = false;
  }
}
