/** The lines that are on the page: they grow at either end, and are cut at the end where the reader is not. No network. */
import { type Clock, type LogPiece, SCREEN_ROWS } from "../../../../index.js";
import { FIRST_LINE, type LogPart, type LogParts } from "../bytes/logBytes.js";
import { bytesText } from "../bytes/pieceBytes.js";
import { type TextPart, WaitingPieces } from "../bytes/waitingPieces.js";
import { LineCount } from "../lines/lineCount.js";
import { linesBefore } from "../lines/loadedPart.js";
import {
  createLineWriter,
  FAR,
  isStart,
  keyOf,
  type LineWriter,
  type OutputLine,
  originOf,
} from "../lines/outputLines.js";
import { LINES_A_BLOCK, LogWindow, type OutputBlock } from "./logWindow.js";
import type { ReadersScroll } from "./readersScroll.js";

const MOST_BLOCKS = 100;
/** A reader who is not at the end sees nothing cut before there are so many more. */
const SLACK_BLOCKS = 48;
/** Lines are made for so long in one turn. */
const BUDGET_MS = 20;

export class ShownLines {
  /** The reader decides by this at which end lines are cut. */
  isFollowing = true;
  isReadAtStart = false;
  /** The block that is in view; null where the end is, or nothing. */
  readBlock: number | null = null;
  /** Where the first line begins; null where that is not known. */
  begin: number | null = 0;
  /** Nothing is kept before the first line. */
  isFromStart = false;
  /** Where reading goes on while the end is elsewhere. */
  next = 0;
  /** Newly printed lines come here. */
  isAtEnd = true;
  readonly count: LineCount;
  #blockIds = 0;
  readonly #newId = () => this.#blockIds++;
  #window = new LogWindow(this.#newId);
  #reading = -1;
  #writer: LineWriter | null = null;
  /** Pieces that were told and are not among the lines yet. */
  readonly #waiting = new WaitingPieces();
  readonly #scroll: Pick<ReadersScroll, "isMoving">;

  constructor(
    parts: Pick<LogParts, "walk">,
    counted: () => void,
    scroll: Pick<ReadersScroll, "isMoving"> = { isMoving: false },
  ) {
    this.#scroll = scroll;
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

  /** Null where no line here has that name. */
  blockOf(key: string): number | null {
    const block = this.blocks().find(({ lines }) => lines.some((line) => keyOf(line) === key));
    return block?.id ?? null;
  }

  /** Behind the last line there is none: then the last block. */
  blockNear(key: string): number | null {
    return this.blockOf(key) ?? this.blocks().at(-1)?.id ?? null;
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
    this.#waiting.clear();
    this.#begin(offset, isFromStart);
  }

  /** Some of what was told is not among the lines yet. */
  get isWaiting(): boolean {
    return !this.#waiting.isEmpty;
  }

  /** Printed at the end; `make` makes lines of it. */
  told(piece: LogPiece): void {
    this.#waiting.add(piece);
  }

  /** Makes lines of what was told, as far as there is time. What a reader who follows would not see any more is passed over. */
  make(clock: Pick<Clock, "elapsed">): void {
    const until = clock.elapsed() + BUDGET_MS;
    if (this.isFollowing) this.#passOver();
    for (let part = this.#waiting.take(); part; part = this.#waiting.take()) {
      this.#write(part);
      // Cut for a reader who is elsewhere: what is behind is read when it is wanted.
      if (!this.isAtEnd) this.#waiting.clear();
      if (clock.elapsed() >= until) return;
    }
  }

  append(part: LogPart): void {
    if (part.missing > 0) this.#writer!.gap(bytesText(part.missing), part.from);
    this.#writer!.write(part.text, part.lineEnds);
    this.next = part.next;
  }

  prepend(part: LogPart): void {
    const above = this.#window.takeAbove();
    const first = this.#window.first ?? this.open;
    this.#window.prepend(linesBefore(part, first, this.origin, above));
    this.begin = part.from;
    this.isFromStart = part.isLast;
    if (part.from === 0) this.count.begins(this.#window.first);
    if (this.#window.isOver(MOST_BLOCKS + SLACK_BLOCKS)) this.#cutEnd();
  }

  /** After a part for a reader who goes on towards the end. */
  cutBehind(): void {
    if (this.#window.isOver(MOST_BLOCKS + this.#heldBlocks())) this.#cutStart();
  }

  /** Told pieces go on from `until`. */
  attach(until: number): void {
    if (this.next < until) this.#writer!.gap(bytesText(until - this.next), until);
    this.isAtEnd = true;
  }

  #begin(offset: number, isFromStart: boolean): void {
    this.#reading += 1;
    this.#window = new LogWindow(this.#newId);
    this.count.forget();
    this.begin = offset;
    this.isFromStart = isFromStart || offset === 0;
    this.#writer = this.#writerFrom(this.origin, offset);
    if (offset === 0) this.count.knows({ line: this.origin }, FIRST_LINE.line);
  }

  /** The first of all says where it begins. */
  #write({ from, skipped, text, lineEnds, next }: TextPart): void {
    if (!this.#writer) this.#begin(from ?? this.next, false);
    else if (skipped > 0 && from !== null) this.#writer.gap(bytesText(skipped), from);
    this.#writer!.write(text, lineEnds);
    if (next !== null) this.next = next;
    const slack = this.isFollowing ? 0 : SLACK_BLOCKS + this.#heldBlocks();
    if (!this.#window.isOver(MOST_BLOCKS + slack)) return;
    if (this.isFollowing || !this.isReadAtStart) this.#cutStart();
    if (this.#window.isOver(MOST_BLOCKS + SLACK_BLOCKS)) this.#cutEnd();
  }

  /** While the reader scrolls nothing is cut above him before there are so many more. */
  #heldBlocks(): number {
    return this.#scroll.isMoving ? SLACK_BLOCKS : 0;
  }

  /** Empty, and goes on behind lines that would be cut before anybody saw them. They keep their numbers. */
  #passOver(): void {
    const from = this.#waiting.from;
    const passed = this.#waiting.passOver(MOST_BLOCKS * LINES_A_BLOCK);
    if (!passed) return;
    if (!this.#writer && from !== null) this.#begin(from, false);
    const { offset, lineEnds, gaps } = passed;
    const line = (this.#writer?.line ?? this.origin) + lineEnds + gaps * FAR;
    this.#window = new LogWindow(this.#newId);
    this.#writer = this.#writerFrom(line, offset);
    this.begin = offset;
    this.isFromStart = false;
    this.next = offset;
  }

  #cutStart(): void {
    if (!this.#window.cutStart(MOST_BLOCKS, this.isFollowing ? null : this.readBlock)) return;
    const { first } = this.#window;
    this.begin = first && isStart(first) ? first.offset : null;
    this.isFromStart = false;
  }

  #cutEnd(): void {
    const cut = this.#window.cutEnd(MOST_BLOCKS);
    if (!cut || cut.offset === null) return;
    this.isAtEnd = false;
    this.next = cut.offset;
    this.#writer = this.#writerFrom(cut.line, cut.offset, this.#window.last(SCREEN_ROWS));
  }

  #writerFrom(line: number, offset: number, before?: readonly OutputLine[]): LineWriter {
    return createLineWriter({ line, offset, ...(before && { before }) }, this.#window);
  }
}
