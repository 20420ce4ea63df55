/** The ends of outputs that were left out whole: kept in a file, so that a reader is told of the gap after a restart, too. */

/** By step and attempt, the one left out last at the end. */
export type OutputEnds = Map<string, number>;

/** The file in a workflow's folder that keeps the ends. */
export const ENDS_FILE = "left-out.json";
/** At most this many ends are kept; the oldest are forgotten. */
const MOST_ENDS = 4_096;

const KEY = /^\d{1,16}\.\d{1,16}$/;

/** The key of one attempt's output in `OutputEnds`. */
export const endKey = (step: number, attempt: number): string => `${step}.${attempt}`;

/** None where there is no such file, or it was damaged. */
export function parseEnds(text: string | null): OutputEnds {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? "{}");
  } catch {
    return new Map();
  }
  if (typeof parsed !== "object" || parsed === null) return new Map();
  return new Map(
    Object.entries(parsed).filter(
      (entry): entry is [string, number] => KEY.test(entry[0]) && Number.isSafeInteger(entry[1]),
    ),
  );
}

/** The content of the ends' file. */
export const endsText = (ends: OutputEnds): string => JSON.stringify(Object.fromEntries(ends));

/** Takes the oldest away where there are too many, and gives their keys. */
export function trimEnds(ends: OutputEnds): string[] {
  const tooMany = [...ends.keys()].slice(0, Math.max(0, ends.size - MOST_ENDS));
  for (const key of tooMany) ends.delete(key);
  return tooMany;
}
