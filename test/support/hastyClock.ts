/** Real time, only faster: for deadlines of minutes that real processes have to meet. */
import { systemClock } from "../../shared/clock.js";
import type { ManualClock } from "./manualClock.js";

/** Where a clock is asked for that can be moved by hand, this one moves by itself. */
export function hastyClock(times: number): ManualClock {
  let wallAtZero = 0;
  const elapsed = () => performance.now() * times;
  const clock: ManualClock = {
    now: () => wallAtZero + elapsed(),
    elapsed,
    after: (ms, run) => systemClock.after(ms / times, run),
    advance: () => {},
    setWall: (now) => {
      wallAtZero = now - elapsed();
    },
    waiting: 0,
  };
  clock.setWall(Date.now());
  return clock;
}
