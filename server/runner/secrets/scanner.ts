/** Where in a text a needle has begun and not yet ended: a position for each of its last bytes, so that some can be taken back. */
import type { Automaton } from "./automaton.js";

/** Between two bytes of a secret: more that steers and shows nothing is no way to write one. */
const WIDEST_GAP = 1_024;
const LONGEST_CHARACTER = 4;
/** So many letters of a needle are no coincidence. */
const CERTAIN = 4;
/** Behind the last letter of a question. */
const ASKS = new Uint8Array(256);
for (const byte of Buffer.from(" :?>")) ASKS[byte] = 1;

export class Scanner {
  readonly #automaton: Automaton;
  readonly #takesBack: boolean;
  readonly #mask: number;
  readonly #places: Float64Array;
  readonly #states: Int32Array;
  readonly #bytes: Uint8Array;
  #count = 0;
  #state = 0;
  /** The last bytes that still may become a needle, or a part of one; 0 while nothing may. */
  #kept = 0;
  /** How many bytes of a needle stood before the last character: where it is taken back it goes on from there. */
  #before = 0;
  #ofCharacter = 0;
  #wasBack = false;

  /** `takesBack`: the last character may be taken back, so that it is waited for whether it is. */
  constructor(automaton: Automaton, takesBack: boolean) {
    this.#automaton = automaton;
    this.#takesBack = takesBack;
    const room = 2 ** Math.ceil(Math.log2(automaton.longest + 64));
    this.#mask = room - 1;
    this.#places = new Float64Array(room);
    this.#states = new Int32Array(room);
    this.#bytes = new Uint8Array(room);
  }

  /** The last bytes are the beginning of a needle. */
  get hasBegun(): boolean {
    return this.#state !== 0;
  }

  /** Nothing that came may become a needle, whatever comes. */
  get isIdle(): boolean {
    return this.#kept === 0;
  }

  /** Where what may become a needle has begun; Infinity where nothing has. */
  get start(): number {
    return this.#kept === 0 ? Number.POSITIVE_INFINITY : this.#placeBack(this.#kept);
  }

  /** The next byte, which stands at `place`. Returns where a needle that ends with it began, or -1. */
  feed(byte: number, place: number): number {
    this.forgetBefore(place);
    const automaton = this.#automaton;
    const before = automaton.depth[this.#state]!;
    this.#state = automaton.step(this.#state, byte);
    const at = this.#count & this.#mask;
    this.#places[at] = place;
    this.#states[at] = this.#state;
    this.#bytes[at] = byte;
    this.#count += 1;
    const depth = automaton.depth[this.#state]!;
    if (!this.#takesBack) this.#kept = depth;
    else {
      this.#countCharacter(byte, before);
      const whole = this.#before + this.#ofCharacter;
      this.#kept = this.#before > 0 && whole > depth ? whole : depth;
    }
    const length = automaton.matched[this.#state]!;
    return length === 0 ? -1 : this.#placeBack(length);
  }

  /** The last character is taken back, by a byte at `place`. Of what was given up before nothing comes again. */
  back(place: number): void {
    this.forgetBefore(place);
    let left = this.#kept;
    for (let taken = 0; left > 0 && taken < LONGEST_CHARACTER; taken++) {
      this.#count -= 1;
      left -= 1;
      if (!isInCharacter(this.#bytes[this.#count & this.#mask]!)) break;
    }
    this.#state = left === 0 ? 0 : this.#states[(this.#count - 1) & this.#mask]!;
    const depth = this.#automaton.depth[this.#state]!;
    if (depth === 0 || depth > left) return this.reset();
    this.#kept = depth;
    this.#before = 0;
    this.#ofCharacter = 0;
    this.#wasBack = true;
  }

  /** A line ended: short needles do not go on in the next. */
  endLine(shortest: number): void {
    if (this.#automaton.reach[this.#state]! < shortest) return this.reset();
    this.#kept = this.#automaton.depth[this.#state]!;
    this.#before = 0;
    this.#ofCharacter = 0;
  }

  /** A beginning so long before `place` is no needle any more. */
  forgetBefore(place: number): void {
    if (this.#kept !== 0 && place - this.#placeBack(1) > WIDEST_GAP) this.reset();
  }

  reset(): void {
    this.#count = 0;
    this.#state = 0;
    this.#kept = 0;
    this.#before = 0;
    this.#ofCharacter = 0;
    this.#wasBack = false;
  }

  /** All that decides what it will find, seen from `end`. */
  stateAt(end: number): readonly number[] {
    if (this.#kept === 0) return [];
    const { depth } = this.#automaton;
    const kept = Array.from({ length: this.#kept }, (_, index) => {
      const at = (this.#count - this.#kept + index) & this.#mask;
      const state = this.#states[at]!;
      // One that began with bytes that are given up is none to come back to.
      const isWhole = depth[state]! <= index + 1;
      return [end - this.#places[at]!, isWhole ? state : -1, this.#bytes[at]!];
    });
    return [
      ...[this.#state, this.#before, this.#ofCharacter, Number(this.#wasBack)],
      ...kept.flat(),
    ];
  }

  #countCharacter(byte: number, before: number): void {
    if (isInCharacter(byte) && this.#ofCharacter > 0 && this.#ofCharacter < LONGEST_CHARACTER) {
      this.#ofCharacter += 1;
    } else {
      // A question is shown to its end, though it may end like the beginning of a needle.
      const isAsking = ASKS[byte] === 1 && before < CERTAIN && !this.#wasBack;
      this.#before = isAsking ? 0 : before;
      this.#ofCharacter = 1;
    }
    this.#wasBack = false;
  }

  #placeBack(bytes: number): number {
    return this.#places[(this.#count - bytes) & this.#mask]!;
  }
}

/** Of a character of several bytes, and not its first. */
const isInCharacter = (byte: number): boolean => (byte & 0xc0) === 0x80;
