/** Puts `***` in place of needles in a stream of bytes that is cut anywhere, also where escape sequences stand in them. */
import { Automaton } from "./automaton.js";
import { MaskedRanges, type Piece } from "./maskedRanges.js";
import { Scanner } from "./scanner.js";
import { BACKSPACE, createSieve, type Sieve } from "./sieve.js";
import { BYTE, VisibleBytes } from "./visibleBytes.js";

const NOTHING = Buffer.alloc(0);
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

/** Builds the search for these needles; it serves any number of streams. */
export function createSearch(needles: readonly Uint8Array[], isExact: boolean): Search {
  const automaton = new Automaton(needles);
  return { automaton, sieve: createSieve(needles, automaton, isExact), isExact };
}

/** Masks one stream. */
export class Masker {
  readonly #search: Search;
  /** In what a terminal shows, and in titles and links. */
  readonly #shown: Scanner;
  readonly #inString: Scanner;
  readonly #reader = new VisibleBytes();
  readonly #ranges = new MaskedRanges();
  #held: Buffer = NOTHING;
  #heldFrom = 0;
  /** Where the sequence began that is being read. */
  #sequenceFrom = 0;

  constructor(search: Search) {
    this.#search = search;
    this.#shown = new Scanner(search.automaton);
    this.#inString = new Scanner(search.automaton);
  }

  /** An end that may be the beginning of a needle waits for more. */
  add(bytes: Buffer): Piece[] {
    const data = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const end = this.#heldFrom + data.length;
    this.#scan(data, this.#held.length);
    this.#shown.forgetBefore(end);
    const openFrom = this.#reader.isOpen ? end - this.#reader.opened.length : end;
    return this.#give(data, Math.min(openFrom, this.#shown.start, this.#inString.start));
  }

  /** Gives out the bytes that still waited. */
  end(): Piece[] {
    const pieces = this.#give(this.#held, this.#heldFrom + this.#held.length);
    this.#shown.reset();
    this.#inString.reset();
    return pieces;
  }

  #give(data: Buffer, until: number): Piece[] {
    const pieces = this.#ranges.give({ data, from: this.#heldFrom }, until);
    // A copy: the bytes it came in are not kept for a few of them.
    this.#held = Buffer.from(data.subarray(until - this.#heldFrom));
    this.#heldFrom = until;
    return pieces;
  }

  #scan(data: Buffer, from: number): void {
    const { sieve, isExact } = this.#search;
    const shown = this.#shown;
    const reader = this.#reader;
    const takesBack = !isExact && data.includes(BACKSPACE);
    let index = from;
    while (index < data.length) {
      if (shown.state === 0 && (isExact || reader.isInText)) {
        const next = takesBack ? sieve.passLetters(data, index) : sieve.pass(data, index);
        if (next > index) shown.reset();
        index = next;
        if (index === data.length) break;
      }
      this.#look(data, index);
      index += 1;
    }
  }

  #look(data: Buffer, index: number): void {
    const byte = data[index]!;
    const place = this.#heldFrom + index;
    const shown = this.#shown;
    const reader = this.#reader;
    if (this.#search.isExact) return this.#feed(shown, byte, place);
    if (reader.isInText) this.#sequenceFrom = place;
    switch (reader.read(byte)) {
      case BYTE.visibleWhole: {
        const { opened } = reader;
        const from = place - opened.length;
        for (const [at, one] of opened.entries()) this.#feed(shown, one, from + at);
        return this.#feed(shown, byte, place);
      }
      case BYTE.visible:
        return this.#feed(shown, byte, place);
      case BYTE.back:
        shown.back();
        // A byte that was given out already is not masked any more.
        if (shown.start < this.#heldFrom) shown.reset();
        return;
      case BYTE.lineEnd:
        this.#inString.reset();
        return shown.endLine(SHORTEST_OVER_LINES);
      case BYTE.content:
        return this.#feed(this.#inString, byte, place);
      case BYTE.final:
        return this.#endSequence(data, place + 1);
      case BYTE.stringEnd:
        this.#inString.reset();
        return this.#endSequence(data, place + 1);
      case BYTE.hidden:
      case BYTE.open:
        return;
    }
  }

  #feed(scanner: Scanner, byte: number, place: number): void {
    const start = scanner.feed(byte, place);
    if (start >= 0) this.#ranges.add(start, place + 1);
  }

  #endSequence(data: Buffer, end: number): void {
    const from = this.#sequenceFrom;
    if (this.#shown.state === 0 || from < this.#heldFrom || end - from > LONGEST_LASTING) return;
    const bytes = data.subarray(from - this.#heldFrom, end - this.#heldFrom);
    if (LASTING.test(bytes.toString("latin1"))) this.#ranges.addLasting({ at: from, bytes });
  }
}
