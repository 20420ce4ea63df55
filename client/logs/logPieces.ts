/** Output that was read as bytes, as the pieces a follower is told of. Pure. */

import { wholeLength } from "../../shared/text/utf8.js";
import type { LogBytes } from "../rest/restLog.js";
import type { LogPiece } from "./followedLog.js";

/** The line that stands where bytes were left out. */
const LEFT_OUT = /\[instep: (\d{1,15}) bytes left out\]\n/g;

/** `expected`: where the bytes should have begun. `isAll`: nothing more will come, so half a character is all there is of it. */
export function piecesIn(read: LogBytes, expected: number, isAll: boolean): LogPiece[] {
  const { attempt, next, bytes } = read;
  const pieces: LogPiece[] = [];
  const add = (part: Uint8Array, from: number, skipped: number) => {
    const end = from + part.length;
    if (part.length > 0 || skipped > 0)
      pieces.push({ attempt, from, next: end, text: textOf(part), skipped });
  };
  const gap = gapIn(read);
  const rest = gap ? bytes.subarray(gap.end) : bytes;
  const whole = isAll ? rest : rest.subarray(0, wholeLength(rest));
  const skippedBefore = Math.max(0, read.from - expected);
  if (gap) add(bytes.subarray(0, gap.begin), read.from, skippedBefore);
  add(whole, next - rest.length, gap ? gap.leftOut : skippedBefore);
  return pieces;
}

interface Gap {
  /** Where the line about it begins and ends among the bytes. */
  readonly begin: number;
  readonly end: number;
  readonly leftOut: number;
}

/** Only a line that makes the sum come out is the server's; the same words in a command's output are just that. */
function gapIn({ from, next, bytes }: LogBytes): Gap | null {
  const missing = next - from - bytes.length;
  if (missing === 0) return null;
  // One character a byte, so that places in the text are places among the bytes.
  const text = new TextDecoder("latin1").decode(bytes);
  for (const found of text.matchAll(LEFT_OUT)) {
    const leftOut = Number(found[1]);
    const end = found.index + found[0].length;
    // Where the head does not end with its line, a line end is put before ours.
    const isAdded = text[found.index - 1] === "\n" && leftOut - found[0].length - 1 === missing;
    if (isAdded) return { begin: found.index - 1, end, leftOut };
    if (leftOut - found[0].length === missing) return { begin: found.index, end, leftOut };
  }
  return null;
}

/** Without `ignoreBOM` each piece would lose one at its start. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
