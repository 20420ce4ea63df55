/** How long, as people write it ("500ms", "30s", "10m", "1h"), and as they are shown it. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** More than a year is a slip of the hand. */
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
  const ms = Math.round(Number(found[1]) * UNITS[found[2] as keyof typeof UNITS]);
  if (ms > LONGEST_MS) throw new Error("must not be longer than a year (8760h)");
  return ms;
}

/**
 * How long something took, on the page and in a terminal: `0.4s`, `1.2s`, `12s`, `4m 05s`, `1h 02m`, `3d 04h`. Two units at most, and of a
 * steady width. Never negative: the clocks of two machines disagree a little.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms <= 0) return "0s";
  const tenths = Math.max(1, Math.floor(ms / 100));
  if (tenths < 100) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.floor(ms / UNITS.s);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? `${hours}h ${two(minutes % 60)}m`
    : `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

/** A duration that is still growing: whole seconds, so that nothing flickers. Never negative. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / UNITS.s);
  return seconds < 10 ? `${seconds}s` : formatDuration(seconds * UNITS.s);
}

const two = (count: number): string => String(count).padStart(2, "0");

/** A time that somebody has written, as it is written in a recipe: `200ms`, `1.5s`, `10m`, `1h 30m`; `90s` reads `1m 30s`. */
export function exactDuration(ms: number): string {
  if (ms < UNITS.s) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 10 * UNITS.s) return `${ms / UNITS.s}s`;
  const seconds = Math.floor(ms / UNITS.s);
  const minutes = Math.floor(seconds / 60);
  const [large, small] =
    minutes < 60
      ? [[minutes, "m"] as const, [seconds % 60, "s"] as const]
      : [[Math.floor(minutes / 60), "h"] as const, [minutes % 60, "m"] as const];
  return [large, small]
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}
