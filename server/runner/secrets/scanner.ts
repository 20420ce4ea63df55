/** Where in a text a needle has begun and not yet ended: a position for each of its last bytes, so that some can be taken back. */
import type { Automaton } from "./automaton.js";

/** Between two bytes of a secret: more that steers and shows nothing is no way to write one. */
const WIDEST_GAP = 1_024;

export class Scanner {
  readonly #automaton: Automaton;
  readonly #mask: number;
  readonly #places: Float64Array;
  readonly #states: Int32Array;
  readonly #bytes: Uint8Array;
  #count = 0;
  state = 0;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    const room = 2 ** Math.ceil(Math.log2(automaton.longest + 64));
    this.#mask = room - 1;
    this.#places = new Float64Array(room);
    this.#states = new Int32Array(room);
    this.#bytes = new Uint8Array(room);
  }

  /** Where what may become a needle has begun; Infinity where nothing has. */
  get start(): number {
    const depth = this.#automaton.depth[this.state]!;
    return depth === 0 ? Number.POSITIVE_INFINITY : this.#placeBack(depth);
  }

  /** The next byte, which stands at `place`. Returns where a needle that ends with it began, or -1. */
  feed(byte: number, place: number): number {
    this.forgetBefore(place);
    this.state = this.#automaton.step(this.state, byte);
    const at = this.#count & this.#mask;
    this.#places[at] = place;
    this.#states[at] = this.state;
    this.#bytes[at] = byte;
    this.#count += 1;
    const length = this.#automaton.matched[this.state]!;
    return length === 0 ? -1 : this.#placeBack(length);
  }

  /** Takes the last character back. */
  back(): void {
    while (this.#count > 0) {
      this.#count -= 1;
      if ((this.#bytes[this.#count & this.#mask]! & 0xc0) !== 0x80) break;
    }
    this.state = this.#count === 0 ? 0 : this.#states[(this.#count - 1) & this.#mask]!;
  }

  /** A line ended: short needles do not go on in the next. */
  endLine(shortest: number): void {
    if (this.#automaton.reach[this.state]! < shortest) this.reset();
  }

  /** A beginning so long before `place` is no needle any more. */
  forgetBefore(place: number): void {
    if (this.state !== 0 && place - this.#placeBack(1) > WIDEST_GAP) this.reset();
  }

  reset(): void {
    this.#count = 0;
    this.state = 0;
  }

  #placeBack(bytes: number): number {
    return this.#places[(this.#count - bytes) & this.#mask]!;
  }
}
