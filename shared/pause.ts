/** Waits on a clock that can be held, until time or a signal ends it. */
import type { Clock } from "./clock.js";

/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. Leaves nothing behind either way. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
