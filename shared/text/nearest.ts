/** Finds the known word that was probably meant, and says it: the same sentence wherever somebody names what there is not. Pure. */

/** A longer text was not typed by hand. */
const MOST_CHARACTERS = 100;
/** As many names as a sentence lists. */
const MOST_LISTED = 12;
const MOST_LISTED_CHARACTERS = 400;

/** The end of a sentence on a word that is none of the known ones: "did you mean host?", or else which there are. */
export function hint(
  word: string,
  known: readonly string[],
  be: "there are" | "known are" = "there are",
): string {
  const meant = nearest(word, known) ?? theOnlyLonger(word, known);
  if (meant !== null) return `did you mean ${quotedName(meant)}?`;
  if (known.length === 0) return "there is none";
  return `${known.length === 1 ? "the only one is" : be} ${listed(known)}`;
}

/** The end of a sentence that lists the known ones by itself: "; did you mean host?", or nothing. */
export function orMeant(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return didYouMean(meant === null ? null : quotedName(meant));
}

/** The clause "; did you mean host?" for a name as it is to be shown; nothing for null. */
export const didYouMean = (meant: string | null): string =>
  meant === null ? "" : `; did you mean ${meant}?`;

/** Names behind each other, as many as anybody reads; the others are counted. */
export function listed(
  names: readonly string[],
  as: (name: string, index: number) => string = quotedName,
): string {
  let characters = 0;
  const shown = names.slice(0, MOST_LISTED).filter((name) => {
    characters += name.length;
    return characters <= MOST_LISTED_CHARACTERS;
  });
  const left = names.length - shown.length;
  const words = shown.map(as);
  return (left === 0 ? words : [...words, "…", `and ${left} more`]).join(", ");
}

/** As it is, or in quotes where nobody could see where it ends. */
export function quotedName(name: string): string {
  return /^[^\s,;:?"“”]+$/.test(name) ? name : `"${name}"`;
}

/** The nearest of `known`, if it is near enough to be a slip of the hand; null otherwise. Each of them costs a few hundred steps at most. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > MOST_CHARACTERS) return null;
  const wanted = word.toLowerCase();
  const digits = digitsIn(wanted);
  let best: string | null = null;
  // One slip in a short word, two in a longer one.
  let bound = word.length <= 3 ? 1 : 2;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > bound) continue;
    const other = candidate.toLowerCase();
    // Another number is another thing, not a slip: deploy-7 is not what deploy-8 means.
    if (digits !== "" && digits !== digitsIn(other)) continue;
    const far = distance(wanted, other, bound);
    if (far > bound || (best !== null && far === bound)) continue;
    best = candidate;
    bound = far;
  }
  return best;
}

const digitsIn = (word: string): string => word.replace(/\D+/g, "");

/** Three letters may be the beginning of a name, where only one begins so. */
const LEAST_BEGINNING = 3;

/** The only one that goes on where the word ends; null where there are none, or several. */
export function theOnlyLonger(word: string, known: readonly string[]): string | null {
  if (word.length < LEAST_BEGINNING || word.length > MOST_CHARACTERS) return null;
  const wanted = word.toLowerCase();
  const longer = known.filter((name) => name.toLowerCase().startsWith(wanted));
  const isNumberCut = /\d$/.test(word) && /^\d/.test(longer[0]?.slice(word.length) ?? "");
  return longer.length === 1 && !isNumberCut ? longer[0]! : null;
}

/**
 * Insertions, deletions, replacements, and neighbours that changed places; more than `bound` where there are more. Only what lies so
 * near the diagonal is looked at: `line[at]` is for the column `row + at - bound - 1`, with what is too far on either side.
 */
function distance(one: string, other: string, bound: number): number {
  const far = bound + 1;
  const width = 2 * bound + 3;
  let before: number[] = [];
  let last = Array.from({ length: width }, (_, at) =>
    at > bound && at < width - 1 ? at - far : far,
  );
  for (let row = 1; row <= one.length; row++) {
    const line: number[] = Array(width).fill(far);
    let least = far;
    for (let at = 1; at < width - 1; at++) {
      const column = row + at - far;
      if (column < 0 || column > other.length) continue;
      const same = one[row - 1] === other[column - 1] && column > 0;
      let steps = Math.min(last[at + 1]! + 1, line[at - 1]! + 1, last[at]! + (same ? 0 : 1));
      if (
        row > 1 &&
        column > 1 &&
        one[row - 1] === other[column - 2] &&
        one[row - 2] === other[column - 1]
      )
        steps = Math.min(steps, before[at]! + 1);
      line[at] = steps;
      least = Math.min(least, steps);
    }
    if (least > bound) return far;
    [before, last] = [last, line];
  }
  return last[other.length - one.length + far]!;
}
