/** The patterns of a definition, of its inputs, questions and progress, are bounded together before anything is made of them. */
import { MOST_FIELDS } from "../../../fields/fieldSchema.js";
import { createPatternSum } from "../../../fields/patternSum.js";
import { keysOf, type StepPath, writtenSteps } from "./writtenSteps.js";

/** Where the first pattern stands with which all of them are too large together; null where they are not. `raw` may be anything. */
export function patternTooMany(raw: unknown): StepPath | null {
  const fits = createPatternSum();
  for (const [path, source] of patternsOf(raw)) if (!fits(source)) return path;
  return null;
}

function* patternsOf(raw: unknown): Generator<readonly [StepPath, string]> {
  yield* patternsOfFields(keysOf(raw).inputs, ["inputs"]);
  for (const { path, keys } of writtenSteps(raw)) {
    const { ask, progress } = keys;
    if (typeof progress === "string" && progress !== "rsync")
      yield [[...path, "progress"], progress];
    yield* patternsOfFields(keysOf(ask).fields, [...path, "ask", "fields"]);
  }
}

function* patternsOfFields(
  fields: unknown,
  path: StepPath,
): Generator<readonly [StepPath, string]> {
  const entries = Object.entries(keysOf(fields));
  // Longer lists are refused unread.
  if (entries.length > MOST_FIELDS) return;
  for (const [name, field] of entries) {
    const { pattern } = keysOf(field);
    if (typeof pattern === "string") yield [[...path, name, "pattern"], pattern];
  }
}
