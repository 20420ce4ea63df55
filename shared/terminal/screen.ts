/** A terminal as far as a log needs one: text, moves of the cursor and erasing, in the newest screenful. Cut anywhere, in one pass. */
import { TAB_COLUMNS } from "./row.js";
import { type ScreenOwner, ScreenRows } from "./screenRows.js";
import { createTerminalReader, type TerminalReader } from "./terminalReader.js";

export interface TerminalOwner<Look, Place> extends ScreenOwner<Look, Place> {
  /** The parameters of a sequence that sets how text looks from here on. */
  style?(parameters: string): void;
  /** An operating system command: a title, or a link. */
  command?(text: string): void;
}

export class Screen<Look, Place> extends ScreenRows<Look, Place> {
  readonly #reader: TerminalReader;

  constructor(owner: TerminalOwner<Look, Place>) {
    super(owner);
    this.#reader = createTerminalReader({
      text: (run) => this.put(run),
      control: (code) => {
        if (code === "\n") this.nextRow("line");
        else if (code === "\r") this.toStart();
        else this.moveBy(0, -1);
      },
      sequence: (final, parameters) => {
        if (final === "m") owner.style?.(parameters);
        else obeySequence(this, final, parameters);
      },
      escape: (final) => obeyEscape(this, final),
      ...(owner.command && { command: (text: string) => owner.command?.(text) }),
    });
  }

  write(text: string): void {
    this.#reader.write(text);
  }

  /** True where the next text is only added, behind all that is there. */
  get isAppending(): boolean {
    return this.isAtEnd && !this.#reader.isWithin;
  }
}

type Rows = ScreenRows<unknown, unknown>;

function obeyEscape(rows: Rows, final: string): void {
  switch (final) {
    case "7":
      return rows.save();
    case "8":
      return rows.restore();
    case "D":
      return rows.moveBy(1, 0);
    case "E":
      return rows.nextRow("move");
    case "M":
      return rows.up(1);
    case "c":
      return rows.scrollAllOut();
  }
}

function obeySequence(rows: Rows, final: string, parameters: string): void {
  // Others are of another family, as `ESC [ ? … J`.
  if (!/^[\d;]*$/.test(parameters)) return;
  const [first = 0, second = 0] = parameters.split(";").map(Number);
  const count = Math.max(1, first);
  switch (final) {
    case "A":
      return rows.up(count);
    case "B":
    case "e":
      return rows.moveBy(count, 0);
    case "C":
    case "a":
      return rows.moveBy(0, count);
    case "D":
      return rows.moveBy(0, -count);
    case "E":
      // At the bottom it would write over what stands there.
      if (rows.below === 0) return rows.nextRow("move");
      rows.moveBy(count, 0);
      return rows.toStart();
    case "F":
      rows.up(count);
      return rows.toStart();
    case "G":
    case "`":
      return rows.toColumn(count - 1);
    case "H":
    case "f":
      return rows.moveToPlace(count - 1, Math.max(1, second) - 1);
    case "d":
      return rows.moveToPlace(count - 1, rows.columnNow());
    case "I":
      return rows.toColumn((Math.floor(rows.columnNow() / TAB_COLUMNS) + count) * TAB_COLUMNS);
    case "Z":
      return rows.toColumn((Math.ceil(rows.columnNow() / TAB_COLUMNS) - count) * TAB_COLUMNS);
    case "J":
      return rows.eraseScreen(first);
    case "K":
      return rows.eraseLine(first);
    case "X":
      return rows.erase(count);
    case "P":
      return rows.delete(count);
    case "@":
      return rows.insert(count);
    case "s":
      return rows.save();
    case "u":
      return rows.restore();
  }
}
