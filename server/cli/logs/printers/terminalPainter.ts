/**
 * Draws output in a person's terminal: what a command writes over is written over there as well, as far as that can be reached.
 * Nothing that a command prints steers the terminal: moves are our own, among the rows that are ours.
 */
import { isAddingOnly } from "../../../../shared/terminal/newestRows.js";
import type { Row } from "../../../../shared/terminal/row.js";
import { Screen } from "../../../../shared/terminal/screen.js";
import { createTerminalReader } from "../../../../shared/terminal/terminalReader.js";
import type { CliContext } from "../../process/context.js";

/** The part of a row that the terminal shows. */
interface Painted {
  /** Before its text: when it began. */
  stamp: string;
  /** The change of the row that was drawn last; null where nothing of it was. */
  at: number | null;
  /** In columns. */
  width: number;
  /** It stands above the first row that is known: only there once something is written to it. */
  readonly isAbove: boolean;
}

type OutputRow = Row<string, Painted>;

export interface TerminalPowers {
  readonly hasColors: boolean;
  /** Whether it knows how to move the cursor. */
  readonly canMove: boolean;
}

const ESC = "\u001b";
const RESET = `${ESC}[0m`;
/** So much is drawn at a time. */
const PIECE_CHARACTERS = 64 * 1024;
const LONGEST_ROW = 256 * 1024;
/** The width of a longer row is not worked out. */
const MOST_MEASURED = 4_096;
/** More colours than that at once nobody sees. */
const LONGEST_LOOK = 128;

export class TerminalPainter {
  readonly #stdout: CliContext["stdout"];
  readonly #powers: TerminalPowers;
  #look = "";
  #screen: Screen<string, Painted>;
  /** Rows that scrolled out while a piece was read. */
  #left: OutputRow[] = [];

  constructor(stdout: CliContext["stdout"], powers: TerminalPowers) {
    this.#stdout = stdout;
    this.#powers = powers;
    this.#screen = this.#newScreen();
  }

  write(text: string): void {
    for (let at = 0; at < text.length; at += PIECE_CHARACTERS)
      this.#paint(text.slice(at, at + PIECE_CHARACTERS));
  }

  /** Puts the stamp before the line that is written next, if one begins there. */
  begins(stamp: string): void {
    const { place, isEmpty } = this.#screen.bottom;
    if (this.#screen.below > 0 || !isEmpty || place.stamp !== "") return;
    place.stamp = stamp;
    if (place.at !== null) this.#stdout.write(stamp);
  }

  /** Ends the rows that are there: the next text has nothing to do with them. */
  breakOff(): void {
    const { isEmpty, place } = this.#screen.bottom;
    const end = isEmpty && place.stamp === "" ? "" : "\n";
    const out = (this.#look !== "" && this.#powers.hasColors ? RESET : "") + end;
    if (out !== "") this.#stdout.write(out);
    this.#look = "";
    this.#screen = this.#newScreen();
  }

  #paint(text: string): void {
    const isAdding = this.#screen.isAppending && isAddingOnly(text);
    this.#screen.write(text);
    if (isAdding) this.#stdout.write(this.#clean(text));
    else this.#repaint();
    for (const row of this.#screen.rows) if (isThere(row)) nowPainted(row);
    this.#left = [];
  }

  #clean(text: string): string {
    const { hasColors } = this.#powers;
    let out = "";
    createTerminalReader({
      text: (run) => {
        out += run;
      },
      control: (code) => {
        out += code;
      },
      sequence: (_, parameters) => {
        if (hasColors) out += `${ESC}[${parameters}m`;
      },
    }).write(text);
    return out;
  }

  /** From the first row on that is not shown as it is. */
  #repaint(): void {
    const rows = [...this.#left, ...this.#screen.rows].filter(isThere);
    const first = rows.findIndex(({ place, changed }) => place.at !== changed);
    if (first === -1) return;
    const last = rows.findLastIndex(({ place }) => place.at !== null);
    const out =
      first > last
        ? `\n${this.#drawn(rows.slice(first))}`
        : this.#powers.canMove
          ? this.#drawnOver(rows, first, last)
          : this.#drawnBehind(rows, first, last);
    this.#stdout.write(out + (this.#powers.hasColors ? RESET + this.#look : ""));
  }

  /** Where the terminal is not high enough, the rows that are out of reach stay as they are. */
  #drawnOver(rows: readonly OutputRow[], first: number, last: number): string {
    let from = last;
    let up = this.#height(rows[last]!) - 1;
    while (from > first) {
      const more = up + this.#height(rows[from - 1]!);
      if (more >= this.#stdout.rows) break;
      up = more;
      from -= 1;
    }
    const move = up > 0 ? `\r${ESC}[${up}A` : "\r";
    return `${move}${ESC}[J${this.#drawn(rows.slice(from))}`;
  }

  /** For a terminal that cannot move: only the last line can be written over; others come once more. */
  #drawnBehind(rows: readonly OutputRow[], first: number, last: number): string {
    const lowest = rows[last]!;
    const others = rows.slice(first, last).filter(({ place, changed }) => place.at !== changed);
    const blanks = " ".repeat(Math.min(lowest.place.width, this.#stdout.columns));
    const back = `\r${blanks}\r`;
    return back + this.#drawn([...others, ...rows.slice(last)]);
  }

  #drawn(rows: readonly OutputRow[]): string {
    return rows.map((row) => row.place.stamp + this.#styled(row)).join("\n");
  }

  #styled({ text, stretches }: OutputRow): string {
    if (!stretches || !this.#powers.hasColors) return text;
    const runs = stretches.map(({ at, look }, index) => {
      const run = text.slice(at, stretches[index + 1]?.at);
      return `${RESET}${look}${run}`;
    });
    return `${runs.join("")}${RESET}`;
  }

  /** So many lines of the terminal. */
  #height({ place }: OutputRow): number {
    if (place.at === null) return 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
    const stamp = place.stamp.replaceAll(/\u001b\[[\d;]*m/g, "").length;
    return Math.max(1, Math.ceil((place.width + stamp) / this.#stdout.columns));
  }

  #style(parameters: string): void {
    if (!/^[\d;:]*$/.test(parameters)) return;
    const isReset = /^0*(?:;|$)/.test(parameters);
    const look = isReset && /^[0;]*$/.test(parameters) ? "" : `${ESC}[${parameters}m`;
    this.#look = isReset ? look : (this.#look + look).slice(-LONGEST_LOOK);
    // The cut may have gone through a sequence, whose rest is dropped.
    if (!this.#look.startsWith(ESC)) this.#look = this.#look.slice(this.#look.indexOf(ESC));
  }

  #newScreen(): Screen<string, Painted> {
    let isFirst = true;
    return new Screen<string, Painted>({
      plain: "",
      look: () => this.#look,
      longest: LONGEST_ROW,
      isRestLeftOut: true,
      begin: () => {
        const at = isFirst ? 0 : null;
        isFirst = false;
        return { stamp: "", at, width: 0, isAbove: false };
      },
      above: () => ({ stamp: "", at: null, width: 0, isAbove: true }),
      left: (row) => void this.#left.push(row),
      style: (parameters) => this.#style(parameters),
    });
  }
}

export function createPainter(
  { stdout, env }: Pick<CliContext, "stdout" | "env">,
  { hasColors }: Pick<TerminalPowers, "hasColors">,
): TerminalPainter {
  return new TerminalPainter(stdout, { hasColors, canMove: env.TERM !== "dumb" });
}

const isThere = ({ place, changed }: OutputRow): boolean => !place.isAbove || changed > 0;

function nowPainted(row: OutputRow): void {
  const { place, changed } = row;
  if (place.at === changed) return;
  place.at = changed;
  const { text } = row;
  place.width = text.length > MOST_MEASURED ? text.length : row.width;
}
