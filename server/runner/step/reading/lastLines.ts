/** The last lines that a command wrote, as a terminal shows them. */
import type { NewestRows } from "../../../../shared/terminal/newestRows.js";
import { printable } from "../../../../shared/text/printable.js";

const KEPT_LINES = 20;
const LINE_CHARACTERS = 400;

/** One step may keep so much of its output: all steps together must fit well into one state. */
const TAIL_BYTES = 4_096;
const ALL_TAILS_BYTES = 384 * 1024;

/** How much each of so many steps may keep. */
export const tailBytesOf = (steps: number): number =>
  Math.min(TAIL_BYTES, Math.floor(ALL_TAILS_BYTES / steps));

/** The newest of these rows, oldest first, that fit in `bytes` of UTF-8; none that says nothing. */
export function lastLines(newest: NewestRows, bytes: number): string[] {
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
}
