/** Real time, only faster: for deadlines of minutes that real processes have to meet. */
import { systemClock } from "../../shared/clock.js";
import type { ManualClock } from "./manualClock.js";

/** Where a clock is asked for that can be moved by hand, this one moves by itself. */
export const hastyClock = (times: number): ManualClock => ({
  now: () => Date.now() * times,
  elapsed: () => performance.now() * times,
  after: (ms, run) => systemClock.after(ms / times, run),
  advance: () => {},
  setWall: () => {},
  waiting: 0,
});
