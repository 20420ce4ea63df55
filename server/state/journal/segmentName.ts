/**
 * The names of the journal's files: each has the next number, and sorted as text they are in order. A name that begins with another digit than 0 is none of
 * ours: the number after the last of twelve digits would not be found again.
 */
const NAME = /^(0\d{11})\.jsonl(\..*)?$/;

export const segmentNameOf = (number: number): string =>
  `${String(number).padStart(12, "0")}.jsonl`;

/** Null for a name that is none of a file that counts, as that of a damaged one. */
export const segmentNumberOf = (name: string): number | null =>
  NAME.exec(name)?.[2] === undefined ? numberIn(name) || null : null;

/** The number in a name that begins as that of a segment; 0 where there is none. No later file takes a number that is in use. */
export const numberIn = (name: string): number => Number(NAME.exec(name)?.[1] ?? 0);
