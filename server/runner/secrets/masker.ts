/** Puts `***` in place of needles in a stream of bytes that is cut anywhere, also where escape sequences stand in them. */
import { Automaton } from "./automaton.js";
import { MaskedRanges, type Piece } from "./maskedRanges.js";
import { Scanner } from "./scanner.js";
import { createSieve, type Sieve, settledLength } from "./sieve.js";
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
    this.#shown = new Scanner(search.automaton, !search.isExact);
    this.#inString = new Scanner(search.automaton, false);
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

  /** All that decides what it gives out of the bytes that come: two with the same state give the same. */
  get state(): string {
    const end = this.#heldFrom + this.#held.length;
    const reader = this.#reader;
    return JSON.stringify([
      this.#held.toString("latin1"),
      this.#shown.stateAt(end),
      this.#inString.stateAt(end),
      reader.state,
      reader.isInText ? 0 : Math.min(end - this.#sequenceFrom, LONGEST_LASTING + 1),
      this.#ranges.stateAt(end),
    ]);
  }

  /** Nothing is open: a new one would give the same. */
  get isFresh(): boolean {
    return (
      this.#held.length === 0 &&
      this.#shown.isIdle &&
      this.#inString.isIdle &&
      this.#reader.isInText &&
      this.#ranges.isEmpty
    );
  }

  /** How many of its last bytes are held, or part of a sequence that has not ended. */
  get openLength(): number {
    const end = this.#heldFrom + this.#held.length;
    return Math.max(this.#held.length, this.#reader.isInText ? 0 : end - this.#sequenceFrom);
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
    const settled = isExact ? data.length : settledLength(data);
    let index = from;
    while (index < data.length) {
      const isSettled = index < settled;
      if ((isSettled ? !shown.hasBegun : shown.isIdle) && (isExact || reader.isInText)) {
        const next = isSettled ? sieve.pass(data, index, settled) : sieve.passLetters(data, index);
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
    const kind = reader.read(byte);
    if (!this.#inString.isIdle && reader.isInText) this.#inString.reset();
    switch (kind) {
      case BYTE.visibleWhole: {
        const { opened } = reader;
        const from = place - opened.length;
        for (const [at, one] of opened.entries()) this.#feed(shown, one, from + at);
        return this.#feed(shown, byte, place);
      }
      case BYTE.visible:
        return this.#feed(shown, byte, place);
      case BYTE.back:
        return shown.back(place);
      case BYTE.lineEnd:
        return shown.endLine(SHORTEST_OVER_LINES);
      case BYTE.content:
        return this.#feed(this.#inString, byte, place);
      case BYTE.final:
      case BYTE.stringEnd:
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
    this.#shown.forgetBefore(end);
    if (this.#shown.isIdle || end - from > LONGEST_LASTING) return;
    const bytes = data.subarray(from - this.#heldFrom, end - this.#heldFrom);
    if (LASTING.test(bytes.toString("latin1"))) this.#ranges.addLasting({ at: from, bytes });
  }
}
