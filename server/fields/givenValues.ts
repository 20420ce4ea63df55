/** Values for typed fields as the server and the command line check them: patterns too, and with a hint where a name or a choice is misspelled. */
import {
  type CheckedValues,
  checkValues,
  type Field,
  type FieldProblem,
  type Fields,
  type PatternMatcher,
} from "../../shared/fields/fields.js";
import { hint, listed, orMeant } from "../../shared/text/nearest.js";
import { createPatternMatcher } from "./patterns.js";

/** As `checkValues`; no message repeats the value. A matcher of null leaves patterns unchecked. */
export function checkGiven(
  fields: Fields,
  given: Readonly<Record<string, unknown>>,
  matcher: PatternMatcher | null = createPatternMatcher(),
): CheckedValues {
  const checked = checkValues(fields, given, matcher);
  if (checked.ok) return checked;
  const problems = checked.problems.map(({ path, message }): FieldProblem => {
    const field = Object.hasOwn(fields, path) ? fields[path] : undefined;
    if (!field) return { path, message: `${message}${known(path, Object.keys(fields))}` };
    return { path, message: whyNoChoice(field, given[path]) ?? message };
  });
  return { ok: false, problems };
}

const known = (name: string, names: readonly string[]): string =>
  names.length === 0 ? "" : `; ${hint(name, names, "known are")}`;

/** Null where it is no choice, or where something else is wrong with it. */
function whyNoChoice(field: Field, value: unknown): string | null {
  if (field.type !== "choice" || typeof value !== "string" || value === "") return null;
  return `must be one of ${listed(field.options)}${orMeant(value, field.options)}`;
}
