/** Which known word was probably meant. */

/** The nearest of `known`, if it is near enough to be a slip of the hand; null otherwise. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  // One slip in a short word, two in a longer one.
  let bound = word.length <= 3 ? 1 : 2;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > bound) continue;
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    if (far > bound || (best !== null && far === bound)) continue;
    best = candidate;
    bound = far;
  }
  return best;
}

/** Insertions, deletions, replacements, and neighbours that changed places. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      let least = Math.min(
        rows[row - 1]![column]! + 1,
        line[column - 1]! + 1,
        rows[row - 1]![column - 1]! + (same ? 0 : 1),
      );
      if (one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        least = Math.min(least, rows[row - 2]![column - 2]! + 1);
      }
      line.push(least);
    }
    rows.push(line);
  }
  return rows[one.length]![other.length]!;
}
