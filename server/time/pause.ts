/** Waiting that ends early where there is nothing to wait for any more. */
import type { Clock } from "../../shared/clock.js";

/** Resolves after `ms`, or at once when the signal is aborted. */
export function pauseFor(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done, { once: true });
  });
}
