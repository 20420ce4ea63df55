/** The part of an output that is on the page: lines in blocks, grown at either end and cut at either end. No network, no page. */
import { isStart, type LineSink, type OutputLine, putInto } from "../lines/outputLines.js";

/** Never changed once it is made: a block that is the same object looks the same. */
export interface OutputBlock {
  /** Kept while it grows and while its start is cut, and never given to other lines. */
  readonly id: number;
  readonly lines: readonly OutputLine[];
}

export const LINES_A_BLOCK = 50;
/** Beside the number of blocks: few lines can be long ones. */
const MOST_CHARACTERS_A_BLOCK = 40 * 1024;

export class LogWindow implements LineSink {
  #blocks: OutputBlock[] = [];
  #filling: OutputLine[] = [];
  #sizes = new Map<OutputBlock, number>();
  #characters = 0;
  /** The name of the block that fills. */
  #fillingId: number;
  readonly #newId: () => number;

  /** `newId`: gives each number once, also to windows before and after this one. */
  constructor(newId: () => number) {
    this.#newId = newId;
    this.#fillingId = newId();
  }

  append(line: OutputLine): void {
    this.#filling.push(line);
    if (this.#filling.length < LINES_A_BLOCK) return;
    this.#blocks.push(this.#measured({ id: this.#fillingId, lines: this.#filling }));
    this.#fillingId = this.#newId();
    this.#filling = [];
  }

  put(line: OutputLine): void {
    if (putInto(this.#filling, line, this.#blocks.length === 0)) return;
    // It is one of the newest, so it is found soon.
    for (let at = this.#blocks.length - 1; at >= 0; at--) {
      const block = this.#blocks[at]!;
      const lines = [...block.lines];
      if (!putInto(lines, line, at === 0)) continue;
      this.#forget(block);
      this.#blocks[at] = this.#measured({ id: block.id, lines });
      return;
    }
  }

  /** Takes out the lines "above" the first. */
  takeAbove(): OutputLine[] {
    const block = this.#blocks[0];
    const lines = block?.lines ?? this.#filling;
    const isOther = ({ kind }: OutputLine) => kind !== "above";
    const first = lines.findIndex(isOther);
    const count = first === -1 ? lines.length : first;
    if (count === 0) return [];
    const taken = lines.slice(0, count);
    if (!block) this.#filling = this.#filling.slice(count);
    else {
      this.#forget(block);
      if (count === lines.length) this.#blocks.shift();
      else this.#blocks[0] = this.#measured({ id: block.id, lines: lines.slice(count) });
    }
    return taken;
  }

  /** The newest so many. */
  last(most: number): OutputLine[] {
    const lines = [...this.#filling];
    for (let at = this.#blocks.length - 1; at >= 0 && lines.length < most; at--)
      lines.unshift(...this.#blocks[at]!.lines);
    return lines.slice(-most);
  }

  /** In order; they end where the window begins. */
  prepend(lines: readonly OutputLine[]): void {
    const blocks: OutputBlock[] = [];
    for (let end = lines.length; end > 0; end -= LINES_A_BLOCK) {
      const part = lines.slice(Math.max(0, end - LINES_A_BLOCK), end);
      blocks.unshift(this.#measured({ id: this.#newId(), lines: part }));
    }
    this.#blocks.unshift(...blocks);
  }

  /** With the block that fills, and the line at work at its end. */
  blocks(open: OutputLine | null): readonly OutputBlock[] {
    const lines = open ? [...this.#filling, open] : [...this.#filling];
    return lines.length > 0 ? [...this.#blocks, { id: this.#fillingId, lines }] : [...this.#blocks];
  }

  isOver(most: number): boolean {
    return (
      this.#blocks.length > most ||
      (this.#blocks.length > 1 && this.#characters > most * MOST_CHARACTERS_A_BLOCK)
    );
  }

  /** But for those "above" it. */
  get first(): OutputLine | null {
    const lines = this.#blocks[0]?.lines ?? this.#filling;
    return lines.find(({ kind }) => kind !== "above") ?? null;
  }

  /** Returns whether anything was cut. Then it begins with a whole line, where there is one. The block that is read stays, and the one before. */
  cutStart(most: number, read: number | null): boolean {
    let isCut = false;
    while (this.isOver(most) && this.#blocks[0]!.id !== read && this.#blocks[1]!.id !== read) {
      this.#forget(this.#blocks.shift()!);
      isCut = true;
    }
    const block = this.#blocks[0];
    const start = block?.lines.findIndex(isStart) ?? 0;
    if (isCut && block && start > 0) {
      this.#forget(block);
      this.#blocks[0] = this.#measured({ id: block.id, lines: block.lines.slice(start) });
    }
    return isCut;
  }

  /** Returns the first line that is not there any more; null where nothing was cut. Cuts only where reading can go on exactly. */
  cutEnd(most: number): OutputLine | null {
    let kept = this.#blocks.length;
    let left = this.#characters;
    while (kept > 1 && (kept > most || left > most * MOST_CHARACTERS_A_BLOCK)) {
      kept -= 1;
      left -= this.#sizes.get(this.#blocks[kept]!) ?? 0;
    }
    while (kept < this.#blocks.length && !isStart(this.#blocks[kept]!.lines[0]!)) kept += 1;
    const cut = this.#blocks[kept];
    if (!cut) return null;
    for (const block of this.#blocks.splice(kept)) this.#forget(block);
    this.#filling = [];
    this.#fillingId = this.#newId();
    return cut.lines[0]!;
  }

  #measured(block: OutputBlock): OutputBlock {
    const size = block.lines.reduce((sum, { text }) => sum + text.length, 0);
    this.#sizes.set(block, size);
    this.#characters += size;
    return block;
  }

  #forget(block: OutputBlock): void {
    this.#characters -= this.#sizes.get(block) ?? 0;
    this.#sizes.delete(block);
  }
}
