/** The rest of a time whose end was written down by an earlier process. */
import type { Clock } from "../../shared/clock.js";

/**
 * Milliseconds from now until the wall time `end`: never less than none, and, wherever the clock was set to meanwhile, never more than
 * `fullMs`, the whole time.
 */
export const restOf = (end: number, fullMs: number, clock: Pick<Clock, "now">): number =>
  Math.min(fullMs, Math.max(0, end - clock.now()));
