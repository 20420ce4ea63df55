/** A clock that stands still until a test moves it. */
import type { Clock } from "../../shared/clock.js";

export interface ManualClock extends Clock {
  /** Moves time on and runs what falls due, in order, also what is set up on the way. */
  advance(ms: number): void;
  /** How many timers are waiting: a closed part leaves none. */
  readonly waiting: number;
}

export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  let lastId = 0;
  const timers = new Map<number, { at: number; run: () => void }>();

  const nextDue = (until: number) => {
    let due: [number, { at: number; run: () => void }] | undefined;
    for (const entry of timers) {
      if (entry[1].at <= until && (!due || entry[1].at < due[1].at)) due = entry;
    }
    return due;
  };

  return {
    now: () => now,
    after: (ms, run) => {
      const id = ++lastId;
      timers.set(id, { at: now + Math.max(0, ms), run });
      return () => void timers.delete(id);
    },
    advance: (ms) => {
      const until = now + ms;
      for (let due = nextDue(until); due; due = nextDue(until)) {
        timers.delete(due[0]);
        now = due[1].at;
        due[1].run();
      }
      now = until;
    },
    get waiting() {
      return timers.size;
    },
  };
}
