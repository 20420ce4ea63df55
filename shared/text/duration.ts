/** How long, as people write it: "500ms", "30s", "10m", "1h". */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What a timer of a year ago could still mean; more is a slip of the hand. */
const LONGEST_MS = 365 * 24 * 3_600_000;

/** Throws with a sentence that says what was wrong; the caller knows whose value it was. */
export function parseDuration(text: string): number {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (!found) {
    const bare = /^\d+(?:\.\d+)?$/.test(text.trim());
    throw new Error(
      bare
        ? `needs a unit: "${text.trim()}s" for seconds, or ms, m, h`
        : `must be a time like 500ms, 30s, 10m or 1h, not "${text}"`,
    );
  }
  const ms = Math.round(Number(found[1]) * UNITS[found[2]!]!);
  if (ms > LONGEST_MS) throw new Error("must not be longer than a year (8760h)");
  return ms;
}

/** For people: two units at most. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)}s`;
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${Math.floor(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** A time that somebody has written, in its largest units: `2h`, `1h 30m`, `90s` as `1m 30s`. */
export const exactDuration = (ms: number): string =>
  ms >= 1_000 && ms < 10_000
    ? `${ms / 1_000}s`
    : formatDuration(ms).replace(/(?<=\d[mh]) 0[ms]$/, "");
