/** Deadlines that judge others by their silence: fair also where it was this process, or its machine, that slept. */

import type { Clock } from "../../shared/clock.js";
import { Listeners } from "../../shared/listeners.js";
import { LOOK_EVERY_MS, SleepWatch } from "../../shared/sleepWatch.js";

/** After we slept, everybody has this long to be heard again, or the whole of a shorter deadline. */
const AGAIN_MS = 30_000;

interface Deadline {
  readonly ms: number;
  /** In elapsed time. */
  at: number;
}

const known = new WeakMap<Clock, Awake>();

/** The one for this clock: whoever measures with it wakes at the same moment. */
export function awakeOf(clock: Clock): Awake {
  let awake = known.get(clock);
  if (!awake) {
    awake = new Awake(clock);
    known.set(clock, awake);
  }
  return awake;
}

/** Looks once a second, for as long as anybody wants to know; then it leaves no timer. */
export class Awake {
  readonly #clock: Clock;
  readonly #watch: SleepWatch;
  readonly #listeners = new Listeners<void>();
  readonly #deadlines = new Set<Deadline>();
  #cancelLook: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#watch = new SleepWatch(clock);
  }

  /** Told when we had slept, before anybody is judged. Returns what stops it. */
  onWake(listener: () => void): () => void {
    const stop = this.#listeners.listen(listener);
    this.#demandChanged();
    return () => {
      stop();
      this.#demandChanged();
    };
  }

  /**
   * Runs `run` once `ms` have passed, and whatever waited in the sockets and pipes at that moment was read. Time that we slept through does not
   * count, and after it at least half a minute is left, or `ms` where that is less. The returned function takes it back.
   */
  after(ms: number, run: () => void): () => void {
    const deadline: Deadline = { ms, at: this.#clock.elapsed() + ms };
    let cancel = () => {};
    const arm = () => {
      cancel = this.#clock.after(this.#left(deadline), ring);
    };
    const ring = () => {
      if (this.#left(deadline) > 0) return arm();
      cancel = this.onceRead(() => {
        if (this.#left(deadline) > 0) return arm();
        this.#forget(deadline);
        run();
      });
    };
    this.#deadlines.add(deadline);
    this.#demandChanged();
    arm();
    return () => {
      cancel();
      this.#forget(deadline);
    };
  }

  /**
   * Runs `run` once whatever waits in the sockets and pipes now was read, and everybody knows whether we slept. The returned function
   * takes it back.
   */
  onceRead(run: () => void): () => void {
    // Immediates come after the next look at what can be read.
    const immediate = setImmediate(() => {
      try {
        this.#look();
        run();
      } catch (error) {
        // The clock's owner says what becomes of a timer that throws.
        this.#clock.after(0, () => {
          throw error;
        });
      }
    });
    return () => clearImmediate(immediate);
  }

  #left({ at }: Deadline): number {
    return at - this.#clock.elapsed();
  }

  #forget(deadline: Deadline): void {
    this.#deadlines.delete(deadline);
    this.#demandChanged();
  }

  #demandChanged(): void {
    const isWanted = this.#listeners.size + this.#deadlines.size > 0;
    if (isWanted === (this.#cancelLook !== null)) return;
    this.#cancelLook?.();
    this.#cancelLook = null;
    if (!isWanted) return;
    this.#watch.start();
    this.#lookSoon();
  }

  #lookSoon(): void {
    this.#cancelLook = this.#clock.after(LOOK_EVERY_MS, () => {
      this.#lookSoon();
      this.#look();
    });
  }

  #look(): void {
    // Where nobody was interested, nothing was looked at either.
    if (this.#cancelLook === null) return;
    const slept = this.#watch.look();
    if (slept === null || slept.how === "jumped back") return;
    const missed = slept.how === "missed" ? slept.ms : 0;
    const now = this.#clock.elapsed();
    for (const deadline of this.#deadlines) {
      const least = now + Math.min(deadline.ms, AGAIN_MS);
      deadline.at = Math.min(now + deadline.ms, Math.max(deadline.at + missed, least));
    }
    this.#listeners.tell();
  }
}
