/** Waits on a clock that tests can hold, until time or a signal ends it. */
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

/** Resolves after `ms`, or at once when the signal is aborted: for a wait that its end makes needless. */
export async function pauseFor(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  await pause(clock, ms, signal).catch(() => {});
}
