/** The byte strings that are looked for to hide secrets: every way to write them, in pieces of a bounded length. Pure. */
import { visibleOf } from "./visibleBytes.js";
import { everyLetterEscaped, writingsOf } from "./writings.js";

export interface Needles {
  /** As a terminal shows them. */
  readonly shown: readonly Uint8Array[];
  /** Those of which a terminal shows too little. */
  readonly exact: readonly Uint8Array[];
}

/** Shorter ones would tear holes into everything, and hide nothing that cannot be guessed. */
export const SHORTEST = 4;
/** A line this long, of a secret of several lines, is a secret by itself. */
const SHORTEST_LINE = 8;
/** A long secret is found piece by piece, so that no more than a piece is ever held back, and none is shown where its rest is cut off. */
const LONGEST = 96;
const PIECE = 64;
/** Bytes of the ways to write secrets beside the plain one; of long ones the others are left out. */
const MOST_WRITTEN = 128 * 1024;

export function needlesFor(values: readonly string[]): Needles {
  const lines = values.flatMap((value) => value.split(/\r?\n/));
  const secrets = [
    ...new Set([
      ...values.filter(({ length }) => length >= SHORTEST),
      ...lines.filter(({ length }) => length >= SHORTEST_LINE),
    ]),
  ]
    // As bytes they would be so in any case: half a character is none.
    .map((secret) => Buffer.from(secret).toString())
    .sort((one, other) => one.length - other.length);
  const shown = new Map<string, Buffer>();
  const exact = new Map<string, Buffer>();
  const addShown = (bytes: Buffer) => {
    for (const piece of piecesOf(bytes)) shown.set(piece.toString("latin1"), piece);
  };
  let written = 0;
  const addWritten = (writings: readonly string[]) => {
    for (const writing of writings) {
      const other = visibleOf(Buffer.from(writing));
      if (other.length < SHORTEST || written + other.length > MOST_WRITTEN) continue;
      written += other.length;
      addShown(other);
    }
  };
  for (const secret of secrets) {
    const bytes = Buffer.from(secret);
    const visible = visibleOf(bytes);
    if (visible.length < bytes.length) {
      for (const piece of piecesOf(bytes)) exact.set(piece.toString("latin1"), piece);
    }
    if (visible.length >= SHORTEST) addShown(visible);
    addWritten(writingsOf(secret).slice(1));
  }
  // The rare ones take only what room the others leave.
  for (const secret of secrets) addWritten(everyLetterEscaped(secret));
  return { shown: [...shown.values()], exact: [...exact.values()] };
}

/** They overlap, so that a whole secret is masked as one. */
function piecesOf(bytes: Buffer): Buffer[] {
  if (bytes.length <= LONGEST) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at + PIECE < bytes.length; at += PIECE - 1) {
    pieces.push(bytes.subarray(at, at + PIECE));
  }
  pieces.push(bytes.subarray(bytes.length - PIECE));
  return pieces;
}
