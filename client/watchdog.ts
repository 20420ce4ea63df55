/** Notices a socket that has gone quiet: asks for a sign of life, and gives it up when none comes. */
import type { Clock } from "../shared/clock.js";
import { Timer } from "./timer.js";

/** How long a socket has to answer a ping when we doubt it. */
export const ANSWER_WITHIN_MS = 2_000;

export interface WatchdogActions {
  ping(): void;
  /** Called at most once per `start`. */
  giveUp(): void;
}

export class Watchdog {
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #actions: WatchdogActions;
  #quietForMs = 0;
  #heardAt = 0;
  #isDoubting = false;

  constructor(clock: Clock, actions: WatchdogActions) {
    this.#clock = clock;
    this.#timer = new Timer(clock);
    this.#actions = actions;
  }

  /** Watches until `stop`; `quietForMs` without a sign of life raises doubt. */
  start(quietForMs: number): void {
    this.stop();
    this.#quietForMs = quietForMs;
    this.#heardAt = this.#clock.now();
    this.#waitForQuiet();
  }

  /** Any frame is a sign of life. Sets no timer, so it costs nothing per frame. */
  heard(): void {
    this.#heardAt = this.#clock.now();
    if (this.#isDoubting) {
      this.#isDoubting = false;
      this.#waitForQuiet();
    }
  }

  /** Doubts the socket now: asks, and gives up unless something comes within two seconds. */
  check(): void {
    // Asking again must not give a dead socket more time.
    if (this.#timer.isSet && !this.#isDoubting) this.#doubt();
  }

  stop(): void {
    this.#timer.cancel();
    this.#isDoubting = false;
  }

  #waitForQuiet(): void {
    const left = this.#heardAt + this.#quietForMs - this.#clock.now();
    this.#timer.set(left, () => {
      if (this.#clock.now() - this.#heardAt >= this.#quietForMs) this.#doubt();
      else this.#waitForQuiet();
    });
  }

  #doubt(): void {
    this.#isDoubting = true;
    this.#timer.set(ANSWER_WITHIN_MS, () => {
      this.stop();
      this.#actions.giveUp();
    });
    this.#actions.ping();
  }
}
