/** Holds the pieces of an output that are not among the lines yet: they are taken a little at a time, and those that nobody will see are passed over. */
import type { LogPiece } from "../../../../index.js";
import { countLineEnds, lineEndsOf } from "./pieceBytes.js";

/** Text that stands in one place among the bytes. */
export interface TextPart {
  readonly text: string;
  /** Where it begins; null within a piece where bytes that are no UTF-8 hide that. */
  readonly from: number | null;
  /** The offset behind each line end in the text; null where bytes that are no UTF-8 hide them. */
  readonly lineEnds: readonly number[] | null;
  /** So many bytes before it are left out for good. */
  readonly skipped: number;
  /** Where reading goes on; null within a piece where that is not known. */
  readonly next: number | null;
}

/** Where it goes on after lines that were passed over. */
export interface PassedOver {
  readonly offset: number;
  readonly lineEnds: number;
  /** How often bytes were left out among them. */
  readonly gaps: number;
}

interface Waiting {
  readonly piece: LogPiece;
  readonly ends: number;
  lineEnds: readonly number[] | null | undefined;
  /** So much of it was taken: characters, and line ends. */
  at: number;
  ended: number;
}

/** A small part of what a turn can do, so that a turn ends in time. */
const PART_CHARACTERS = 8_192;

export class WaitingPieces {
  #pieces: Waiting[] = [];
  #lineEnds = 0;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  get lineEnds(): number {
    return this.#lineEnds;
  }

  /** Where the first of them begins; null where none waits. */
  get from(): number | null {
    return this.#pieces[0]?.piece.from ?? null;
  }

  /** Returns how many lines end in it. */
  add(piece: LogPiece): number {
    const ends = countLineEnds(piece.text);
    this.#pieces.push({ piece, ends, lineEnds: undefined, at: 0, ended: 0 });
    this.#lineEnds += ends;
    return ends;
  }

  clear(): void {
    this.#pieces = [];
    this.#lineEnds = 0;
  }

  /** Passes over all but the newest so many lines; null where there are no more. */
  passOver(most: number): PassedOver | null {
    let lineEnds = 0;
    let gaps = 0;
    while (this.#pieces.length > 1 && this.#lineEnds - endsLeft(this.#pieces[0]!) >= most) {
      const { piece, at, ...first } = this.#pieces.shift()!;
      lineEnds += first.ends - first.ended;
      this.#lineEnds -= first.ends - first.ended;
      if (at === 0 && piece.skipped > 0) gaps += 1;
    }
    const first = this.#pieces[0];
    const isWithin = this.#lineEnds > most;
    if (!first || (lineEnds === 0 && !isWithin)) return null;
    if (first.at === 0 && first.piece.skipped > 0) gaps += 1;
    const ends = lineEndsIn(first);
    // The start of a line, where that is known; else where the piece begins, which may be within one.
    const passed = first.ended + Math.max(1, this.#lineEnds - most);
    const offset = ends?.[passed - 1];
    if (offset === undefined) {
      if (lineEnds === 0) return null;
      this.#pieces[0] = { ...first, piece: { ...first.piece, skipped: 0 } };
      return { offset: first.piece.from, lineEnds, gaps };
    }
    while (first.ended < passed) {
      first.at = first.piece.text.indexOf("\n", first.at) + 1;
      first.ended += 1;
      this.#lineEnds -= 1;
      lineEnds += 1;
    }
    if (first.at === first.piece.text.length) this.#pieces.shift();
    return { offset, lineEnds, gaps };
  }

  /** The next part; null where none waits. */
  take(): TextPart | null {
    const first = this.#pieces[0];
    if (!first) return null;
    const { piece, at, ended } = first;
    const lineEnd = piece.text.indexOf("\n", at + PART_CHARACTERS) + 1;
    const isCut = lineEnd > 0 && lineEnd < at + 2 * PART_CHARACTERS;
    const end = isCut ? lineEnd : Math.min(at + 2 * PART_CHARACTERS, piece.text.length);
    const text = piece.text.slice(at, end);
    const count = countLineEnds(text);
    const lineEnds = lineEndsIn(first)?.slice(ended, ended + count) ?? null;
    first.at = end;
    first.ended += count;
    this.#lineEnds -= count;
    const isLast = end === piece.text.length;
    if (isLast) this.#pieces.shift();
    const next = isLast ? piece.next : (lineEnds?.at(-1) ?? null);
    const isFirst = at === 0;
    return {
      text,
      from: isFirst ? piece.from : null,
      lineEnds,
      skipped: isFirst ? piece.skipped : 0,
      next,
    };
  }
}

const endsLeft = ({ ends, ended }: Waiting): number => ends - ended;

/** Asked for late: what is passed over needs none. */
function lineEndsIn(waiting: Waiting): readonly number[] | null {
  if (waiting.lineEnds === undefined) waiting.lineEnds = lineEndsOf(waiting.piece);
  return waiting.lineEnds;
}
