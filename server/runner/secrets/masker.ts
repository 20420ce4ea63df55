/** Puts `***` in place of needles in a stream of bytes that is cut anywhere, also where escape sequences stand in them. */
import { MASK } from "../../../shared/fields/fields.js";
import { Automaton } from "./automaton.js";
import { Scanner } from "./scanner.js";
import { BACKSPACE, createSieve, type Sieve } from "./sieve.js";
import { BYTE, VisibleBytes } from "./visibleBytes.js";

/** What can be shown by now. */
export interface Piece {
  /** Where it stood in the stream. */
  readonly at: number;
  readonly bytes: Buffer;
}

export interface Masker {
  /** An end that may be the beginning of a needle waits for more. */
  add(bytes: Buffer): Piece[];
  /** What still waited. */
  end(): Piece[];
}

interface Range {
  start: number;
  readonly end: number;
  /** Its mask was given out already. */
  isTold: boolean;
}

const NOTHING = Buffer.alloc(0);
const MASKED = Buffer.from(MASK);
/** A needle that is shorter ends with its line. */
const SHORTEST_OVER_LINES = 8;
/** Colours, and the end of a link: what stands inside a secret may be closed or opened only there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const LASTING = /^(\x1b\[[\d;:]*m|\x1b\]8;;(\x1b\\|\x07))$/;
const LONGEST_LASTING = 80;

export interface Search {
  readonly automaton: Automaton;
  readonly sieve: Sieve;
  /** Byte for byte, whatever they would do to a terminal. */
  readonly isExact: boolean;
}

/** What finds these; used for any number of streams. */
export function createSearch(needles: readonly Uint8Array[], isExact: boolean): Search {
  const automaton = new Automaton(needles);
  return { automaton, sieve: createSieve(needles, automaton, isExact), isExact };
}

export function createMasker({ automaton, sieve, isExact }: Search): Masker {
  const shown = new Scanner(automaton);
  const inString = new Scanner(automaton);
  const reader = new VisibleBytes();
  let held: Buffer = NOTHING;
  let heldFrom = 0;
  let ranges: Range[] = [];
  let lasting: Piece[] = [];
  /** Where the sequence began that is being read. */
  let sequenceFrom = 0;

  const found = (from: number, end: number) => {
    let start = from;
    let isTold = false;
    for (let last = ranges.at(-1); last && last.end > start; last = ranges.at(-1)) {
      start = Math.min(start, last.start);
      isTold ||= last.isTold;
      ranges.pop();
    }
    ranges.push({ start, end, isTold });
  };
  const feed = (scanner: Scanner, byte: number, place: number) => {
    const start = scanner.feed(byte, place);
    if (start >= 0) found(start, place + 1);
  };

  const endSequence = (data: Buffer, end: number) => {
    if (shown.state === 0 || sequenceFrom < heldFrom || end - sequenceFrom > LONGEST_LASTING)
      return;
    const bytes = data.subarray(sequenceFrom - heldFrom, end - heldFrom);
    if (LASTING.test(bytes.toString("latin1"))) lasting.push({ at: sequenceFrom, bytes });
  };

  const look = (data: Buffer, byte: number, place: number) => {
    if (isExact) return feed(shown, byte, place);
    if (reader.isInText) sequenceFrom = place;
    switch (reader.read(byte)) {
      case BYTE.visibleWhole: {
        const { opened } = reader;
        const from = place - opened.length;
        for (const [index, one] of opened.entries()) feed(shown, one, from + index);
        return feed(shown, byte, place);
      }
      case BYTE.visible:
        return feed(shown, byte, place);
      case BYTE.back:
        shown.back();
        // What was given out already is not masked any more.
        if (shown.start < heldFrom) shown.reset();
        return;
      case BYTE.lineEnd:
        inString.reset();
        return shown.endLine(SHORTEST_OVER_LINES);
      case BYTE.content:
        return feed(inString, byte, place);
      case BYTE.final:
        return endSequence(data, place + 1);
      case BYTE.stringEnd:
        inString.reset();
        return endSequence(data, place + 1);
      case BYTE.hidden:
      case BYTE.open:
        return;
    }
  };

  /** Gives out all before `until`, with the ranges masked. */
  const give = (data: Buffer, until: number): Piece[] => {
    const pieces: Piece[] = [];
    let at = heldFrom;
    const plain = (end: number) => {
      if (end > at) pieces.push({ at, bytes: data.subarray(at - heldFrom, end - heldFrom) });
      at = Math.max(at, end);
    };
    let left = 0;
    for (const range of ranges) {
      if (range.start >= until) break;
      plain(range.start);
      if (!range.isTold) pieces.push({ at, bytes: MASKED });
      range.isTold = true;
      const end = Math.min(range.end, until);
      // Those before it were given out with the bytes around them.
      while (left < lasting.length && lasting[left]!.at < range.start) left += 1;
      for (; left < lasting.length && lasting[left]!.at < end; left++) pieces.push(lasting[left]!);
      at = end;
      range.start = end;
    }
    plain(until);
    ranges = ranges.filter(({ start, end }) => start < end);
    lasting = lasting.filter((one) => one.at >= until);
    return pieces;
  };

  const keep = (data: Buffer, from: number) => {
    // A copy: the bytes it came in are not kept for a few of them.
    held = Buffer.from(data.subarray(from - heldFrom));
    lasting = lasting.map(({ at, bytes }) => ({ at, bytes: Buffer.from(bytes) }));
    heldFrom = from;
  };

  return {
    add(bytes) {
      const data = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const end = heldFrom + data.length;
      const takesBack = !isExact && data.includes(BACKSPACE);
      let index = held.length;
      while (index < data.length) {
        if (shown.state === 0 && (isExact || reader.isInText)) {
          const next = takesBack ? sieve.passLetters(data, index) : sieve.pass(data, index);
          if (next > index) shown.reset();
          index = next;
          if (index === data.length) break;
        }
        look(data, data[index]!, heldFrom + index);
        index += 1;
      }
      shown.forgetBefore(end);
      const openFrom = reader.isOpen ? end - reader.opened.length : end;
      const until = Math.min(openFrom, shown.start, inString.start);
      const pieces = give(data, until);
      keep(data, until);
      return pieces;
    },
    end() {
      const data = held;
      const pieces = give(data, heldFrom + data.length);
      keep(data, heldFrom + data.length);
      shown.reset();
      inString.reset();
      return pieces;
    },
  };
}
