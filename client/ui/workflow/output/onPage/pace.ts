/** Draws at once, but in a flood only so often, and never for more than half of the time. */
import type { Clock } from "../../../../index.js";

export interface Pace {
  /** Now, or as soon as it is time again. */
  soon(): void;
  /** Without waiting. */
  now(): void;
  stop(): void;
}

/** A machine that slept, or a tab that was frozen, must not make the next turn wait for as long. */
const LONGEST_WAIT_MS = 1_000;

/**
 * `run` hears how many milliseconds the turn before took, with all that came of it before the next timer rang. The next turn waits for at
 * least as long, so that input and news of the state come in between, whatever a turn costs.
 */
export function createPace(clock: Clock, everyMs: number, run: (tookMs: number) => void): Pace {
  let cancel: (() => void) | null = null;
  let isDue = false;
  let isStopped = false;
  let tookMs = 0;
  const now = () => {
    if (isStopped) return;
    isDue = false;
    cancel?.();
    // A drawing that is due again while this one runs waits its turn.
    cancel = () => {};
    const started = clock.elapsed();
    run(tookMs);
    cancel = clock.after(0, () => {
      tookMs = clock.elapsed() - started;
      const waitMs = Math.max(everyMs - tookMs, Math.min(tookMs, LONGEST_WAIT_MS));
      cancel = clock.after(waitMs, () => {
        cancel = null;
        if (isDue) now();
      });
    });
  };
  return {
    soon() {
      isDue = true;
      if (!cancel) now();
    },
    now,
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}
