/** Notices that this process or its machine did not run for a while: it was stopped, or it slept. Pure but for the clock. */
import type { Clock } from "./clock.js";

/** How often whoever watches for it looks. */
export const LOOK_EVERY_MS = 1_000;
/** A look so late means that nothing ran in between. */
const LATE_MS = 1_000;
/** Elapsed time may stand still while a machine sleeps, and then only the wall clock tells. */
const JUMP_MS = 2_000;

export type Slept =
  /** Elapsed time went on meanwhile: `ms` of it were missed. */
  | { readonly how: "missed"; readonly ms: number }
  /** Elapsed time stood still, or somebody set the wall clock on: that looks the same. */
  | { readonly how: "jumped on" }
  /** Nobody slept: somebody set the wall clock back. */
  | { readonly how: "jumped back" };

export class SleepWatch {
  readonly #clock: Clock;
  readonly #everyMs: number;
  #elapsed = 0;
  #wall = 0;

  /** `look` is to be called at least every `everyMs`, and the first time so long after this. */
  constructor(clock: Clock, everyMs = LOOK_EVERY_MS) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.start();
  }

  /** Forgets what came before. */
  start(): void {
    this.#elapsed = this.#clock.elapsed();
    this.#wall = this.#clock.now();
  }

  /** Says what happened since the last look; null where only time passed. */
  look(): Slept | null {
    const passed = this.#clock.elapsed() - this.#elapsed;
    const jumped = this.#clock.now() - this.#wall - passed;
    this.start();
    if (passed > this.#everyMs + LATE_MS) return { how: "missed", ms: passed - this.#everyMs };
    if (jumped > JUMP_MS) return { how: "jumped on" };
    return jumped < -JUMP_MS ? { how: "jumped back" } : null;
  }
}
