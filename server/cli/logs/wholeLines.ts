/** Hands on the output of steps that print at the same time in whole lines: what has no end yet waits for the rest of its line. */
import type { LogPiece } from "../../../client/index.js";

export interface WholeLines {
  piece(step: number, piece: LogPiece): void;
  /** Hands on what is left of that step, which prints nothing more. */
  end(step: number): void;
  endAll(): void;
}

/** A longer line is handed on in parts. */
const MOST_HELD_BYTES = 64 * 1024;

export function createWholeLines(hand: (step: number, piece: LogPiece) => void): WholeLines {
  const held = new Map<number, LogPiece>();

  const end = (step: number) => {
    const rest = held.get(step);
    held.delete(step);
    if (rest) hand(step, rest);
  };

  return {
    piece(step, piece) {
      const before = held.get(step);
      const goesOn = before && piece.skipped === 0 && continues(before, piece);
      if (!goesOn) end(step);
      const all = goesOn ? joined(before, piece) : piece;
      const [lines, rest] = cutAtLastLine(all);
      held.delete(step);
      if (lines) hand(step, lines);
      if (!rest) return;
      held.set(step, rest);
      if (rest.next - rest.from > MOST_HELD_BYTES) end(step);
    },
    end,
    endAll: () => {
      for (const step of [...held.keys()]) end(step);
    },
  };
}

const continues = (before: LogPiece, piece: LogPiece): boolean =>
  before.attempt === piece.attempt && before.next === piece.from;

function joined(before: LogPiece, piece: LogPiece): LogPiece {
  const { at: earlier, ...rest } = before;
  const { at: later, next } = piece;
  const at = earlier && later && { at: [...earlier, ...later] };
  return { ...rest, ...at, next, text: before.text + piece.text };
}

function cutAtLastLine(piece: LogPiece): [lines: LogPiece | null, rest: LogPiece | null] {
  const { text, from, next, at, ...shared } = piece;
  const end = text.lastIndexOf("\n") + 1;
  if (end === text.length) return [piece, null];
  const cut = end === 0 ? null : offsetOf(piece, end);
  if (cut === null) return [null, piece];
  const begun = at?.findLastIndex(([offset]) => offset <= cut) ?? 0;
  return [
    {
      ...shared,
      ...(at && { at: at.filter(([offset]) => offset < cut) }),
      ...{ from, next: cut, text: text.slice(0, end) },
    },
    {
      ...shared,
      ...(at && { at: at.slice(Math.max(0, begun)) }),
      ...{ skipped: 0, from: cut, next, text: text.slice(end) },
    },
  ];
}

/** Where in the output that character of the text stands; null where bytes that were no characters leave it open. */
function offsetOf({ text, from, next }: LogPiece, character: number): number | null {
  const after = text.slice(character);
  if (!after.includes("\ufffd")) return next - Buffer.byteLength(after);
  const before = text.slice(0, character);
  return before.includes("\ufffd") ? null : from + Buffer.byteLength(before);
}
