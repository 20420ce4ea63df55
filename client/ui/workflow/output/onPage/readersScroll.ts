/**
 * The reader's own scroll while it is in motion: keys and wheels that glide, a finger and what follows it, a drag of the scroll bar.
 * Lines that come or go above him make the page put back what he sees, and that would end such a motion under his hand: they wait for its rest.
 */
import type { Clock } from "../../../../index.js";

/** Nothing moved for so long: the motion is over, also where no engine says so. */
const QUIET_MS = 300;
/** Another motion may go on where one ended. */
const ENDED_MS = 60;
/** A page that paints seldom moves as seldom: so many pictures without a move say that there is none. */
const STILL_FRAMES = 2;
/** However long it moves by itself: so long after the reader's last push, what waits is done. */
const LONGEST_MS = 10_000;

export class ReadersScroll {
  /** A finger or the scroll bar is held: a rest within that is no end. */
  isHeld = false;
  /** So little is above what is in view that the motion would come to a stop there. */
  isShort = false;
  /** Calls back when the page is painted next; what it returns takes that back. */
  frame: (run: () => void) => () => void;
  readonly #clock: Clock;
  readonly #rested: () => void;
  #cancel: (() => void) | null = null;
  #hasMoved = false;
  #since = 0;
  #until = 0;

  /** `rested` is called after each motion. */
  constructor(clock: Clock, rested: () => void) {
    this.#clock = clock;
    this.frame = (run) => clock.after(0, run);
    this.#rested = rested;
  }

  get isMoving(): boolean {
    return this.#cancel !== null;
  }

  /** Nothing above is drawn or cut now. */
  get holds(): boolean {
    return this.isMoving && !this.isShort;
  }

  /** The reader did what may scroll. */
  pushed(): void {
    this.#goOn();
    // On a busy machine the push before is still on its way: this one has a time of its own.
    this.#since = this.#clock.elapsed();
  }

  /** The lines in view moved. */
  moved(): void {
    this.#goOn();
    this.#hasMoved = true;
  }

  /** The engine says that a scroll is over: not always this one. */
  ended(): void {
    if (!this.#hasMoved || !this.isMoving) return;
    // Chrome does not tell when the scroll bar is let go.
    this.isHeld = false;
    this.stop();
    this.#wait(this.#clock.elapsed() + ENDED_MS);
  }

  /** The motion is no more, and nobody hears of it. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #goOn(): void {
    const now = this.#clock.elapsed();
    if (this.isMoving) {
      this.#until = now + QUIET_MS;
      return;
    }
    this.#since = now;
    this.#hasMoved = false;
    this.#wait(now + QUIET_MS);
  }

  #wait(until: number): void {
    this.#until = until;
    this.#cancel = this.#clock.after(until - this.#clock.elapsed(), () => this.#goesOn(0));
  }

  /** `still`: so many pictures were painted since it was quiet. */
  #goesOn(still: number): void {
    const now = this.#clock.elapsed();
    const last = this.#since + LONGEST_MS;
    const until = this.isHeld ? now + QUIET_MS : this.#until;
    if (now >= last || (until <= now && still === STILL_FRAMES)) return this.#rest();
    if (until > now) return this.#wait(Math.min(until, last));
    const noFrame = this.frame(() => {
      noRest();
      this.#goesOn(still + 1);
    });
    const noRest = this.#clock.after(last - now, () => {
      noFrame();
      this.#rest();
    });
    this.#cancel = () => {
      noFrame();
      noRest();
    };
  }

  #rest(): void {
    this.#cancel = null;
    this.#rested();
  }
}
