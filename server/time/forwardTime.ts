/** Wall time for what must not last longer than it was told: a clock that is set back lengthens nothing while this process runs. */
import type { Clock } from "../../shared/clock.js";

/**
 * Whole ms since the Unix epoch at each call: as the clock of the wall says, and never less than that of this moment with the time that has passed
 * since. A clock that is set forward counts at once, and no longer than it stands so.
 */
export function forwardTime(clock: Pick<Clock, "now" | "elapsed">): () => number {
  const began = clock.now() - clock.elapsed();
  return () => Math.max(clock.now(), Math.floor(began + clock.elapsed()));
}
