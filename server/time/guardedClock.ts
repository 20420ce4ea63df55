/** A clock whose timers cannot end the process: a timer's function that throws is a bug, and is reported instead. */
import type { Clock } from "../../shared/clock.js";

/** The same clock. `onFailure` hears what a timer's function has thrown; thrown out of the event loop it would end the process. */
export const guardedClock = (clock: Clock, onFailure: (error: unknown) => void): Clock => ({
  now: () => clock.now(),
  elapsed: () => clock.elapsed(),
  after: (ms, run) =>
    clock.after(ms, () => {
      try {
        run();
      } catch (error) {
        onFailure(error);
      }
    }),
});
