/** Where the lines of a piece of text end among its bytes. */
import type { LogPiece } from "../../../../index.js";

const LINE_END = 10;
const encoder = new TextEncoder();

/** Null where some bytes were no UTF-8: then nobody knows. */
export function lineEndsOf({ from, next, text }: Pick<LogPiece, "from" | "next" | "text">) {
  const bytes = encoder.encode(text);
  if (bytes.length !== next - from) return null;
  const ends: number[] = [];
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1))
    ends.push(from + at + 1);
  return ends;
}

export const bytesText = (count: number): string =>
  `${count.toLocaleString("en")} ${count === 1 ? "byte was" : "bytes were"} left out here`;

export function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
