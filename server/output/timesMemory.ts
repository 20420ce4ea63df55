/** Keeps the parts of indexes that were read, up to a bound: the part used least lately goes first. */

interface Forgetful {
  forget(): void;
}

/** At most this many runs are kept: one run takes some 20 bytes. */
const MOST_RUNS = 500_000;

export class TimesMemory {
  /** In order of their last use. */
  readonly #kept = new Map<Forgetful, number>();
  readonly #most: number;
  #runs = 0;

  constructor(most = MOST_RUNS) {
    this.#most = most;
  }

  keep(one: Forgetful, runs: number): void {
    this.drop(one);
    this.#kept.set(one, runs);
    this.#runs += runs;
    for (const oldest of this.#kept.keys()) {
      if (this.#runs <= this.#most) return;
      oldest.forget();
      this.drop(oldest);
    }
  }

  drop(one: Forgetful): void {
    this.#runs -= this.#kept.get(one) ?? 0;
    this.#kept.delete(one);
  }
}
