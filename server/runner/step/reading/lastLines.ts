/** The last lines a command wrote, as a terminal shows them. Keeps a fixed amount, however much comes. */
import { NewestRows } from "../../../../shared/terminal/newestRows.js";
import { printable } from "../../../../shared/text/printable.js";

const KEPT_LINES = 20;
const LINE_CHARACTERS = 400;

/** What one step may keep of its output: all steps together must fit well into one state. */
const TAIL_BYTES = 4_096;
const ALL_TAILS_BYTES = 384 * 1024;

export const tailBytesOf = (steps: number): number =>
  Math.min(TAIL_BYTES, Math.floor(ALL_TAILS_BYTES / steps));

export interface OutputTail {
  /** Text cut anywhere. */
  add(text: string): void;
  /** The newest lines, oldest first, that fit in `bytes` of UTF-8. */
  lines(bytes: number): string[];
}

export function createOutputTail(): OutputTail {
  const newest = new NewestRows(4 * LINE_CHARACTERS);
  return {
    add: (text) => newest.add(text),
    lines(bytes) {
      const fitting: string[] = [];
      let left = bytes;
      for (const row of newest.rows().toReversed()) {
        const line = printable(row, LINE_CHARACTERS);
        if (line.trim() === "") continue;
        left -= Buffer.byteLength(line) + 1;
        if (left < 0 || fitting.length === KEPT_LINES) break;
        fitting.unshift(line);
      }
      return fitting;
    },
  };
}
