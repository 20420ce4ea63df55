/** Keeps the recovery rings of all documents together within a bound: the one that changed longest ago goes first. */
import type { Channel } from "./channel.js";

type Ring = Pick<Channel, "recentBytes" | "forgetRecent">;

export class RecentBudget {
  readonly #limit: number;
  /** In order of their last change. */
  readonly #known = new Map<Ring, number>();
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** After every change of `ring`. */
  use(ring: Ring): void {
    this.release(ring);
    this.weigh(ring);
  }

  /** The ring takes more or less than before, and has not changed. */
  weigh(ring: Ring): void {
    this.#total += ring.recentBytes - (this.#known.get(ring) ?? 0);
    this.#known.set(ring, ring.recentBytes);
    for (const [oldest] of this.#known) {
      if (this.#total <= this.#limit || oldest === ring) return;
      this.release(oldest);
      oldest.forgetRecent();
    }
  }

  release(ring: Ring): void {
    this.#total -= this.#known.get(ring) ?? 0;
    this.#known.delete(ring);
  }
}
