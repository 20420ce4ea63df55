/** Takes apart what a far shell writes: lines of words, some with bytes behind them. Whatever stands before its greeting is somebody else's. */

/** One line of an answer, and the bytes that it announced. */
export interface FarFrame {
  readonly kind: string;
  readonly words: readonly string[];
  readonly bytes: Buffer;
}

/** Their last word is how many bytes follow. */
const WITH_BYTES = new Set(["D", "T"]);
const MOST_LINE = 8_192;
/** The most bytes that are asked for in one frame. */
export const MOST_FRAME = 2 * 1024 * 1024;
/** A login may print so much before the shell is ours. */
const MOST_BEFORE = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

export class AnswerReader {
  readonly #greeting: Buffer;
  readonly #hear: (frame: FarFrame) => void;
  #isGreeted = false;
  #skipped = 0;
  #waiting: Buffer[] = [];
  #held = 0;
  #needed = 1;

  /** Told of each frame once all of it is there, from the line on that begins with `greeting`. */
  constructor(greeting: string, hear: (frame: FarFrame) => void) {
    this.#greeting = Buffer.from(`\n${greeting} `);
    this.#hear = hear;
  }

  /** Returns false where that is no answer of ours: nothing more can be read then. */
  add(piece: Buffer): boolean {
    this.#waiting.push(piece);
    this.#held += piece.length;
    if (this.#held < this.#needed) return true;
    let rest = Buffer.concat(this.#waiting);
    for (;;) {
      const used = this.#isGreeted ? this.#frame(rest) : this.#greet(rest);
      if (used === null) return false;
      if (used === 0) break;
      rest = rest.subarray(used);
    }
    this.#waiting = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    return true;
  }

  /** How many bytes were used; null where it never comes. */
  #greet(rest: Buffer): number | null {
    const at = rest.indexOf(this.#greeting);
    if (at >= 0) {
      this.#isGreeted = true;
      return at + this.#greeting.length;
    }
    const useless = Math.max(0, rest.length - this.#greeting.length);
    this.#skipped += useless;
    this.#needed = 1;
    return this.#skipped > MOST_BEFORE ? null : useless;
  }

  #frame(rest: Buffer): number | null {
    this.#needed = rest.length + 1;
    const end = rest.indexOf(10);
    if (end < 0) return rest.length > MOST_LINE ? null : 0;
    if (end > MOST_LINE) return null;
    const [kind = "", ...words] = rest.toString("utf8", 0, end).split(" ");
    if (!/^[A-Za-z.]$/.test(kind)) return null;
    if (!WITH_BYTES.has(kind)) {
      this.#tell({ kind, words, bytes: NOTHING });
      return end + 1;
    }
    const length = Number(words.at(-1));
    if (!Number.isSafeInteger(length) || length < 0 || length > MOST_FRAME) return null;
    const whole = end + 1 + length;
    this.#needed = whole;
    if (rest.length < whole) return 0;
    this.#tell({ kind, words, bytes: rest.subarray(end + 1, whole) });
    return whole;
  }

  #tell(frame: FarFrame): void {
    this.#needed = 1;
    this.#hear(frame);
  }
}
