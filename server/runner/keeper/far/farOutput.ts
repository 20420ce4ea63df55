/** The output of one command on another machine, read ahead of whoever takes it, within bounds. A frame that a broken link cut is asked for again. */
import { SPOOL_BEGIN, type SpoolPiece, type SpoolPlace } from "../keeper.js";
import type { FarFrame } from "./link/answerReader.js";

/** Of one frame. */
const MOST_BYTES = 256 * 1024;
/** So many bytes wait here for their reader at least, where there are so many. */
const AHEAD_BYTES = 512 * 1024;

interface Fetched {
  /** The place that was asked for. */
  readonly asked: SpoolPlace;
  readonly from: SpoolPlace;
  readonly bytes: Buffer;
  readonly leftOut: number;
}

interface Reader {
  readonly most: number;
  readonly resolve: (piece: SpoolPiece | null) => void;
}

export class FarOutput {
  readonly #changed: () => void;
  /** In their order, the first one next to be read. */
  #fetched: Fetched[] = [];
  #held = 0;
  /** The next place to ask for, and what was left out before it. */
  #asked: SpoolPlace = SPOOL_BEGIN;
  #next: SpoolPlace = SPOOL_BEGIN;
  #leftOut = 0;
  #isOver = false;
  #isRead = false;
  #reader: Reader | null = null;

  /** `changed` is called whenever more, or something else, is wanted. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Segment, position and number of bytes to ask for; of no bytes where none are wanted now. */
  get wanted(): string {
    const isWanted = this.#isRead && !this.#isOver && !this.isFull;
    return `${this.#next.segment} ${this.#next.at} ${isWanted ? MOST_BYTES : 0}`;
  }

  /** As Keeper.read. */
  read(from: SpoolPlace, most: number, signal: AbortSignal): Promise<SpoolPiece | null> {
    if (signal.aborted && this.#fetched.length === 0) return Promise.resolve(null);
    if (!isSame(from, this.#fetched[0]?.asked ?? this.#asked)) this.#restart(from);
    this.#isRead = true;
    return new Promise((resolve) => {
      const abort = () => this.#give(null);
      this.#reader = {
        most,
        resolve: (piece) => {
          signal.removeEventListener("abort", abort);
          resolve(piece);
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#serve();
      this.#changed();
    });
  }

  /** More may come. */
  get isOpen(): boolean {
    return !this.#isOver;
  }

  /** Nothing more is asked for before some of it was read. */
  get isFull(): boolean {
    return this.#held >= AHEAD_BYTES;
  }

  /** Takes one of the frames that tell of output; an answer to an older question is let be. */
  take({ kind, words, bytes }: FarFrame): void {
    const [, ...told] = words;
    const [segment, at] = told.map(Number);
    const here = this.#next;
    if (kind === "Z") this.#end();
    else if (kind === "L") this.#skip(Number(told[0]), Number(told[1]));
    else if (segment !== here.segment) return;
    else if (kind === "N") this.#next = { segment: here.segment + 1, at: 0 };
    else if (at === here.at && bytes.length > 0) this.#add(bytes);
    this.#serve();
  }

  /** Nothing more will come. */
  end(): void {
    this.#end();
    this.#serve();
  }

  #restart(from: SpoolPlace): void {
    this.#fetched = [];
    this.#held = 0;
    this.#asked = from;
    this.#next = from;
    this.#leftOut = 0;
    this.#isOver = false;
  }

  #add(bytes: Buffer): void {
    const from = this.#next;
    this.#next = { segment: from.segment, at: from.at + bytes.length };
    this.#fetched.push({ asked: this.#asked, from, bytes, leftOut: this.#leftOut });
    this.#asked = this.#next;
    this.#leftOut = 0;
    this.#held += bytes.length;
  }

  #skip(to: number, bytes: number): void {
    if (!(to >= this.#next.segment && bytes >= 0)) return;
    this.#next = { segment: to + 1, at: 0 };
    this.#leftOut += bytes;
  }

  #end(): void {
    if (this.#isOver) return;
    // Left out at the very end: told with a piece of nothing.
    if (this.#leftOut > 0) this.#add(Buffer.alloc(0));
    this.#isOver = true;
  }

  #serve(): void {
    const first = this.#fetched[0];
    if (this.#reader === null) return;
    if (first === undefined) {
      if (this.#isOver) this.#give(null);
      return;
    }
    const { most } = this.#reader;
    const bytes = first.bytes.subarray(0, most);
    const next = { segment: first.from.segment, at: first.from.at + bytes.length };
    this.#held -= bytes.length;
    if (bytes.length === first.bytes.length) this.#fetched.shift();
    else
      this.#fetched[0] = {
        ...{ asked: next, from: next, leftOut: 0 },
        bytes: first.bytes.subarray(bytes.length),
      };
    this.#give({ bytes, from: first.from, next, leftOut: first.leftOut });
  }

  #give(piece: SpoolPiece | null): void {
    const reader = this.#reader;
    this.#reader = null;
    reader?.resolve(piece);
  }
}

const isSame = (one: SpoolPlace, other: SpoolPlace): boolean =>
  one.segment === other.segment && one.at === other.at;
