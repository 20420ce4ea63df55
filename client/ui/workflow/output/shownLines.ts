/** The lines that are on the page: they grow at either end, and are cut where the reader is not. No network. */
import type { LogPiece } from "../../../index.js";
import { LineCount } from "./lineCount.js";
import { linesBefore } from "./loadedPart.js";
import { FIRST_LINE, type LogPart, type LogParts } from "./logBytes.js";
import { LogWindow, type OutputBlock } from "./logWindow.js";
import {
  createLineWriter,
  isStart,
  type LineWriter,
  type OutputLine,
  originOf,
} from "./outputLines.js";
import { bytesText, lineEndsOf } from "./pieceBytes.js";

const MOST_BLOCKS = 25;
/** A reader who is not at the end sees nothing cut before there are so many more. */
const SLACK_BLOCKS = 12;

export class ShownLines {
  /** What the reader does decides at which end lines are cut. */
  isFollowing = true;
  isReadAtStart = false;
  /** Where the first line begins; null where that is not known. */
  begin: number | null = 0;
  /** Nothing is kept before the first line. */
  isFromStart = false;
  /** Where reading goes on while the end is elsewhere. */
  next = 0;
  /** What is printed comes here. */
  isAtEnd = true;
  readonly count: LineCount;
  #blockIds = 0;
  readonly #newId = () => this.#blockIds++;
  #window = new LogWindow(this.#newId);
  #reading = -1;
  #writer: LineWriter | null = null;

  constructor(parts: Pick<LogParts, "walk">, counted: () => void) {
    this.count = new LineCount(parts, counted);
  }

  get first(): OutputLine | null {
    return this.#window.first;
  }

  /** The line that has not ended. */
  get open(): OutputLine | null {
    return this.#writer?.open() ?? null;
  }

  get isEmpty(): boolean {
    return this.#writer === null;
  }

  blocks(): readonly OutputBlock[] {
    return this.#window.blocks(this.open);
  }

  find(fits: (line: OutputLine) => boolean): OutputLine | null {
    for (const { lines } of this.blocks()) {
      const found = lines.find(fits);
      if (found) return found;
    }
    return null;
  }

  /** The count of the line that the present reading began with. */
  get origin(): number {
    return originOf(Math.max(0, this.#reading));
  }

  /**
   * Empty, and what is written next stands at an offset. Neither a block nor a line has a name that one had before, so that the page
   * makes new nodes for them: WebKit goes on painting what a node held that changed where nobody looks.
   */
  restart(offset: number, isFromStart: boolean): void {
    this.#reading += 1;
    this.#window = new LogWindow(this.#newId);
    this.count.forget();
    this.begin = offset;
    this.isFromStart = isFromStart || offset === 0;
    this.#writer = this.#writerFrom(this.origin, offset);
    if (offset === 0) this.count.knows({ line: this.origin }, FIRST_LINE.line);
  }

  write(piece: LogPiece): void {
    if (!this.#writer) this.restart(piece.from, false);
    else if (piece.skipped > 0) this.#writer.gap(bytesText(piece.skipped), piece.from);
    this.#writer!.write(piece.text, lineEndsOf(piece));
    this.next = piece.next;
    if (!this.#window.isOver(MOST_BLOCKS + (this.isFollowing ? 0 : SLACK_BLOCKS))) return;
    if (this.isFollowing || !this.isReadAtStart) this.#cutStart();
    else this.#cutEnd();
  }

  append(part: LogPart): void {
    if (part.missing > 0) this.#writer!.gap(bytesText(part.missing), part.from);
    this.#writer!.write(part.text, part.lineEnds);
    this.next = part.next;
  }

  prepend(part: LogPart): void {
    this.#window.prepend(linesBefore(part, this.#window.first ?? this.open, this.origin));
    this.begin = part.from;
    this.isFromStart = part.isLast;
    if (part.from === 0) this.count.begins(this.#window.first);
    if (this.#window.isOver(MOST_BLOCKS + SLACK_BLOCKS)) this.#cutEnd();
  }

  /** After a part for a reader who goes on towards the end. */
  cutBehind(): void {
    if (this.#window.isOver(MOST_BLOCKS)) this.#cutStart();
  }

  /** What is told live goes on from `until`. */
  attach(until: number, held: readonly LogPiece[]): void {
    if (this.next < until) this.#writer!.gap(bytesText(until - this.next), until);
    this.isAtEnd = true;
    for (const piece of held) this.write(piece);
  }

  #cutStart(): void {
    if (!this.#window.cutStart(MOST_BLOCKS)) return;
    const { first } = this.#window;
    this.begin = first && isStart(first) ? first.offset : null;
    this.isFromStart = false;
  }

  #cutEnd(): void {
    const cut = this.#window.cutEnd(MOST_BLOCKS);
    if (!cut || cut.offset === null) return;
    this.isAtEnd = false;
    this.next = cut.offset;
    this.#writer = this.#writerFrom(cut.line, cut.offset);
  }

  #writerFrom(line: number, offset: number): LineWriter {
    return createLineWriter({ line, offset }, (full) => this.#window.append(full));
  }
}
