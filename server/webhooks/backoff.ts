/** When a delivery that failed is tried again: after ever longer times with some chance in them, over about a day. Pure. */

const FIRST_MS = 5_000;
const TIMES = 3;
/** Also what a receiver may ask for. */
export const LONGEST_MS = 4 * 3_600_000;
/** The longest of all delays, with the most that chance adds. */
export const LONGEST_DELAY_MS = LONGEST_MS * 1.25;
/** So long it waits in all, from its first try or from the last time that somebody asked for it: time in which no server ran does not count. */
export const GIVEN_UP_AFTER_MS = 24 * 3_600_000;

/** In ms, after so many tries (from 1). `chance` is 0 to 1, and moves it by a quarter at most; the receiver's own wish counts where it is longer. */
export function delayAfter(tries: number, chance: number, wishedMs: number | null): number {
  const usual = Math.min(LONGEST_MS, FIRST_MS * TIMES ** Math.min(tries - 1, 20));
  const moved = usual * (0.75 + chance / 2);
  return Math.round(Math.max(moved, Math.min(LONGEST_MS, wishedMs ?? 0)));
}

/** The wish of a `Retry-After`, in ms from `now` (ms since the Unix epoch): seconds or a date. Null where it says nothing. */
export function wishedDelay(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Only the one form of a date that HTTP has: Date.parse takes nearly anything for one.
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
