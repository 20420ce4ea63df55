/** Output as lines to look at: the newest few thousand, in blocks, with `\r` and backspace done and escape sequences left out. */
import { createTerminalReader, type LogPiece } from "../../../index.js";

export interface OutputLine {
  readonly text: string;
  /** "notice" is ours, about what is not there. */
  readonly kind: "text" | "notice";
}

/** Never changed in place once it is full: a full block is the same object for ever. */
export interface OutputBlock {
  readonly id: number;
  readonly lines: readonly OutputLine[];
}

export interface OutputPicture {
  readonly blocks: readonly OutputBlock[];
  /** How many lines were begun since the start. */
  readonly total: number;
  /** How many of them are not shown any more. */
  readonly dropped: number;
}

export const LINES_A_BLOCK = 200;
const MOST_BLOCKS = 25;
/** A line without an end goes on in the next one. */
const LONGEST_LINE = 8_192;
const MOST_CHARACTERS = 4 * 1024 * 1024;

export interface OutputLines {
  add(piece: Pick<LogPiece, "text" | "skipped">): void;
  notice(text: string): void;
  picture(): OutputPicture;
}

export function createOutputLines(): OutputLines {
  let full: OutputBlock[] = [];
  let open: OutputLine[] = [];
  let nextId = 0;
  let total = 0;
  let dropped = 0;
  let line = "";
  let column = 0;
  const sizes = new Map<number, number>();
  let characters = 0;

  const keep = (kept: OutputLine) => {
    open.push(kept);
    total += 1;
    if (open.length < LINES_A_BLOCK) return;
    const size = open.reduce((sum, { text }) => sum + text.length, 0);
    full.push({ id: nextId, lines: open });
    sizes.set(nextId, size);
    characters += size;
    nextId += 1;
    open = [];
    while (full.length > MOST_BLOCKS || (full.length > 1 && characters > MOST_CHARACTERS)) {
      const { id, lines } = full[0]!;
      full = full.slice(1);
      dropped += lines.length;
      characters -= sizes.get(id)!;
      sizes.delete(id);
    }
  };
  const endLine = () => {
    keep({ text: line, kind: "text" });
    line = "";
    column = 0;
  };
  const write = (run: string) => {
    for (let left = run; left !== ""; ) {
      const part = left.slice(0, Math.max(1, LONGEST_LINE - column));
      line = line.slice(0, column) + part + line.slice(column + part.length);
      column += part.length;
      left = left.slice(part.length);
      if (left !== "") endLine();
    }
  };

  const reader = createTerminalReader({
    text: write,
    control: (code) => {
      if (code === "\n") endLine();
      else column = code === "\r" ? 0 : Math.max(0, column - 1);
    },
    sequence: (final, parameters) => {
      // What a progress bar does between two writings of its line.
      if (final !== "K") return;
      if (parameters === "" || parameters === "0") line = line.slice(0, column);
      if (parameters === "2") line = "".padEnd(column);
    },
  });

  const notice = (text: string) => {
    if (line !== "") endLine();
    keep({ text, kind: "notice" });
  };

  return {
    add({ text, skipped }) {
      if (skipped > 0) notice(`${skipped.toLocaleString("en")} bytes were left out here`);
      reader.write(text);
    },
    notice,
    picture() {
      const begun: OutputLine[] = line === "" ? open : [...open, { text: line, kind: "text" }];
      const last = { id: nextId, lines: [...begun] };
      return {
        blocks: begun.length > 0 ? [...full, last] : [...full],
        total: total + (line === "" ? 0 : 1),
        dropped,
      };
    },
  };
}
