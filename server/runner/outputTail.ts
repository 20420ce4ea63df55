/** The last lines a command wrote. Keeps a fixed amount, however much comes. */
import { printable } from "./printable.js";

const KEPT_LINES = 20;
const LINE_CHARACTERS = 400;
/** Of a line that does not end, only its beginning is kept. */
const OPEN_CHARACTERS = LINE_CHARACTERS * 4;

/** What one step may keep of its output: all steps together must fit well into one state. */
const TAIL_BYTES = 4_096;
const ALL_TAILS_BYTES = 384 * 1024;

export const tailBytesOf = (steps: number): number =>
  Math.min(TAIL_BYTES, Math.floor(ALL_TAILS_BYTES / steps));

export interface OutputTail {
  /** Text cut anywhere. Returns the newest line that says something, or null. */
  add(text: string): string | null;
  /** The newest lines, oldest first, that fit in `bytes` of UTF-8. */
  lines(bytes: number): string[];
}

export function createOutputTail(): OutputTail {
  let kept: string[] = [];
  let open = "";

  const withOpen = (): string[] => {
    const begun = printable(open, LINE_CHARACTERS);
    return begun.trim() === "" ? kept : [...kept, begun].slice(-KEPT_LINES);
  };

  return {
    add(text) {
      // A progress bar rewrites its line with \r: each writing counts as a line.
      const pieces = (open + text).split(/\r\n|\n|\r/);
      const rest = pieces.pop() ?? "";
      open = rest.slice(0, OPEN_CHARACTERS);
      const lines = pieces
        .slice(-KEPT_LINES)
        .map((piece) => printable(piece, LINE_CHARACTERS))
        .filter((line) => line.trim() !== "");
      if (lines.length > 0) kept = [...kept, ...lines].slice(-KEPT_LINES);
      return withOpen().at(-1) ?? null;
    },
    lines(bytes) {
      const fitting: string[] = [];
      let left = bytes;
      for (const line of withOpen().toReversed()) {
        left -= Buffer.byteLength(line) + 1;
        if (left < 0) break;
        fitting.unshift(line);
      }
      return fitting;
    },
  };
}
