/** The places in a keeper's files of the bytes that were read last: where reading may have to begin again. Bounded. */
import type { SpoolPiece, SpoolPlace } from "../../keeper/keeper.js";

const LINE_FEED = 10;
const RETURN = 13;

interface Known extends Pick<SpoolPiece, "from" | "bytes"> {
  /** How many bytes were read before it. */
  readonly at: number;
}

export class SpoolPlaces {
  #known: Known[] = [];
  #next: SpoolPlace;
  #read = 0;
  readonly #isInLine: boolean;

  /** `isInLine`: reading begins in the middle of a line. */
  constructor(from: SpoolPlace, isInLine: boolean) {
    this.#next = from;
    this.#isInLine = isInLine;
  }

  /** Behind all that was read. */
  get next(): SpoolPlace {
    return this.#next;
  }

  add({ from, bytes, next }: SpoolPiece): void {
    this.#known.push({ from, bytes, at: this.#read });
    this.#read += bytes.length;
    this.#next = next;
  }

  /** The place so many bytes before the end of what was read, and whether it is in the middle of a line. What was read before it is forgotten; null where it was already. */
  back(count: number): { readonly place: SpoolPlace; readonly isInLine: boolean } | null {
    const wanted = this.#read - count;
    // The last byte before it is needed, too.
    const first = this.#known.findLastIndex(({ at }) => at < wanted);
    this.#known = this.#known.slice(Math.max(0, first));
    const isInLine = this.#isInLineAt(wanted);
    if (count === 0) return { place: this.#next, isInLine };
    const piece = this.#known.findLast(({ at }) => at <= wanted);
    if (!piece) return null;
    const { segment, at } = piece.from;
    return { place: { segment, at: at + wanted - piece.at }, isInLine };
  }

  #isInLineAt(wanted: number): boolean {
    if (wanted === 0) return this.#isInLine;
    const piece = this.#known.find(({ at, bytes }) => at < wanted && wanted <= at + bytes.length);
    const before = piece?.bytes[wanted - piece.at - 1];
    return before !== LINE_FEED && before !== RETURN;
  }
}
