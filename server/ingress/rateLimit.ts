/** How fast one client may send commands: a bucket of tokens that refills with time. */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import type { Limits } from "../../shared/limits.js";

type Rate = Pick<Limits, "commandsPerSecond" | "commandBurst">;

export class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#tokens = rate.commandBurst;
    this.#filledAt = clock.elapsed();
  }

  get isFull(): boolean {
    this.#refill();
    return this.#tokens >= this.#rate.commandBurst;
  }

  /** Throws SyncError `rate_limited` where the client was too fast. */
  take(): void {
    this.#refill();
    if (this.#tokens < 1) {
      throw new SyncError(
        "rate_limited",
        `at most ${this.#rate.commandsPerSecond} commands a second`,
        { retryAfter: 1 },
      );
    }
    this.#tokens -= 1;
  }

  #refill(): void {
    const now = this.#clock.elapsed();
    const passed = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#tokens = Math.min(
      this.#rate.commandBurst,
      this.#tokens + (passed / 1000) * this.#rate.commandsPerSecond,
    );
  }
}

/** Above this, full buckets (clients that were quiet long enough) are forgotten. */
const BUCKETS_KEPT = 10_000;

/** One bucket a client, for a door without connections. */
export class RateLimiter {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #clock: Clock;
  readonly #rate: Rate;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  take(client: string): void {
    let bucket = this.#buckets.get(client);
    if (!bucket) {
      if (this.#buckets.size >= BUCKETS_KEPT) this.#forgetQuiet();
      bucket = new TokenBucket(this.#clock, this.#rate);
      this.#buckets.set(client, bucket);
    }
    bucket.take();
  }

  #forgetQuiet(): void {
    for (const [client, bucket] of this.#buckets) if (bucket.isFull) this.#buckets.delete(client);
  }
}
