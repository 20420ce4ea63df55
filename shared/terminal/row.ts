/**
 * One row of a terminal: text in its looks. While text is only added it is kept as it is; once something is written over, as
 * one cell for each column, so that a change costs as much as what is changed.
 */
import { characterWidth } from "./characterWidth.js";

/** From this place of the text on, up to the next stretch, it looks so. */
export interface Stretch<Look> {
  readonly at: number;
  readonly look: Look;
}

/** A row with more of them than anybody can see keeps its last look to its end. */
const MOST_STRETCHES = 512;
/** More marks on one character are no writing. */
const LONGEST_GLYPH = 64;
export const TAB_COLUMNS = 8;
/** No more is moved aside, or erased within a row, at a time: it costs as much each time. */
const MOST_MOVED = 256;

const ZERO_WIDTH_JOINER = "\u200d";
/** Each of these takes one column. */
const NARROW = /^[ -~]*$/;

export interface RowLimits<Look> {
  readonly plain: Look;
  /** Characters. */
  readonly longest: number;
}

/** `Place` is the owner's: where the row stands in what was printed. */
export class Row<Look, Place> {
  readonly place: Place;
  /** When it was changed last, as its owner counts; 0 where it never was. */
  changed = 0;
  /** Its owner knows of the changes up to this one. */
  told = 0;
  readonly #limits: RowLimits<Look>;
  #text = "";
  #stretches: Stretch<Look>[] | null = null;
  /** The texts of the cells: of a wide character the first has it, the others are empty. Null while text is only added. */
  #cells: string[] | null = null;
  #looks: Look[] = [];
  /** A cell of it is a part of something wide. */
  #hasWide = false;
  #isTextKnown = true;

  constructor(place: Place, limits: RowLimits<Look>) {
    this.place = place;
    this.#limits = limits;
  }

  get text(): string {
    this.#join();
    return this.#text;
  }

  /** Null where all of it is plain. */
  get stretches(): readonly Stretch<Look>[] | null {
    this.#join();
    return this.#stretches && [...this.#stretches];
  }

  get isEmpty(): boolean {
    return this.#cells ? this.#cells.length === 0 : this.#text === "";
  }

  /** In columns. */
  get width(): number {
    return this.#toCells().length;
  }

  /** Behind all that is there. Returns how many characters had room. */
  append(run: string, look: Look): number {
    if (this.#cells) return this.put(this.#cells.length, run, look).taken;
    const room = this.#limits.longest - this.#text.length;
    const taken = run.length <= room ? run : wholeCharacters(run, room);
    if (taken === "") return 0;
    this.#style(this.#text.length, look);
    this.#text += taken;
    return taken.length;
  }

  /** Over what is there. Returns how many characters had room, and the column behind them. */
  put(from: number, run: string, look: Look): { taken: number; column: number } {
    this.#toCells();
    return this.#put(from, run, look, this.#limits.longest);
  }

  /** Up to the end of the row, or so many columns. */
  erase(from: number, count = Number.POSITIVE_INFINITY): void {
    const cells = this.#toCells();
    const to = Math.min(cells.length, from + count);
    if (from >= to || (to < cells.length && to - from > MOST_MOVED)) return;
    this.#isTextKnown = false;
    if (this.#hasWide) this.#breakWide(from, to);
    if (to === cells.length) this.#cut(from);
    else for (let at = from; at < to; at++) this.#set(at, " ", this.#limits.plain);
  }

  clear(): void {
    this.#cut(0);
  }

  /** Takes so many columns out: what stands behind moves there. */
  delete(from: number, count: number): void {
    const cells = this.#toCells();
    if (from >= cells.length || cells.length > MOST_MOVED) return;
    this.#isTextKnown = false;
    const to = Math.min(cells.length, from + count);
    if (this.#hasWide) this.#breakWide(from, to);
    cells.splice(from, to - from);
    this.#looks.splice(from, to - from);
  }

  /** Puts so many blanks in; what stands there moves aside, as far as there is room for `most` columns. */
  insert(from: number, count: number, most: number): void {
    const cells = this.#toCells();
    const blanks = Math.min(count, most - cells.length);
    if (from >= cells.length || blanks <= 0 || cells.length > MOST_MOVED) return;
    this.#isTextKnown = false;
    if (this.#hasWide) this.#breakWide(from, from);
    cells.splice(from, 0, ...Array<string>(blanks).fill(" "));
    this.#looks.splice(from, 0, ...Array<Look>(blanks).fill(this.#limits.plain));
  }

  #put(from: number, run: string, look: Look, longest: number) {
    const cells = this.#cells!;
    this.#isTextKnown = false;
    let column = from;
    let taken = 0;
    for (const character of run) {
      const width = this.#widthAt(column, character);
      if (column + width > longest) break;
      if (width === 0) this.#attach(column, character, look);
      // A tab moves, and writes over nothing.
      else if (character !== "\t" || column >= cells.length)
        this.#write(column, width, character, look);
      column += width;
      taken += character.length;
    }
    return { taken, column };
  }

  #write(column: number, width: number, character: string, look: Look): void {
    const cells = this.#cells!;
    while (cells.length < column) this.#set(cells.length, " ", this.#limits.plain);
    if (this.#hasWide) this.#breakWide(column, column + width);
    this.#set(column, character, look);
    for (let more = 1; more < width; more++) this.#set(column + more, "", look);
    if (width > 1) this.#hasWide = true;
  }

  /** A row that is empty is one to which text is only added. */
  #cut(length: number): void {
    this.#isTextKnown = length === 0;
    if (length === 0) {
      this.#text = "";
      this.#stretches = null;
      this.#cells = null;
      this.#looks = [];
      this.#hasWide = false;
    } else if (this.#cells) {
      this.#cells.length = length;
      this.#looks.length = length;
    }
  }

  #set(at: number, glyph: string, look: Look): void {
    this.#cells![at] = glyph;
    this.#looks[at] = look;
  }

  #widthAt(column: number, character: string): number {
    if (character === "\t") return TAB_COLUMNS - (column % TAB_COLUMNS);
    if (character <= "~") return 1;
    const before = this.#glyphBefore(column);
    // A family is one character; one that changes how the one before looks is no other.
    if (before?.endsWith(ZERO_WIDTH_JOINER)) return 0;
    const width = characterWidth(character);
    // There is none that it could stand on.
    return width === 0 && before === undefined ? 1 : width;
  }

  #glyphBefore(column: number): string | undefined {
    const at = this.#startOf(column - 1);
    return this.#cells![at];
  }

  #attach(column: number, mark: string, look: Look): void {
    const at = this.#startOf(column - 1);
    const glyph = this.#cells![at]!;
    if (glyph.length < LONGEST_GLYPH) this.#set(at, glyph + mark, this.#looks[at] ?? look);
  }

  /** Where the character begins that takes this column. */
  #startOf(column: number): number {
    let at = column;
    while (at > 0 && this.#cells![at] === "") at -= 1;
    return at;
  }

  /** A wide character that lies only in part between two columns is not there any more. */
  #breakWide(from: number, to: number): void {
    const cells = this.#cells!;
    const { plain } = this.#limits;
    if (cells[from] === "")
      for (let at = this.#startOf(from); at < from || cells[at] === ""; at++)
        this.#set(at, " ", plain);
    if (cells[to] === "") {
      for (let at = this.#startOf(to); at < to; at++) this.#set(at, " ", plain);
      for (let at = to; cells[at] === ""; at++) this.#set(at, " ", plain);
    }
  }

  #toCells(): string[] {
    if (this.#cells) return this.#cells;
    const [text, stretches] = [this.#text, this.#stretches];
    this.#cells = [];
    if (NARROW.test(text)) {
      this.#cells = text.split("");
      this.#looks = Array<Look>(text.length).fill(this.#limits.plain);
      stretches?.forEach(({ at, look }, index) => {
        this.#looks.fill(look, at, stretches[index + 1]?.at);
      });
      return this.#cells;
    }
    this.#looks = [];
    const all = stretches ?? [{ at: 0, look: this.#limits.plain }];
    let column = 0;
    all.forEach(({ at, look }, index) => {
      const run = text.slice(at, all[index + 1]?.at);
      ({ column } = this.#put(column, run, look, Number.POSITIVE_INFINITY));
    });
    return this.#cells;
  }

  #join(): void {
    if (this.#isTextKnown || !this.#cells) return;
    this.#isTextKnown = true;
    const cells = this.#cells;
    this.#text = "";
    this.#stretches = null;
    let at = 0;
    for (let cell = 0; cell < cells.length; cell++) {
      if (cell === 0 || this.#looks[cell] !== this.#looks[cell - 1])
        this.#style(at, this.#looks[cell]!);
      at += cells[cell]!.length;
    }
    this.#text = cells.join("");
  }

  #style(at: number, look: Look): void {
    const { plain } = this.#limits;
    if (!this.#stretches) {
      if (look === plain) return;
      this.#stretches = at === 0 ? [] : [{ at: 0, look: plain }];
    }
    const last = this.#stretches.at(-1);
    if (last?.look === look || this.#stretches.length >= MOST_STRETCHES) return;
    this.#stretches.push({ at, look });
  }
}

/** As many as there is room for. */
function wholeCharacters(run: string, room: number): string {
  const cut = run.slice(0, room);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
