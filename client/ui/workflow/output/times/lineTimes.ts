/** When the bytes of an output came, as far as the page was told: a moment, nobody knows (null), or not asked yet (undefined). */
import type { LogPiece, LogTimes, Moment } from "../../../../index.js";

export interface OffsetRange {
  readonly from: number;
  readonly next: number;
}

/** Above so many entries those that are far from the lines on the page are forgotten. */
const MOST_KEPT = 20_000;

export class LineTimes {
  /** While nobody wants to see them, what is told is not kept. */
  isWanted = false;
  /** Each moment holds from its offset up to the next one. */
  #offsets: number[] = [0];
  #moments: (Moment | undefined)[] = [undefined];
  #version = 0;

  /** Another one when more is known. */
  get version(): number {
    return this.#version;
  }

  hear({ from, next, at }: Pick<LogPiece, "from" | "next" | "at">): void {
    if (this.isWanted && at) this.told(from, next, at);
  }

  /** `times` tells of the bytes from `from` up to `next`. */
  told(from: number, next: number, times: LogTimes): void {
    const told = times.filter(([offset]) => offset >= from && offset < next);
    if (told[0]?.[0] !== from) return;
    this.#put(from, next, told);
    this.#version += 1;
  }

  at(offset: number): Moment | undefined {
    return this.#moments[this.#indexOf(offset)];
  }

  /** The first part of a range that was not asked for; null where all of it was. */
  missing({ from, next }: OffsetRange): OffsetRange | null {
    for (let i = this.#indexOf(from); i < this.#offsets.length; i++) {
      const begin = Math.max(from, this.#offsets[i]!);
      if (begin >= next) return null;
      if (this.#moments[i] !== undefined) continue;
      return { from: begin, next: Math.min(next, this.#offsets[i + 1] ?? next) };
    }
    return null;
  }

  /** Whether it is known of a whole range that nobody knows. */
  isUnrecorded({ from, next }: OffsetRange): boolean {
    for (const [, at] of this.#between(from, next)) if (at !== null) return false;
    return from < next;
  }

  /** Where there is much: forgets what is outside. */
  trim({ from, next }: OffsetRange, most = MOST_KEPT): void {
    if (this.#offsets.length <= most) return;
    const kept = [...this.#between(from, next)];
    this.#offsets = [0];
    this.#moments = [undefined];
    this.#put(from, next, kept);
  }

  *#between(from: number, next: number): Generator<[number, Moment | undefined]> {
    for (let i = this.#indexOf(from); (this.#offsets[i] ?? next) < next; i++)
      yield [Math.max(from, this.#offsets[i]!), this.#moments[i]];
  }

  #put(from: number, next: number, told: readonly (readonly [number, Moment | undefined])[]) {
    const behind = this.at(next);
    const first = this.#indexOf(from);
    const begin = this.#offsets[first] === from ? first : first + 1;
    const last = this.#indexOf(next);
    const isSplit = this.#offsets[last] !== next;
    const entries = isSplit ? [...told, [next, behind] as const] : told;
    const replaced = (isSplit ? last + 1 : last) - begin;
    this.#offsets.splice(begin, replaced, ...entries.map(([offset]) => offset));
    this.#moments.splice(begin, replaced, ...entries.map(([, at]) => at));
  }

  /** The last that begins there or before. */
  #indexOf(offset: number): number {
    let [low, high] = [0, this.#offsets.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#offsets[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
