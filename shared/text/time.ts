/** Times as people and languages write them, and the one way in which they are kept: RFC 3339 in UTC. */

const WRITTEN =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(\.\d+)?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?$/;
const KEPT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/**
 * The same moment in UTC, with the digits of its second as they were given; a text that is RFC 3339 in UTC already stays as it is. A time
 * without a zone is of this process's own zone, as ECMAScript takes it (also where clocks are changed). Null where it is no date
 * with a time, or there is no such day, hour or second.
 */
export function utcTime(text: string): string | null {
  const match = WRITTEN.exec(text);
  if (!match) return null;
  const [, date = "", clock = "", seconds = "00", fraction = "", zulu, sign, hours, minutes] =
    match;
  const local = `${date}T${clock}:${seconds}`;
  if (!isReal(local)) return null;
  if (KEPT.test(text)) return text;
  if (zulu === undefined && sign === undefined) return utc(Date.parse(local), fraction);
  const [away, rest] = [Number(hours ?? 0), Number(minutes ?? 0)];
  if (away > 23 || rest > 59) return null;
  const ahead = (sign === "-" ? -1 : 1) * (away * 60 + rest) * 60_000;
  return utc(Date.parse(`${local}Z`) - ahead, fraction);
}

/** Whether two kept times are the same moment, to the millisecond. */
export const isSameMoment = (one: string, other: string): boolean =>
  one === other || Date.parse(one) === Date.parse(other);

/** 30 February would be taken for 2 March. */
function isReal(local: string): boolean {
  const time = Date.parse(`${local}Z`);
  return Number.isFinite(time) && isoSeconds(time) === local;
}

/** Null for a moment that four digits of a year cannot tell. */
function utc(time: number, fraction: string): string | null {
  const iso = isoSeconds(time);
  return iso.length === "2026-01-01T00:00:00".length ? `${iso}${fraction}Z` : null;
}

const isoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, "");
