/** Local time, and elapsed time, as signals that move once a second: every clock of the page reads this one, so they all step together. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Clock } from "../../index.js";

export interface Ticker {
  readonly now: ReadonlySignal<number>;
  readonly elapsed: ReadonlySignal<number>;
  /** Moves on at once, for what must not wait for the next second. */
  refresh(): void;
  stop(): void;
}

export function createTicker(clock: Clock): Ticker {
  const now = signal(clock.now());
  const elapsed = signal(clock.elapsed());
  const refresh = () => {
    now.value = clock.now();
    elapsed.value = clock.elapsed();
  };
  let cancel = () => {};
  const arm = () => {
    // On the full second: two clocks side by side must not step at different moments.
    cancel = clock.after(1_000 - (clock.now() % 1_000), () => {
      refresh();
      arm();
    });
  };
  arm();
  return { now, elapsed, refresh, stop: () => cancel() };
}
