/** Decides which blocks of a log are drawn: as many as there is time for, those the reader looks at first. No page, no time of its own. */
import type { OutputBlock } from "./logWindow.js";

/** Blocks by their place: from the first to the one before `to`. */
export interface DrawnRange {
  readonly from: number;
  readonly to: number;
}

export interface DrawnFor {
  /** The reader is at the end and stays there. */
  readonly isFollowing: boolean;
  /** The rest may be drawn now. */
  readonly hasTime: boolean;
  /** The block that is wanted in view, where that is not the end: jumped to, or read. */
  readonly focus: number | null;
  /** Nothing is drawn above what is drawn already, but for a reader who is elsewhere. */
  readonly isHeld?: boolean;
}

/** One turn of drawing is to take so long. */
const BUDGET_MS = 40;
/** A turn that takes longer although little is new says that too much is drawn for this browser. */
const HEAVY_MS = 100;
const FIRST_MOST_LINES = 400;
const MOST_LINES = 2_000;
const LEAST_LINES = 60;
/** Two windows full: above what is in view there is something to scroll to. */
const SCREENS = 2;
const FIRST_LEAST_LINES = 150;

export class DrawnPart {
  /** How many lines of each block are drawn. */
  #drawn = new Map<number, number>();
  #fresh = 0;
  /** New lines that are drawn in one turn. */
  #most = FIRST_MOST_LINES;
  /** Lines that are drawn however long it takes. */
  #least = FIRST_LEAST_LINES;
  #isHeavy = false;

  /** The length of the last turn, in milliseconds. */
  took(ms: number): void {
    if (this.#fresh >= LEAST_LINES)
      this.#most = within(Math.floor((this.#fresh * BUDGET_MS) / ms), LEAST_LINES, MOST_LINES);
    this.#isHeavy = ms > HEAVY_MS && this.#fresh < this.#least;
  }

  /** How many windows full is drawn now: folded groups make that few, long lines many. */
  looksLike(screens: number): void {
    const lines = [...this.#drawn.values()].reduce((sum, count) => sum + count, 0);
    if (lines > 0 && screens > 0)
      this.#least = within(Math.ceil((SCREENS * lines) / screens), LEAST_LINES, MOST_LINES);
  }

  has(block: number): boolean {
    return this.#drawn.has(block);
  }

  /** The range to be drawn next, as if it were drawn by now. */
  next(blocks: readonly OutputBlock[], wanted: DrawnFor): DrawnRange {
    const range = wanted.isFollowing ? this.#atEnd(blocks, wanted) : this.#around(blocks, wanted);
    const drawn = blocks.slice(range.from, range.to);
    this.#fresh = drawn.reduce((sum, block) => sum + this.#cost(block), 0);
    this.#drawn = new Map(drawn.map(({ id, lines }) => [id, lines.length]));
    return range;
  }

  /** More lines than a window holds, and than one turn can draw, have come since the last one: all but the newest are left for later. */
  #atEnd(blocks: readonly OutputBlock[], { hasTime }: DrawnFor): DrawnRange {
    const fresh = this.#newLines(blocks);
    const isFlood = fresh > Math.max(this.#least, this.#most) || (this.#isHeavy && fresh > 0);
    let from = blocks.length;
    let lines = 0;
    let spent = 0;
    for (; from > 0; from--) {
      const block = blocks[from - 1]!;
      const cost = this.#cost(block);
      const stays = !isFlood && this.#drawn.has(block.id);
      const fits = hasTime && !isFlood && spent + cost <= this.#most;
      if (lines >= this.#least && !stays && !fits) break;
      lines += block.lines.length;
      spent += cost;
    }
    return { from, to: blocks.length };
  }

  #around(blocks: readonly OutputBlock[], { focus, isHeld = false }: DrawnFor): DrawnRange {
    const wanted = blocks.findIndex(({ id }) => id === focus);
    let from = blocks.findIndex(({ id }) => this.#drawn.has(id));
    let to = blocks.findLastIndex(({ id }) => this.#drawn.has(id)) + 1;
    const isElsewhere = from === -1 || (wanted !== -1 && (wanted < from || wanted >= to));
    if (isElsewhere) {
      from = Math.max(0, wanted);
      to = Math.min(from + 1, blocks.length);
    }
    const first = isHeld && !isElsewhere ? from : 0;
    const middle = wanted === -1 ? from : wanted;
    let above = linesIn(blocks, from, middle);
    let below = linesIn(blocks, middle, to);
    let spent = blocks.slice(from, to).reduce((sum, block) => sum + this.#cost(block), 0);
    const most = Math.max(this.#most, spent + 1);
    while (from > first || to < blocks.length) {
      const isUp = from > first && (above <= below || to === blocks.length);
      const block = blocks[isUp ? from - 1 : to]!;
      if ((isUp ? above : below) >= this.#least && spent >= most) break;
      spent += this.#cost(block);
      if (isUp) from -= 1;
      else to += 1;
      if (isUp) above += block.lines.length;
      else below += block.lines.length;
    }
    return { from, to };
  }

  #newLines(blocks: readonly OutputBlock[]): number {
    let lines = 0;
    for (let at = blocks.length - 1; at >= 0; at--) {
      lines += this.#cost(blocks[at]!);
      if (this.#drawn.has(blocks[at]!.id)) break;
    }
    return this.#drawn.size === 0 ? 0 : lines;
  }

  #cost({ id, lines }: OutputBlock): number {
    return Math.max(0, lines.length - (this.#drawn.get(id) ?? 0));
  }
}

const within = (wanted: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, wanted));

const linesIn = (blocks: readonly OutputBlock[], from: number, to: number): number =>
  blocks.slice(from, to).reduce((sum, { lines }) => sum + lines.length, 0);
