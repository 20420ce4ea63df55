/** A clock that stands still until a test moves it. */
import type { Clock } from "../../../shared/clock.js";

export interface ManualClock extends Clock {
  /** Moves time on and runs what falls due, in order, also what is set up on the way. */
  advance(ms: number): void;
  /** What SIGSTOP and SIGCONT do: all of it passes at once, and then everything that is due rings late. */
  sleep(ms: number): void;
  /** What an administrator or NTP does: another wall time from here on. Nothing falls due by it. */
  setWall(now: number): void;
  /** How many timers ring in exactly `ms`: whether a certain one is waiting. */
  waitingFor(ms: number): number;
  /** How many timers are waiting: a closed part leaves none. */
  readonly waiting: number;
}

export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsed = 0;
  let wallAtZero = start;
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
    now: () => wallAtZero + elapsed,
    elapsed: () => elapsed,
    after: (ms, run) => {
      const id = ++lastId;
      timers.set(id, { at: elapsed + Math.max(0, ms), run });
      return () => void timers.delete(id);
    },
    advance: (ms) => {
      const until = elapsed + ms;
      for (let due = nextDue(until); due; due = nextDue(until)) {
        timers.delete(due[0]);
        elapsed = due[1].at;
        due[1].run();
      }
      elapsed = until;
    },
    sleep: (ms) => {
      elapsed += ms;
      for (let due = nextDue(elapsed); due; due = nextDue(elapsed)) {
        timers.delete(due[0]);
        due[1].run();
      }
    },
    setWall: (now) => {
      wallAtZero = now - elapsed;
    },
    waitingFor: (ms) => [...timers.values()].filter(({ at }) => at === elapsed + ms).length,
    get waiting() {
      return timers.size;
    },
  };
}
