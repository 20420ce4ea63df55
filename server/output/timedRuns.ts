/** When output came: runs of bytes that came in one moment, as an index file tells of them. Pure. */
import type { Moment, TimedOffset } from "../../shared/wire/logTimes.js";
import { decodeRecord, INDEX_BEGIN, type IndexPlace } from "./indexRecords.js";

/** So many are held at most, and behind them a next part begins: an index may tell of each byte by itself. */
const MOST_RUNS = 8_192;
/** Bytes of a file that are read and checked without a yield. */
export const INDEX_PIECE_BYTES = 32 * 1024;

/** The times in a part of an index file, which is read from its beginning in any number of pieces. */
export class TimedRuns {
  /** Where it begins. */
  readonly start: IndexPlace;
  /** Where each run ends, in order, and when it came. Neighbours of one moment are one. */
  readonly #ends: number[] = [];
  readonly #moments: Moment[] = [];
  #end: IndexPlace;
  #isTorn = false;
  #beyond: Moment | undefined;

  constructor(start: IndexPlace = INDEX_BEGIN) {
    this.start = start;
    this.#end = start;
  }

  /** So many bytes of the file were whole records. */
  get bytes(): number {
    return this.#end.bytes;
  }

  /** So many bytes of output it tells of. */
  get covered(): number {
    return this.#end.covered;
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
    return this.#end;
  }

  /** The moment of the record that would have gone beyond what was read for; undefined where none would. */
  get beyond(): Moment | undefined {
    return this.#beyond;
  }

  /** Takes whole records until it is full, as long as none goes beyond `most` bytes of output; behind one that no server wrote nothing is believed any more. */
  read(piece: Uint8Array, most = Number.POSITIVE_INFINITY): void {
    const begin = this.#end.bytes;
    while (!this.#isTorn && !this.isFull && this.#beyond === undefined) {
      const record = decodeRecord(piece, this.#end.bytes - begin, this.#end);
      if (record === null) return;
      if (record === "torn") this.#isTorn = true;
      else if (record.end.covered > most) this.#beyond = record.at;
      else this.#add(record.at, record.end);
    }
  }

  /** The runs between two places, the first cut at `from`, which is not before its start; nothing behind what is covered. */
  *between(from: number, to: number): Generator<TimedOffset> {
    const until = Math.min(to, this.#end.covered);
    for (let at = from, run = this.#runAt(from); at < until; run++) {
      yield [at, this.#moments[run]!];
      at = this.#ends[run]!;
    }
  }

  #add(moment: Moment, end: IndexPlace): void {
    this.#end = end;
    if (this.#ends.length > 0 && this.#moments.at(-1) === moment) {
      this.#ends[this.#ends.length - 1] = end.covered;
      return;
    }
    this.#ends.push(end.covered);
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
