/** Notices that this machine slept, or that its clock was set: of a tab that stayed visible no browser says so. */
import type { Clock } from "../../shared/clock.js";
import { SleepWatch } from "../../shared/sleepWatch.js";
import { Timer } from "../wire/timer.js";

const LOOK_EVERY_MS = 2_000;

export class SleepSignal {
  readonly #watch: SleepWatch;
  readonly #timer: Timer;
  readonly #heard: () => void;

  /** `heard` is called within two seconds of waking, while anybody listens. */
  constructor(clock: Clock, heard: () => void) {
    this.#watch = new SleepWatch(clock, LOOK_EVERY_MS);
    this.#timer = new Timer(clock);
    this.#heard = heard;
  }

  listen(isWanted: boolean): void {
    if (isWanted === this.#timer.isSet) return;
    if (!isWanted) return this.#timer.cancel();
    this.#watch.start();
    this.#lookSoon();
  }

  #lookSoon(): void {
    this.#timer.set(LOOK_EVERY_MS, () => {
      this.#lookSoon();
      if (this.#watch.look() !== null) this.#heard();
    });
  }
}
