/** Compares what a command printed with what a document shows of it. */

/** What differs from one machine, folder and moment to the next is the same word on both sides. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/workflow_\d+_[0-9a-f]+/g, "<id>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, "<time>"],
  [/\b\d\d:\d\d(:\d\d)?\b/g, "<time>"],
  // 1h 2m, 4m 10s, 0.3s, 250ms
  [/\b(\d+(\.\d+)?(ms|s|m|h|d)\b ?)+/g, "<duration>"],
  [/\bin <duration>/g, "in <duration>"],
  [/[ \t]+/g, " "],
];

const plain = (line: string): string =>
  VARYING.reduce((text, [pattern, word]) => text.replace(pattern, word), line).trim();

/** Whether the lines shown are what was printed: `…` stands for anything in a line, a line `…` for any lines, none too. */
export function isShown(shown: readonly string[], printed: readonly string[]): boolean {
  const wanted = trimmed(shown.map(plain));
  return fits(wanted, trimmed(printed.map(plain)));
}

function fits(wanted: readonly string[], got: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return got.length === 0;
  if (first === "…") {
    return got.some((_, index) => fits(rest, got.slice(index))) || fits(rest, []);
  }
  return got.length > 0 && patternOf(first).test(got[0]!) && fits(rest, got.slice(1));
}

const patternOf = (line: string): RegExp =>
  new RegExp(`^${line.split("…").map(escaped).join(".*")}$`);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Empty lines at the end are nobody's business. */
function trimmed(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(0, last + 1);
}
