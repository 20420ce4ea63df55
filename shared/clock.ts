/** Time as an argument: both sides take it, so that tests hold it. */

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `run` once after `ms`; the returned function takes that back and may be called at any time. */
  after(ms: number, run: () => void): () => void;
}

/** The longest time a JavaScript timer can hold; more would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    let timer: ReturnType<typeof setTimeout>;
    const arm = (left: number) => {
      const piece = Math.min(left, LONGEST_TIMER_MS);
      timer = setTimeout(() => (left > piece ? arm(left - piece) : run()), Math.max(0, piece));
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};
