/** The patterns of a definition, of its inputs, questions and progress, are bounded together before anything is made of them. */
import { MOST_FIELDS } from "../../../fields/fieldSchema.js";
import { createPatternSum } from "../../../fields/patternSum.js";

type Path = readonly (string | number)[];

/** Where the first pattern stands with which all of them are too large together; null where they are not. `raw` may be anything. */
export function patternTooMany(raw: unknown): Path | null {
  const fits = createPatternSum();
  for (const [path, source] of patternsOf(raw)) if (!fits(source)) return path;
  return null;
}

function* patternsOf(raw: unknown): Generator<readonly [Path, string]> {
  const { inputs, steps } = partsOf(raw);
  yield* patternsOfFields(inputs, ["inputs"]);
  yield* patternsOfSteps(steps, ["steps"]);
}

function* patternsOfSteps(steps: unknown, path: Path): Generator<readonly [Path, string]> {
  if (!Array.isArray(steps)) return;
  for (const [index, step] of steps.entries()) {
    const { ask, progress, parallel } = partsOf(step);
    const own = [...path, index];
    if (typeof progress === "string" && progress !== "rsync")
      yield [[...own, "progress"], progress];
    yield* patternsOfFields(partsOf(ask).fields, [...own, "ask", "fields"]);
    // What stands deeper is refused unread.
    if (path.length === 1) yield* patternsOfSteps(parallel, [...own, "parallel"]);
  }
}

function* patternsOfFields(fields: unknown, path: Path): Generator<readonly [Path, string]> {
  const entries = Object.entries(partsOf(fields));
  // Longer lists are refused unread.
  if (entries.length > MOST_FIELDS) return;
  for (const [name, field] of entries) {
    const { pattern } = partsOf(field);
    if (typeof pattern === "string") yield [[...path, name, "pattern"], pattern];
  }
}

const partsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
