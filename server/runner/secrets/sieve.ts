/** Passes over bytes in which no needle begins, as fast as it can: most of what is printed is never looked at closer. */
import type { Automaton } from "./automaton.js";
import { isOpening } from "./visibleBytes.js";

export interface Sieve {
  /** The first place from `from` on where a needle may begin, or where it takes a closer look to know; `until`, or a little behind it, where there is none before. */
  pass(data: Uint8Array, from: number, until: number): number;
  /** The same where what follows a letter may take the next one back. */
  passLetters(data: Uint8Array, from: number): number;
}

const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const ESC = 0x1b;
const CSI_START = 0x5b;
const DELETE = 0x7f;
/** As every reader of escape sequences here has it. */
const LONGEST_PARAMETERS = 64;
/** Needles are at least as long. */
const GRAM = 4;
/** A letter is waited for behind no wider gap, with some to spare. */
const WIDEST_GAP = 1_024 + 16;

/** Tables of the bytes that need a closer look. */
interface Tables {
  /** 1 for a byte that stands for itself. */
  readonly isLetter: Uint8Array;
  /** 1 for what needs no closer look alone. */
  readonly isPlain: Uint8Array;
  /** 1 for two bytes that need a closer look. */
  readonly pairs: Uint8Array;
  /** 1 for what may be the first four letters of a needle. */
  readonly grams: Uint8Array;
}

function tablesFor(needles: readonly Uint8Array[], automaton: Automaton, isExact: boolean): Tables {
  const isLetter = new Uint8Array(256);
  const isPlain = new Uint8Array(256);
  const pairs = new Uint8Array(65_536);
  const grams = new Uint8Array(65_536);
  for (let byte = 0; byte < 256; byte++) {
    isLetter[byte] = isExact || (byte >= 0x20 && byte !== DELETE && !isOpening(byte)) ? 1 : 0;
    const steers = !isExact && (byte === ESC || byte === BACKSPACE);
    isPlain[byte] = steers || automaton.begins(byte) ? 0 : 1;
    if (steers) pairs.fill(1, byte * 256, byte * 256 + 256);
  }
  for (const needle of needles) {
    const first = needle[0]! * 256;
    pairs[first + needle[1]!] = 1;
    for (let byte = 0; byte < 256; byte++) if (isLetter[byte] === 0) pairs[first + byte] = 1;
    grams[gramAt(needle, 0)] = 1;
  }
  return { isLetter, isPlain, pairs, grams };
}

/** `isExact`: byte for byte, whatever they would do to a terminal. */
export function createSieve(
  needles: readonly Uint8Array[],
  automaton: Automaton,
  isExact: boolean,
): Sieve {
  const { isLetter, isPlain, pairs, grams } = tablesFor(needles, automaton, isExact);
  return {
    passLetters(data, from) {
      let at = from;
      while (at < data.length && isPlain[data[at]!] === 1) at += 1;
      return at;
    },
    pass(data, from, until) {
      const last = data.length - 1;
      const most = Math.min(last, until);
      let at = from;
      for (;;) {
        while (at < most && pairs[data[at]! * 256 + data[at + 1]!] === 0) at += 1;
        if (at >= last) return at === last && isPlain[data[at]!] === 1 ? at + 1 : at;
        if (at >= until) return at;
        if (!isExact && data[at] === ESC) {
          const after = afterSequence(data, at);
          if (after < 0) return at;
          at = after;
          continue;
        }
        const isWord =
          at + GRAM <= data.length &&
          isLetter[data[at]!] === 1 &&
          isLetter[data[at + 1]!] === 1 &&
          isLetter[data[at + 2]!] === 1 &&
          isLetter[data[at + 3]!] === 1;
        if (!isWord || grams[gramAt(data, at)] === 1) return at;
        at += 1;
      }
    },
  };
}

/** How many bytes are followed by what shows that no letter of them is taken back any more, so that they may be passed over. */
export function settledLength(data: Uint8Array): number {
  const { length } = data;
  if (data.includes(BACKSPACE)) return 0;
  const last = data[length - 1]!;
  const ends = (last >= 0x20 && last < DELETE) || last === LINE_FEED || last === RETURN;
  if (!ends) return length - WIDEST_GAP;
  const from = Math.max(0, length - WIDEST_GAP);
  const near = data.subarray(from);
  const sequence = near.lastIndexOf(ESC);
  const text = sequence < 0 ? 0 : afterSequence(near, sequence);
  // In the middle of a sequence the last byte may be none that is shown.
  return text < 0 || text === near.length ? from : length - GRAM - 1;
}

/** Behind a control sequence that is whole; -1 where it is none. */
function afterSequence(data: Uint8Array, from: number): number {
  if (data[from + 1] !== CSI_START) return -1;
  let at = from + 2;
  const most = Math.min(data.length, at + LONGEST_PARAMETERS);
  while (at < most && data[at]! >= 0x20 && data[at]! <= 0x3f) at += 1;
  return at < data.length && data[at]! >= 0x40 && data[at]! <= 0x7e ? at + 1 : -1;
}

function gramAt(data: Uint8Array, at: number): number {
  const gram = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
  return Math.imul(gram, 0x9e3779b1) >>> 16;
}
