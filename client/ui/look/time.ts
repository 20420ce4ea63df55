/** Times as the page writes them: short, in local time, and of steady width. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const WEEKDAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");

const two = (n: number): string => String(n).padStart(2, "0");

/** `just now`, `12 s ago`, `4 min ago`, `2 h ago`, `3 days ago`. The number never stands at the end of a line. */
export function formatAgo(ms: number): string {
  if (ms < 2 * SECOND) return "just now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}\u00a0s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}\u00a0min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}\u00a0h ago`;
  const days = Math.floor(ms / DAY);
  return days === 1 ? "1\u00a0day ago" : `${days}\u00a0days ago`;
}

/** `09:52:03` */
export function formatClock(at: number): string {
  const time = new Date(at);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** `09:14`, `yesterday 09:14`, `22 Nov 09:14`, `22 Nov 2025`. */
export function formatStart(at: number, now: number): string {
  const time = new Date(at);
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  const today = new Date(now);
  if (isSameDay(time, today)) return clock;
  // Noon, so that a day of 23 or 25 hours does not skip one.
  const noon = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1, 12);
  if (isSameDay(time, noon)) return `yesterday ${clock}`;
  const day = `${time.getDate()} ${MONTHS[time.getMonth()]}`;
  return time.getFullYear() === today.getFullYear()
    ? `${day} ${clock}`
    : `${day} ${time.getFullYear()}`;
}

/** `UTC`, `UTC+1`, `UTC-03:30`: the zone in which all these times are, as it is at that moment. */
export function formatZone(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const sign = minutes < 0 ? "-" : "+";
  return rest === 0 ? `UTC${sign}${hours}` : `UTC${sign}${two(hours)}:${two(rest)}`;
}

/** The beginning of its day here, in ms. */
export const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

/** The beginning of the day so many days later (also where clocks are changed in between). */
export function dayAfter(day: number, days: number): number {
  const date = new Date(day);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** The beginning of `2026-11-25` here; null where it is no day. */
export function dayOf(text: string | undefined): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? "");
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : null;
}

export interface Stamp {
  /** `21:07:50`, and in UTC `21:07:50Z`. */
  readonly text: string;
  /** `Wed 25 Nov 2026, UTC+1` */
  readonly day: string;
  /** `Wed 25 Nov 2026, 21:07:50.123 UTC+1` */
  readonly title: string;
}

/** A moment that is looked back at: with its zone, which is the browser's own or UTC. */
export function formatStamp(at: number, isUtc: boolean): Stamp {
  const offset = isUtc ? 0 : -new Date(at).getTimezoneOffset();
  // The wall clock of that zone, read as if it were UTC.
  const time = new Date(at + offset * MINUTE);
  const clock = time.toISOString().slice(-13, -1);
  const zone = isUtc ? "UTC" : formatZone(at);
  const date = `${WEEKDAYS[time.getUTCDay()]} ${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
  return {
    text: clock.slice(0, 8) + (isUtc ? "Z" : ""),
    day: `${date}, ${zone}`,
    title: `${date}, ${clock} ${zone}`,
  };
}

/** Milliseconds of a wire time; null where there is none or it is no time. */
export function parseTime(text: string | null | undefined): number | null {
  if (text == null) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

const isSameDay = (one: Date, other: Date): boolean =>
  one.getFullYear() === other.getFullYear() &&
  one.getMonth() === other.getMonth() &&
  one.getDate() === other.getDate();
