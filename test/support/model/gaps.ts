/** How long it was silent between two of the events of one kind, at the longest. */
export class Gaps {
  #last: number | null = null;
  #longest = 0;

  /** In milliseconds. */
  get longestMs(): number {
    return this.#longest;
  }

  /** One event, now or at that moment of `performance.now`. */
  see(at = performance.now()): void {
    if (this.#last !== null) this.#longest = Math.max(this.#longest, at - this.#last);
    this.#last = at;
  }
}

/** The longest gap in a list of moments that ascend. */
export function longestGapMs(moments: readonly number[]): number {
  const gaps = new Gaps();
  for (const at of moments) gaps.see(at);
  return gaps.longestMs;
}
