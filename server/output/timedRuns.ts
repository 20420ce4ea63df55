/** When output came: runs of bytes that came in one moment, and how they are written to an index file. Pure. */
import type { Moment, TimedOffset } from "../../shared/wire/logTimes.js";

/** A moment is told from the one before it by their difference, so that it takes one byte or two; this one begins the file. */
export const FIRST_MOMENT = 0;

const UNKNOWN = 1;
const FIRST_DIFFERENCE = 2;
/** So that twice of it, and more, is a whole number still. */
const LAST_MOMENT = 2 ** 50;
const LARGEST = 2 ** 53 - 1;
/** Bytes of one number. */
const LONGEST = 8;

/** The wall clock's time, where it can be kept. */
export function momentOf(wall: number): Moment {
  const at = Math.floor(wall);
  return at >= 0 && at <= LAST_MOMENT ? at : null;
}

/**
 * A record: `count` bytes (at least 1) that came at a moment, `before` being the last known one in the file. Both numbers are at least 1
 * and written as LEB128, so that no byte of a record is 0: what a power cut left empty is seen.
 */
export function encodeRun(count: number, at: Moment, before: number): number[] {
  return [
    ...encodeNumber(count),
    ...encodeNumber(at === null ? UNKNOWN : differenceOf(at, before)),
  ];
}

/** Later is even, earlier is odd: a clock may be set back. */
function differenceOf(at: number, before: number): number {
  return FIRST_DIFFERENCE + (at >= before ? 2 * (at - before) : 2 * (before - at) - 1);
}

function momentFrom(difference: number, before: number): Moment {
  if (difference === UNKNOWN) return null;
  const folded = difference - FIRST_DIFFERENCE;
  return before + (folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2);
}

function encodeNumber(number: number): number[] {
  const bytes: number[] = [];
  let left = number;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  bytes.push(left);
  return bytes;
}

/** A place in an index file behind whole records: from there it can be read on. */
export interface IndexPlace {
  /** In the index file. */
  readonly bytes: number;
  /** Bytes of output it tells of. */
  readonly covered: number;
  /** The last known moment in it. */
  readonly last: number;
}

/** The beginning of an index file. */
export const INDEX_BEGIN: IndexPlace = { bytes: 0, covered: 0, last: FIRST_MOMENT };

/** So many are held at most, and behind them a next part begins: an index may tell of each byte by itself. */
const MOST_RUNS = 8_192;
/** Bytes of a file that are read and checked without a yield. */
export const INDEX_PIECE_BYTES = 16 * 1024;

/** The times in a part of an index file, which is read from its beginning in any number of pieces. */
export class TimedRuns {
  /** Where it begins. */
  readonly start: IndexPlace;
  /** Where each run ends, in order, and when it came. Neighbours of one moment are one. */
  readonly #ends: number[] = [];
  readonly #moments: Moment[] = [];
  #covered: number;
  #last: number;
  #bytes: number;
  #isTorn = false;
  #beyond: Moment | undefined;

  constructor(start: IndexPlace = INDEX_BEGIN) {
    this.start = start;
    this.#covered = start.covered;
    this.#last = start.last;
    this.#bytes = start.bytes;
  }

  /** So many bytes of the file were whole records. */
  get bytes(): number {
    return this.#bytes;
  }

  /** So many bytes of output it tells of. */
  get covered(): number {
    return this.#covered;
  }

  /** The last known moment. */
  get last(): number {
    return this.#last;
  }

  /** Whether it came to something that no server wrote. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Whether it holds as much as it takes: the next part begins at its end. */
  get isFull(): boolean {
    return this.count >= MOST_RUNS;
  }

  get end(): IndexPlace {
    return { bytes: this.#bytes, covered: this.#covered, last: this.#last };
  }

  /** The moment of the record that would have gone beyond what was read for; undefined where none would. */
  get beyond(): Moment | undefined {
    return this.#beyond;
  }

  /** Takes whole records until it is full, as long as none goes beyond `most` bytes of output; behind one that no server wrote nothing is believed any more. */
  read(piece: Uint8Array, most = Number.POSITIVE_INFINITY): void {
    for (let at = 0; !this.#isTorn && !this.isFull && this.#beyond === undefined; ) {
      const count = readNumber(piece, at);
      const difference = count && readNumber(piece, count.next);
      if (!difference) return;
      const moment = momentFrom(difference.number, this.#last);
      const isWritten = moment === null || (moment >= 0 && moment <= LAST_MOMENT);
      if (count.number === 0 || difference.number === 0 || !isWritten) this.#isTorn = true;
      else if (this.#covered + count.number > most) this.#beyond = moment;
      else {
        this.#add(count.number, moment);
        this.#bytes += difference.next - at;
        at = difference.next;
      }
    }
  }

  /** The runs between two places, the first cut at `from`, which is not before its start; nothing behind what is covered. */
  *between(from: number, to: number): Generator<TimedOffset> {
    const until = Math.min(to, this.#covered);
    for (let at = from, run = this.#runAt(from); at < until; run++) {
      yield [at, this.#moments[run]!];
      at = this.#ends[run]!;
    }
  }

  #add(count: number, moment: Moment): void {
    this.#covered += count;
    if (moment !== null) this.#last = moment;
    if (this.#ends.length > 0 && this.#moments.at(-1) === moment) {
      this.#ends[this.#ends.length - 1] = this.#covered;
      return;
    }
    this.#ends.push(this.#covered);
    this.#moments.push(moment);
  }

  /** The first that ends behind a place. */
  #runAt(place: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! > place) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Null where it is cut off; 0 where there is none that a server wrote. */
function readNumber(
  bytes: Uint8Array,
  from: number,
): { readonly number: number; readonly next: number } | null {
  let number = 0;
  let scale = 1;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    number += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte === 0 || number > LARGEST || at - from === LONGEST) return { number: 0, next: at };
    if (byte < 0x80) return { number, next: at + 1 };
  }
  return null;
}
