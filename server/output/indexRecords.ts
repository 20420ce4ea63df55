/** How an index file tells when output came, record by record, so that a damaged one is seen and is never a wrong time. Pure. */
import type { Moment } from "../../shared/wire/logTimes.js";

/** A place in an index file behind whole records: from there it can be read, or written, on. */
export interface IndexPlace {
  /** In the index file. */
  readonly bytes: number;
  /** Bytes of output it tells of. */
  readonly covered: number;
  /** The last known moment in it. */
  readonly last: number;
  /** Whether what follows has checksums; records of servers before there were any do not, and stand at the beginning. */
  readonly isChecked: boolean;
}

/** The beginning of an index file. */
export const INDEX_BEGIN: IndexPlace = { bytes: 0, covered: 0, last: 0, isChecked: false };

/** Some bytes of output and when they came. */
export interface IndexRecord {
  readonly count: number;
  readonly at: Moment;
  /** Behind it. */
  readonly end: IndexPlace;
}

const UNKNOWN = 1;
const FIRST_DIFFERENCE = 2;
/** So that twice of it, and more, is a whole number still. */
const LAST_MOMENT = 2 ** 50;
const LARGEST = 2 ** 53 - 1;
/** Bytes of one number. */
const LONGEST = 8;
/** Before the first record with a checksum: no byte of a number is 0, also where one bit of the mark is another one. */
const MARK = [0, 0];
/** The length of the numbers less 1 in 4 bits and a checksum in 12. */
const HEAD_BYTES = 2;

/** The wall clock's time, where it can be kept. */
export function momentOf(wall: number): Moment {
  const at = Math.floor(wall);
  return at >= 0 && at <= LAST_MOMENT ? at : null;
}

/**
 * A record behind `place`: `count` bytes of output (at least 1) that came at a moment. Any one bit of it that is another one makes it a
 * record that no server wrote: where the numbers end is in the head, too, and the checksum sees the rest.
 */
export function encodeRecord(place: IndexPlace, count: number, at: Moment): number[] {
  const difference = at === null ? UNKNOWN : differenceOf(at, place.last);
  const numbers = [...encodeNumber(count), ...encodeNumber(difference)];
  const head = headOf(place, Uint8Array.from(numbers));
  return [...(place.isChecked ? [] : MARK), head >> 8, head & 0xff, ...numbers];
}

/** The record at `from`, which is `place`; null where it is cut off, "torn" where there is none that a server wrote. */
export function decodeRecord(
  piece: Uint8Array,
  from: number,
  place: IndexPlace,
): IndexRecord | "torn" | null {
  const isMark = !place.isChecked && piece[from] === MARK[0];
  const head = isMark ? from + MARK.length : from;
  const isChecked = isMark || place.isChecked;
  const begin = isChecked ? head + HEAD_BYTES : head;
  if (isMark && from + 1 < piece.length && piece[from + 1] !== MARK[1]) return "torn";
  const count = readNumber(piece, begin);
  const difference = count && readNumber(piece, count.next);
  if (!difference) return null;
  if (count.number === 0 || difference.number === 0) return "torn";
  const numbers = piece.subarray(begin, difference.next);
  if (isChecked && headOf(place, numbers) !== piece[head]! * 256 + piece[head + 1]!) return "torn";
  const at = momentFrom(difference.number, place.last);
  if (at !== null && (at < 0 || at > LAST_MOMENT)) return "torn";
  const end = {
    bytes: place.bytes + difference.next - from,
    covered: place.covered + count.number,
    last: at ?? place.last,
    isChecked,
  };
  return { count: count.number, at, end };
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

/** LEB128. */
function encodeNumber(number: number): number[] {
  const bytes: number[] = [];
  let left = number;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  bytes.push(left);
  return bytes;
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

/** Never 0: there are two numbers. The place is in the checksum, so that a record that is whole but not where it was written is seen. */
function headOf({ covered }: IndexPlace, numbers: Uint8Array): number {
  let sum = 0;
  for (let shift = 0; shift < 32; shift += 8) sum = summed(sum, (covered >>> shift) & 0xff);
  for (const byte of numbers) sum = summed(sum, byte);
  return ((numbers.length - 1) << 12) | sum;
}

/** CRC-12: sees every change of one bit, and of any others all but one in 4,096. */
const SUMS = Uint16Array.from({ length: 256 }, (_, high) => {
  let sum = high << 4;
  for (let bit = 0; bit < 8; bit++) sum = ((sum << 1) ^ (sum & 0x800 ? 0x80f : 0)) & 0xfff;
  return sum;
});

const summed = (sum: number, byte: number): number =>
  ((sum << 8) & 0xfff) ^ SUMS[(sum >> 4) ^ byte]!;
