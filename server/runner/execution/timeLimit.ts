/** How long a workflow may still take: its own time runs while its steps do, not while it waits for an answer. */
import type { Clock } from "../../../shared/clock.js";
import { awakeOf } from "../../time/awake.js";

export class TimeLimit {
  readonly #clock: Clock;
  readonly #over: () => void;
  #leftMs: number;
  #since = 0;
  #cancel: (() => void) | null = null;

  /** `over` is called once, when `ms` have passed between `begin` and `end`. */
  constructor(clock: Clock, ms: number, over: () => void) {
    this.#clock = clock;
    this.#leftMs = Math.max(0, ms);
    this.#over = over;
  }

  begin(): void {
    if (this.#cancel || this.#leftMs === Number.POSITIVE_INFINITY) return;
    this.#since = this.#clock.elapsed();
    this.#cancel = awakeOf(this.#clock).after(this.#leftMs, () => {
      this.#leftMs = Number.POSITIVE_INFINITY;
      this.#over();
    });
  }

  /** Leaves no timer. What is left stays left. */
  end(): void {
    if (!this.#cancel) return;
    this.#cancel();
    this.#cancel = null;
    this.#leftMs = Math.max(0, this.#leftMs - (this.#clock.elapsed() - this.#since));
  }

  /** The same promise, whose time does not count. */
  async without<T>(wait: () => Promise<T>): Promise<T> {
    this.end();
    try {
      return await wait();
    } finally {
      this.begin();
    }
  }
}
