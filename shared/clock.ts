/** Time as an argument: both sides take it, so that tests hold it. */

export interface Clock {
  /** Wall time, in milliseconds since the Unix epoch: a label. Somebody may set it, so no duration is measured with it. */
  now(): number;
  /** Milliseconds since some moment of this process's own: only goes forward, whatever is done to the wall clock. For every duration. */
  elapsed(): number;
  /** Runs `run` once after `ms`; the returned function takes that back and may be called at any time. */
  after(ms: number, run: () => void): () => void;
}

/** The longest time a JavaScript timer can hold; more would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
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
