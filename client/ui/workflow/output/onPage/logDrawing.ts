/** When a log is drawn, and how much of it: as its own pace allows, the rest when there is time. */
import type { Clock } from "../../../../index.js";
import { type DrawnFor, DrawnPart, type DrawnRange } from "./drawnPart.js";
import { Lag } from "./lag.js";
import type { LogOnPage } from "./logOnPage.js";
import type { OutputBlock } from "./logWindow.js";
import { createPace, type Pace } from "./pace.js";
import { ReadersScroll } from "./readersScroll.js";
import type { ShownLines } from "./shownLines.js";

/** A fast command must not make the page draw each of its lines by itself. */
const DRAW_EVERY_MS = 100;
/** Nothing was printed for so long: there is time to draw what scrolled by. */
const QUIET_MS = 1_000;

/** The facts beside the lines. `live`: the offset at which the next told piece begins; null before anything is known. */
type LogFacts = Pick<LogOnPage, "total" | "end" | "loading" | "trouble"> & {
  readonly live: number | null;
};

export class LogDrawing {
  /** Nothing comes or goes above the reader while he scrolls. */
  readonly scroll: ReadersScroll;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #part = new DrawnPart();
  /** The block that is wanted in view. */
  #focus: number | null = null;
  #printedAt = Number.NEGATIVE_INFINITY;
  #cancelQuiet = () => {};
  #hidden = { before: 0, behind: 0 };
  #older: LogOnPage["older"] = "none";
  #expected = 0;
  /** The blocks that were drawn last; null before anything was. */
  #size: number | null = null;
  readonly #lag: Lag;

  /** `draw` asks for `onPage` and shows it. */
  constructor(clock: Clock, draw: () => void) {
    this.#clock = clock;
    this.#lag = new Lag(clock, () => this.soon());
    this.scroll = new ReadersScroll(clock, () => this.more());
    this.#pace = createPace(clock, DRAW_EVERY_MS, (tookMs) => {
      this.#part.took(tookMs);
      draw();
    });
  }

  /** How many blocks are here and not drawn yet, before and behind those that are. */
  get hidden(): { readonly before: number; readonly behind: number } {
    return this.#hidden;
  }

  soon(): void {
    this.#pace.soon();
  }

  now(): void {
    this.#pace.now();
  }

  /** Draws what is here and not drawn yet, as far as the reader's scroll allows. */
  more(): void {
    const { before, behind } = this.#hidden;
    if (behind > 0 || (before > 0 && !this.scroll.holds)) this.soon();
  }

  stop(): void {
    this.scroll.stop();
    this.#cancelQuiet();
    this.#lag.stop();
    this.#pace.stop();
  }

  /** Something was printed: there is no time for anything else. */
  printed(): void {
    this.#printedAt = this.#clock.elapsed();
    this.soon();
  }

  /** `block`: the one in view, null for the end; `screens`: how many windows high what is drawn is, null where that is not known. */
  looked(block: number | null, screens: number | null): void {
    this.#focus = block;
    if (block !== null) this.more();
    if (screens !== null) this.#part.looksLike(screens);
  }

  /** Around this block first; null for the edge. */
  around(block: number | null): void {
    this.#focus = block;
  }

  has(block: number): boolean {
    return this.#part.has(block);
  }

  /** The state says that so many bytes were printed. */
  expects(bytes: number): void {
    this.#expected = bytes;
    if (this.#size !== null && this.#size < bytes) this.soon();
  }

  /** Draws these lines now, and the rest in later turns. */
  onPage(lines: ShownLines, { live, ...facts }: LogFacts): LogOnPage {
    const { begin, isFromStart, isAtEnd, isFollowing, isWaiting, open, count } = lines;
    const end = isWaiting ? null : facts.end;
    const size = isWaiting ? lines.next : (live ?? 0);
    this.#size = size;
    const isLess = end === null && live !== null && size < this.#expected;
    const blocks = lines.blocks();
    const isHeld = !isFollowing && this.scroll.holds;
    // The notice above the lines keeps its height, too.
    if (!isHeld)
      this.#older = begin === null ? "unreadable" : begin === 0 || isFromStart ? "none" : "some";
    return {
      ...facts,
      blocks,
      drawn: this.#range(blocks, { isFollowing, isHeld }, end !== null),
      base: count.base,
      numbers: count.stateFor(lines.first),
      isAtEnd,
      isBehind: this.#lag.see(isAtEnd && (isWaiting || isLess)),
      older: this.#older,
      end,
      isOpen: isAtEnd && open !== null && end === null,
      size,
    };
  }

  #range(
    blocks: readonly OutputBlock[],
    reader: Pick<DrawnFor, "isFollowing" | "isHeld">,
    isOver: boolean,
  ): DrawnRange {
    const quietMs = this.#clock.elapsed() - this.#printedAt;
    const hasTime = !reader.isFollowing || isOver || quietMs >= QUIET_MS;
    const range = this.#part.next(blocks, { ...reader, hasTime, focus: this.#focus });
    this.#hidden = { before: range.from, behind: blocks.length - range.to };
    this.#cancelQuiet();
    if (range.from === 0 && range.to === blocks.length) return range;
    if (reader.isHeld) this.more();
    else if (hasTime) this.soon();
    else this.#cancelQuiet = this.#clock.after(QUIET_MS - quietMs, () => this.soon());
    return range;
  }
}
