/** Figures of many rounds: a median, and how far they lie apart. */

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
}

export function quantile(numbers, share) {
  if (numbers.length === 0) return Number.NaN;
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Ratios round by round: what disturbed a round disturbed both. */
export function ratiosOf(ours, theirs) {
  const rounds = Math.min(ours.length, theirs.length);
  return Array.from({ length: rounds }, (_, round) => ours[round] / theirs[round]).filter(
    Number.isFinite,
  );
}

export function spreadOf(numbers) {
  return {
    median: median(numbers),
    least: Math.min(...numbers),
    most: Math.max(...numbers),
    n: numbers.length,
  };
}

/** Three digits that mean something, with separators in what is large. */
export function shown(number) {
  if (!Number.isFinite(number)) return "–";
  if (Math.abs(number) >= 1000) return Math.round(number).toLocaleString("en");
  return String(Number(number.toPrecision(3)));
}
