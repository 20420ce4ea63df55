/** The last changes of one document, so that a tab that was away hears only what it missed. */

/** A change on its way out. `bytes` is what keeping it costs. */
export interface RecentChange {
  readonly base: number;
  readonly revision: number;
  readonly bytes: number;
}

/** How many changes are kept at most, and how many bytes of them. */
export interface RecentLimits {
  readonly changes: number;
  readonly bytes: number;
}

export class Recent<Change extends RecentChange> {
  readonly #limits: RecentLimits;
  #changes: Change[] = [];
  #bytes = 0;

  constructor(limits: RecentLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `change` starts where the last one ended. */
  push(change: Change): void {
    this.#changes.push(change);
    this.#bytes += change.bytes;
    this.#shrink();
  }

  /** Weighs all changes anew, as their costs have changed. */
  reweigh(): void {
    this.#bytes = this.#changes.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#shrink();
  }

  /** All that leads from `revision` to `now`, or null where a part of it is no longer here. */
  after(revision: number, now: number): readonly Change[] | null {
    if (revision === now) return [];
    const from = this.#changes.findIndex(({ base }) => base === revision);
    return from === -1 ? null : this.#changes.slice(from);
  }

  clear(): void {
    this.#changes = [];
    this.#bytes = 0;
  }

  #shrink(): void {
    let dropped = 0;
    const { changes, bytes } = this.#limits;
    while (this.#changes.length - dropped > changes || this.#bytes > bytes) {
      this.#bytes -= this.#changes[dropped]!.bytes;
      dropped += 1;
    }
    if (dropped > 0) this.#changes.splice(0, dropped);
  }
}
