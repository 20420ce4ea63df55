/** Notices a socket that has gone quiet: asks for a sign of life, and gives it up when none comes. */
import type { Clock } from "../../shared/clock.js";
import { Timer } from "../wire/timer.js";

/** How long a socket has to answer a ping when we doubt it. */
export const ANSWER_WITHIN_MS = 2_000;

export interface WatchdogActions {
  ping(): void;
  /** Called at most once per `start`. */
  giveUp(): void;
}

/**
 * After silence any frame ends the doubt. Where we were asked to look, frames may come that were on their way before the link died:
 * they give it time, and only an answer ends the doubt.
 */
type Doubt = "silent" | "asked";

export class Watchdog {
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #actions: WatchdogActions;
  #quietForMs = 0;
  #heardAt = 0;
  #doubt: Doubt | null = null;

  constructor(clock: Clock, actions: WatchdogActions) {
    this.#clock = clock;
    this.#timer = new Timer(clock);
    this.#actions = actions;
  }

  /** Watches until `stop`; `quietForMs` without a sign of life raises doubt. */
  start(quietForMs: number): void {
    this.stop();
    this.#quietForMs = quietForMs;
    this.#heardAt = this.#clock.elapsed();
    this.#waitForQuiet();
  }

  /** Any frame is a sign of life. Sets no timer, so it costs nothing per frame. */
  heard(): void {
    this.#heardAt = this.#clock.elapsed();
    if (this.#doubt === "silent") this.#trust();
  }

  /** The answer to a ping, and a frame like any other. */
  answered(): void {
    this.heard();
    if (this.#doubt) this.#trust();
  }

  /** Doubts the socket now: asks, and gives up once nothing has come for two seconds and no answer. */
  check(): void {
    // Asking again must not give a dead socket more time.
    if (this.#timer.isSet && !this.#doubt) this.#ask("asked");
  }

  stop(): void {
    this.#timer.cancel();
    this.#doubt = null;
  }

  #trust(): void {
    this.#doubt = null;
    this.#waitForQuiet();
  }

  #waitForQuiet(): void {
    this.#onceQuietFor(this.#quietForMs, this.#heardAt, () => this.#ask("silent"));
  }

  #ask(doubt: Doubt): void {
    this.#doubt = doubt;
    this.#onceQuietFor(ANSWER_WITHIN_MS, this.#clock.elapsed(), () => {
      this.stop();
      this.#actions.giveUp();
    });
    this.#actions.ping();
  }

  #onceQuietFor(ms: number, since: number, act: () => void): void {
    const left = () => Math.max(since, this.#heardAt) + ms - this.#clock.elapsed();
    const look = () => (left() > 0 ? this.#timer.set(left(), look) : act());
    this.#timer.set(left(), look);
  }
}
