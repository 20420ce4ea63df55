/** Does something at once, but in a flood only so often. */
import type { Clock } from "../../../index.js";

export interface Pace {
  /** Now, or as soon as it is time again. */
  soon(): void;
  /** Without waiting. */
  now(): void;
  stop(): void;
}

export function createPace(clock: Clock, everyMs: number, run: () => void): Pace {
  let cancel: (() => void) | null = null;
  let isDue = false;
  let isStopped = false;
  const now = () => {
    if (isStopped) return;
    isDue = false;
    run();
    cancel?.();
    cancel = clock.after(everyMs, () => {
      cancel = null;
      if (isDue) now();
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
