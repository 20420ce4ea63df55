/** A bucket of tokens that refills with time: a pace that may be left for a burst. */
import type { Clock } from "../../../shared/clock.js";

export interface Rate {
  readonly perSecond: number;
  /** How many it holds. */
  readonly burst: number;
}

export class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = clock.elapsed();
  }

  get isFull(): boolean {
    return this.#refilled() >= this.#rate.burst;
  }

  /** At least one token is there. */
  get hasOne(): boolean {
    return this.#refilled() >= 1;
  }

  /** False, and nothing taken, where it is empty. What costs more than there is leaves a debt, which time pays. */
  take(cost = 1): boolean {
    if (!this.hasOne) return false;
    this.#tokens -= cost;
    return true;
  }

  #refilled(): number {
    const now = this.#clock.elapsed();
    const gained = ((now - this.#filledAt) / 1_000) * this.#rate.perSecond;
    this.#filledAt = now;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + gained);
    return this.#tokens;
  }
}
