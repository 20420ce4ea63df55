/** How far the server's wall clock is from ours, by what its frames and answers say. */
import type { Clock } from "../../shared/clock.js";

/** The HTTP `Date` header counts whole seconds, and frames may wait on their way: a smaller difference is no news. */
const COARSE_MS = 2_000;

export class ServerTime {
  readonly #clock: Clock;
  /** When the oldest ping without an answer was sent, in elapsed time. */
  #pingedAt: number | null = null;
  /** Server time minus local time. */
  offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new socket's first word. */
  greeted(serverTime: string): void {
    this.#pingedAt = null;
    this.offsetMs = this.#offsetOf(serverTime);
  }

  pinged(): void {
    this.#pingedAt ??= this.#clock.elapsed();
  }

  /**
   * True where only an answer can tell: the heartbeat waited on its way, or a clock was set. What takes its time makes the server's clock
   * look too late, never too early.
   */
  heartbeat(serverTime: string | undefined): boolean {
    const offsetMs = this.#offsetOf(serverTime);
    if (offsetMs > this.offsetMs) this.offsetMs = offsetMs;
    return this.offsetMs - offsetMs >= COARSE_MS;
  }

  answered(serverTime: string | undefined): void {
    const pingedAt = this.#pingedAt;
    this.#pingedAt = null;
    if (pingedAt === null) return;
    const offsetMs = this.#offsetOf(serverTime);
    const tookMs = this.#clock.elapsed() - pingedAt;
    if (offsetMs > this.offsetMs || offsetMs + tookMs < this.offsetMs) this.offsetMs = offsetMs;
  }

  /** As an HTTP answer's `Date` header told it, in milliseconds. */
  dated(serverTime: number): void {
    const offsetMs = serverTime - this.#clock.now();
    if (Math.abs(offsetMs - this.offsetMs) >= COARSE_MS) this.offsetMs = offsetMs;
  }

  /** Not a number where the server told none: then no comparison holds. */
  #offsetOf(serverTime: string | undefined): number {
    return Date.parse(serverTime ?? "") - this.#clock.now();
  }
}
