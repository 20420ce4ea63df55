/** The newest rows of what a program printed for a terminal: the screenful, and a few that scrolled out of it. Bounded, whatever comes. */
import type { Row } from "./row.js";
import { Screen } from "./screen.js";
import { SCREEN_ROWS } from "./screenRows.js";

/** So many rows that say something are kept of those that scrolled out. */
const KEPT_ROWS = 20;
/** Only so many of the newest lines are looked at, where text adds lines and changes none. */
const NEWEST_LINES = SCREEN_ROWS + KEPT_ROWS;
/** Text without these only adds to what is there: colours do as well. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const STEERING = /\r(?!\n)|\u001b(?!\[[\d;:]{0,32}m)|[\b\u0018\u001a]/;
/** Whether text only adds to what is there: it has line ends and colours, and nothing that moves. */
export const isAddingOnly = (text: string): boolean => !STEERING.test(text);

/** So much text that only adds may wait to be looked at. */
const MOST_WAITING = 128 * 1024;

export class NewestRows {
  /** A longer row is kept only at its beginning. */
  readonly #longest: number;
  #screen: Screen<null, null>;
  /** Rows of the screen that scrolled out, oldest first, and what stood before those. */
  #left: Row<null, null>[] = [];
  #older: string[] = [];
  /** Changes before those. */
  #changed = 0;
  /** Text that only adds to the screen, and is not in it yet. */
  #waiting = "";

  constructor(longest: number) {
    this.#longest = longest;
    this.#screen = this.#newScreen();
  }

  /** Grows with each change. */
  get changes(): number {
    this.#catchUp();
    return this.#changed + this.#screen.changes;
  }

  /** The row that is written to, where it is the lowest; its end has not come. */
  get open(): string {
    this.#catchUp();
    return this.#screen.bottom.text;
  }

  /** Text cut anywhere. Returns null where it only added to what was there, else how many `changes` there were before it. */
  add(text: string): number | null {
    const isAdding = (this.#waiting !== "" || this.#screen.isAppending) && isAddingOnly(text);
    if (!isAdding) {
      const before = this.changes;
      this.#screen.write(text);
      return before;
    }
    this.#waiting += text;
    if (this.#waiting.length > MOST_WAITING) this.#catchUp();
    return null;
  }

  /** Those that say something, oldest first; all of the screenful, and some before. */
  rows(): string[] {
    this.#catchUp();
    const rows = [...this.#left, ...this.#screen.rows].map(({ text }) => text);
    return [...this.#older, ...rows].filter(saysSomething);
  }

  /** Those that say something and were changed since then, the one that was changed last first. */
  *byChange(since = 0): Generator<string> {
    this.#catchUp();
    const rows = [...this.#left, ...this.#screen.rows]
      .filter(({ changed }) => changed > 0 && this.#changed + changed > since)
      .sort((one, other) => other.changed - one.changed);
    for (const { text } of rows) if (saysSomething(text)) yield text;
    if (since < this.#changed || since === 0) yield* this.#older.toReversed();
  }

  #catchUp(): void {
    const waiting = this.#waiting;
    if (waiting === "") return;
    this.#waiting = "";
    const start = startOfNewest(waiting);
    if (start > 0) this.#begin();
    this.#screen.write(waiting.slice(start));
  }

  #begin(): void {
    this.#older = this.rows().slice(-KEPT_ROWS);
    this.#changed = this.changes;
    this.#left = [];
    this.#screen = this.#newScreen();
  }

  #newScreen(): Screen<null, null> {
    return new Screen<null, null>({
      plain: null,
      look: () => null,
      longest: this.#longest,
      isRestLeftOut: true,
      begin: () => null,
      above: () => null,
      left: (row) => {
        if (row.isEmpty) return;
        this.#left.push(row);
        if (this.#left.length > 2 * KEPT_ROWS) this.#left = this.#left.slice(-KEPT_ROWS);
      },
    });
  }
}

const saysSomething = (text: string): boolean => /\S/.test(text);

/** Where so many lines begin at the end that nothing before can be seen, or changed, any more; 0 where there are not so many. */
function startOfNewest(text: string): number {
  let at = text.length;
  for (let lines = 0; lines <= NEWEST_LINES; lines++) {
    at = text.lastIndexOf("\n", at - 1);
    if (at <= 0) return 0;
  }
  return at + 1;
}
