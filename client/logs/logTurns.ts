/** Frames of output, which wait their turn: news of the state that came behind them is told first where listeners take their time. */
import type { Clock } from "../../shared/clock.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { Timer } from "../wire/timer.js";

export type OutputFrame = Extract<ServerMessage, { type: "log" | "log_end" | "log_away" }>;

/** Output is handed on for so long in one turn. */
const BUDGET_MS = 8;
/** A listener that was stopped with the whole machine must not make the next turn wait for as long. */
const LONGEST_WAIT_MS = 1_000;
/** More characters do not wait: then the frames behind them have to. */
const MOST_WAITING = 8 * 1024 * 1024;

export class LogTurns {
  readonly #clock: Clock;
  readonly #hand: (frame: OutputFrame) => void;
  readonly #next: Timer;
  readonly #waiting: OutputFrame[] = [];
  #characters = 0;

  /** `hand` gets each frame once and in order, until `clear`. */
  constructor(clock: Clock, hand: (frame: OutputFrame) => void) {
    this.#clock = clock;
    this.#hand = hand;
    this.#next = new Timer(clock);
  }

  /** At once, where the listeners are not behind. */
  add(frame: OutputFrame): void {
    this.#waiting.push(frame);
    this.#characters += sizeOf(frame);
    if (!this.#next.isSet) this.#turn();
    while (this.#characters > MOST_WAITING) this.#handOne();
  }

  /** Frames that wait are told to nobody. */
  clear(): void {
    this.#waiting.length = 0;
    this.#characters = 0;
    this.#next.cancel();
  }

  /** The next one waits for at least as long as this one takes: the time between is for what must not wait. */
  #turn(): void {
    const started = this.#clock.elapsed();
    const took = () => this.#clock.elapsed() - started;
    while (this.#waiting.length > 0 && took() < BUDGET_MS) this.#handOne();
    if (took() >= BUDGET_MS) this.#next.set(Math.min(took(), LONGEST_WAIT_MS), () => this.#turn());
  }

  #handOne(): void {
    const frame = this.#waiting.shift();
    if (!frame) return;
    this.#characters -= sizeOf(frame);
    this.#hand(frame);
  }
}

const sizeOf = (frame: OutputFrame): number => (frame.type === "log" ? frame.text.length : 0);
