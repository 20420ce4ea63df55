/** The rules for patterns in a definition: one that is read from a file now must be matchable, one that was taken once may be anything. */
import type * as z from "zod";
import type { PatternMatcher } from "../../../../shared/fields/fields.js";
import { FieldsSchema, KeptFieldsSchema } from "../../../fields/fieldSchema.js";
import { createPatternMatcher, readPattern } from "../../../fields/patterns.js";
import { CheckedVariables, line, Variables } from "./values.js";

/** Held against every line that is printed. */
const MOST_PROGRESS_SIZE = 250;

/** CHECKED asks of patterns that they can be matched; KEPT, for a recipe that was taken once, asks nothing. */
export interface PatternRules {
  readonly fields: typeof FieldsSchema;
  readonly progress: z.ZodType<string>;
  readonly matcher: (() => PatternMatcher) | null;
  /** Of `env`. */
  readonly variables: typeof Variables;
}

const PROGRESS =
  "must be rsync, or a regular expression with the percentage in its first group: '(\\d+)%'";

export const CHECKED: PatternRules = {
  fields: FieldsSchema,
  progress: line.refine((pattern) => whyNoProgress(pattern) === null, {
    error: ({ input }) => whyNoProgress(String(input)) ?? PROGRESS,
  }),
  matcher: createPatternMatcher,
  variables: CheckedVariables,
};
export const KEPT: PatternRules = {
  fields: KeptFieldsSchema,
  progress: line,
  matcher: null,
  variables: Variables,
};

/** As a predicate. */
function whyNoProgress(source: string): string | null {
  if (source === "rsync") return null;
  const read = readPattern(source);
  if (!read.ok) return read.why;
  if (read.pattern.size > MOST_PROGRESS_SIZE) return "is too large for a pattern of progress";
  return read.pattern.groups > 0 ? null : PROGRESS;
}
