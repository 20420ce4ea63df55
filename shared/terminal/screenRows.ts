/**
 * The newest screenful of a terminal, as rows with a cursor: what is in it can be written over, what scrolled out of it never
 * changes. Looks are its owner's.
 */
import { Row } from "./row.js";

/** So high is the screenful that can be written over. */
export const SCREEN_ROWS = 24;
/** Nothing moves further to the right, but to the end of what is there. */
const SCREEN_COLUMNS = 80;

/** Why a row begins: behind a line end, for what had no room in the one before, or as a program moved there. */
export type RowStart = "line" | "rest" | "move";

export interface ScreenOwner<Look, Place> {
  readonly plain: Look;
  /** In which text is written now. */
  look(): Look;
  /** The longest row. What does not fit goes on in a new one, or is left out. */
  readonly longest: number;
  readonly isRestLeftOut: boolean;
  /** The place of a row that begins. */
  begin(as: RowStart): Place;
  /** The place of a row that stands so many above the first, of which nobody knows what it holds; null where there is none. */
  above(distance: number): Place | null;
  /** A row that stands above the first: what is known of it may be put there. */
  begun?(row: Row<Look, Place>): void;
  /** A line end led down to it, and nothing was ever written there: it begins here as well. */
  reached?(row: Row<Look, Place>): void;
  /** A new row comes below it. */
  ended?(row: Row<Look, Place>): void;
  /** It scrolled out of the screenful. */
  left?(row: Row<Look, Place>): void;
}

export class ScreenRows<Look, Place> {
  /** From the top of the screenful. */
  readonly rows: Row<Look, Place>[] = [];
  readonly #owner: ScreenOwner<Look, Place>;
  /** The row of the cursor. */
  #at = 0;
  /** Null behind all that is in its row. */
  #column: number | null = null;
  #saved = { at: 0, column: 0 };
  /** The cursor was put to the top left, and nothing has come since. */
  #isHome = false;
  #changes = 0;
  #above = 0;
  #isTopKnown = false;

  constructor(owner: ScreenOwner<Look, Place>) {
    this.#owner = owner;
    this.#begin("line");
  }

  /** The lowest row. */
  get bottom(): Row<Look, Place> {
    return this.rows.at(-1)!;
  }

  /** So many rows are below the cursor. */
  get below(): number {
    return this.rows.length - 1 - this.#at;
  }

  get isAtEnd(): boolean {
    return this.below === 0 && this.#column === null;
  }

  /** Grows with each change of a row. */
  get changes(): number {
    return this.#changes;
  }

  /** The rows above the lowest that changed since they ended, or since this was asked last; from the top. */
  changedRows(): Row<Look, Place>[] {
    const changed = this.rows.slice(0, -1).filter((row) => row.changed > row.told);
    for (const row of changed) row.told = row.changed;
    return changed;
  }

  put(run: string): void {
    const look = this.#owner.look();
    for (let left = run; left !== ""; ) {
      const row = this.#touch(this.#row);
      let taken: number;
      if (this.#column === null) taken = row.append(left, look);
      else ({ taken, column: this.#column } = row.put(this.#column, left, look));
      left = left.slice(taken);
      if (left === "" || this.#owner.isRestLeftOut) return;
      this.nextRow("rest");
    }
  }

  /** The row below; where there is none, a new one. */
  nextRow(as: RowStart): void {
    if (this.below > 0) {
      this.#at += 1;
      this.#column = this.#row.isEmpty ? null : 0;
      if (as === "line" && this.#row.changed === 0) this.#owner.reached?.(this.#row);
      return;
    }
    const row = this.bottom;
    row.told = row.changed;
    this.#owner.ended?.(row);
    this.#begin(as);
  }

  erase(count: number): void {
    this.#touch(this.#row).erase(this.columnNow(), count);
  }

  delete(count: number): void {
    this.#touch(this.#row).delete(this.columnNow(), count);
  }

  insert(count: number): void {
    this.#touch(this.#row).insert(this.columnNow(), count, SCREEN_COLUMNS);
  }

  toStart(): void {
    this.#column = this.#row.isEmpty ? null : 0;
  }

  /** Beside where the cursor is. */
  moveBy(rows: number, columns: number): void {
    this.moveTo(this.#at + rows, this.columnNow() + columns);
  }

  toColumn(column: number): void {
    this.moveTo(this.#at, column);
  }

  columnNow(): number {
    this.#column ??= this.#row.width;
    return this.#column;
  }

  /** Within the rows that are there; to the right, as far as the screen or its row. */
  moveTo(at: number, column: number = this.columnNow()): void {
    this.#at = Math.min(at, this.rows.length - 1);
    this.#isHome = false;
    if (column > SCREEN_COLUMNS - 1 && column > this.#row.width)
      this.#column = Math.max(SCREEN_COLUMNS - 1, this.#row.width);
    else this.#column = Math.max(0, column);
    if (this.#column === 0 && this.#row.isEmpty) this.#column = null;
  }

  up(count: number): void {
    const column = this.columnNow();
    this.#reachAbove(count - this.#at);
    this.moveTo(Math.max(0, this.#at - count), column);
  }

  /** From the top left of the screenful. */
  moveToPlace(at: number, column: number): void {
    this.#reachAbove(SCREEN_ROWS);
    const wanted = Math.min(at, SCREEN_ROWS - 1);
    while (this.rows.length <= wanted) {
      this.#at = this.rows.length - 1;
      this.nextRow("move");
    }
    this.moveTo(wanted, column);
    this.#isHome = at === 0 && column === 0;
  }

  /** As `K` counts: 0 from the cursor on, 1 up to it, 2 all. */
  eraseLine(what: number): void {
    // Many tools do so at the end of each colour.
    if (what === 0 && this.#column === null) return;
    const row = this.#touch(this.#row);
    if (what === 0) row.erase(this.columnNow());
    if (what === 1) row.erase(0, this.columnNow() + 1);
    if (what === 2) {
      this.columnNow();
      row.clear();
    }
    // It may stand far behind what is left.
    this.moveTo(this.#at);
  }

  /** As `J` counts. */
  eraseScreen(what: number): void {
    if (what === 2 || (what === 0 && this.#isHome)) return this.scrollAllOut();
    if (what > 1) return;
    this.eraseLine(what);
    const others = what === 0 ? this.rows.slice(this.#at + 1) : this.rows.slice(0, this.#at);
    for (const row of others) if (!row.isEmpty) this.#touch(row).clear();
  }

  /** An empty screenful comes below: what a program wipes away was printed all the same. */
  scrollAllOut(): void {
    if (!this.bottom.isEmpty) {
      this.#at = this.rows.length - 1;
      this.nextRow("move");
    }
    for (const row of this.rows.splice(0, this.rows.length - 1)) this.#owner.left?.(row);
    this.#isTopKnown = true;
    this.moveTo(0, 0);
  }

  save(): void {
    this.#saved = { at: this.#at, column: this.columnNow() };
  }

  restore(): void {
    this.moveTo(this.#saved.at, this.#saved.column);
  }

  #begin(as: RowStart): void {
    this.rows.push(this.#newRow(this.#owner.begin(as)));
    const gone = this.rows.length > SCREEN_ROWS ? this.rows.shift() : undefined;
    if (gone) this.#owner.left?.(gone);
    this.#at = this.rows.length - 1;
    this.#column = null;
  }

  #newRow(place: Place): Row<Look, Place> {
    return new Row(place, this.#owner);
  }

  get #row(): Row<Look, Place> {
    return this.rows[this.#at]!;
  }

  #touch(row: Row<Look, Place>): Row<Look, Place> {
    this.#isHome = false;
    this.#changes += 1;
    row.changed = this.#changes;
    return row;
  }

  /** Rows above the first are only there where nobody knows what stands before. */
  #reachAbove(count: number): void {
    for (let more = count; more > 0 && !this.#isTopKnown; more--) {
      if (this.rows.length === SCREEN_ROWS) return;
      const place = this.#owner.above(this.#above + 1);
      if (place === null) return;
      this.#above += 1;
      const row = this.#newRow(place);
      this.#owner.begun?.(row);
      this.rows.unshift(row);
      this.#at += 1;
    }
  }
}
