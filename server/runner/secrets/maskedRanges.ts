/** The stretches of a stream that are masked, and how what was held back is given out with them. */
import { MASK } from "../../../shared/fields/fields.js";

/** Bytes that can be shown by now. */
export interface Piece {
  /** Where it stood in the stream. */
  readonly at: number;
  readonly bytes: Buffer;
}

interface Range {
  start: number;
  readonly end: number;
  /** Its mask was given out already. */
  isTold: boolean;
}

/** Bytes of a stream that were not given out yet, and where in it they begin. */
export interface Held {
  readonly data: Buffer;
  readonly from: number;
}

const MASKED = Buffer.from(MASK);

/** Places count from the beginning of the stream. */
export class MaskedRanges {
  #ranges: Range[] = [];
  #lasting: Piece[] = [];

  /** From here to before `end` nothing is shown; stretches that meet become one. */
  add(from: number, end: number): void {
    let start = from;
    let isTold = false;
    for (let last = this.#ranges.at(-1); last && last.end > start; last = this.#ranges.at(-1)) {
      start = Math.min(start, last.start);
      isTold ||= last.isTold;
      this.#ranges.pop();
    }
    this.#ranges.push({ start, end, isTold });
  }

  /** A sequence that has its effect also where it stands in a stretch that is masked. */
  addLasting(piece: Piece): void {
    this.#lasting.push(piece);
  }

  /** All before `until`, with a mask in the place of each stretch. */
  give({ data, from }: Held, until: number): Piece[] {
    const pieces: Piece[] = [];
    let at = from;
    const plain = (end: number) => {
      if (end > at) pieces.push({ at, bytes: data.subarray(at - from, end - from) });
      at = Math.max(at, end);
    };
    const lasting = this.#lasting;
    let left = 0;
    for (const range of this.#ranges) {
      if (range.start >= until) break;
      plain(range.start);
      if (!range.isTold) pieces.push({ at, bytes: MASKED });
      range.isTold = true;
      const end = Math.min(range.end, until);
      // Those before the stretch were given out with the bytes around them.
      while (left < lasting.length && lasting[left]!.at < range.start) left += 1;
      for (; left < lasting.length && lasting[left]!.at < end; left++) pieces.push(lasting[left]!);
      at = end;
      range.start = end;
    }
    plain(until);
    this.#ranges = this.#ranges.filter(({ start, end }) => start < end);
    // Copies: the bytes they came in are not kept for a few of them.
    this.#lasting = lasting
      .filter((one) => one.at >= until)
      .map((one) => ({ at: one.at, bytes: Buffer.from(one.bytes) }));
    return pieces;
  }

  get isEmpty(): boolean {
    return this.#ranges.length + this.#lasting.length === 0;
  }

  /** All that is not given out, seen from `end`. */
  stateAt(end: number): unknown {
    const lasting = this.#lasting.map(({ at, bytes }) => [end - at, bytes.toString("latin1")]);
    return [this.#ranges.map((one) => [end - one.start, end - one.end, one.isTold]), lasting];
  }
}
