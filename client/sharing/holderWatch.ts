/** Notices within a second that the holder of the shared socket is dead or stuck. */
import type { Clock } from "../../shared/clock.js";
import { Timer } from "../wire/timer.js";

const LOOK_EVERY_MS = 300;
/** How long the holder may leave a look unanswered. */
const ANSWER_WITHIN_MS = 700;
/** A timer that rings so late tells of a busy or sleeping tab: what was said to it may still wait in its queue. */
const LATE_MS = 100;

export interface HolderWatchActions {
  look(): void;
  /** Called at most once per `start`. */
  silent(): void;
}

export class HolderWatch {
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #actions: HolderWatchActions;
  /** When the oldest look without an answer was sent. */
  #askedAt: number | null = null;
  #isRechecking = false;

  constructor(clock: Clock, actions: HolderWatchActions) {
    this.#clock = clock;
    this.#timer = new Timer(clock);
    this.#actions = actions;
  }

  start(): void {
    if (this.#timer.isSet) return;
    this.#ask();
    this.#lookAgainIn(LOOK_EVERY_MS);
  }

  /** Anything from the holder is a sign of life. */
  heard(): void {
    this.#askedAt = null;
    this.#isRechecking = false;
  }

  stop(): void {
    this.#timer.cancel();
    this.heard();
  }

  #ask(): void {
    this.#askedAt ??= this.#clock.elapsed();
    this.#actions.look();
  }

  #lookAgainIn(ms: number): void {
    const due = this.#clock.elapsed() + ms;
    this.#timer.set(ms, () => this.#judge(this.#clock.elapsed() - due > LATE_MS));
  }

  #judge(isLate: boolean): void {
    const now = this.#clock.elapsed();
    const unansweredMs = this.#askedAt === null ? 0 : now - this.#askedAt;
    if (unansweredMs < ANSWER_WITHIN_MS) {
      this.#ask();
      return this.#lookAgainIn(Math.min(LOOK_EVERY_MS, ANSWER_WITHIN_MS - unansweredMs));
    }
    if (isLate && !this.#isRechecking) {
      this.#isRechecking = true;
      return this.#lookAgainIn(LATE_MS);
    }
    this.stop();
    this.#actions.silent();
  }
}
