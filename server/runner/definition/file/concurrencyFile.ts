/** How many of a definition's workflows may run at once, as it stands in a definition file. */

import * as z from "zod";
import { type Fields, hiddenNames } from "../../../../shared/fields/fields.js";
import { WHEN_BUSY } from "../../../../shared/statuses.js";
import { inputNamesIn } from "../claim.js";
import { line } from "./values.js";

const MOST_AT_ONCE = 1_000;

/** A text is the group, a number the limit. */
export const ConcurrencyFile = z.preprocess(
  (given) =>
    typeof given === "string"
      ? { group: given }
      : typeof given === "number"
        ? { limit: given }
        : given,
  z.strictObject(
    {
      group: line.optional(),
      limit: z
        .int("must be a whole number")
        .min(1, "must be 1 or more")
        .max(MOST_AT_ONCE, `must not be more than ${MOST_AT_ONCE}`)
        .default(1),
      when_busy: z.enum(WHEN_BUSY, "must be wait, refuse or cancel_running").default("wait"),
    },
    { error: "must be a group, a limit, or {group, limit, when_busy}" },
  ),
);

/** The problem with the inputs that a group names, as a predicate; null where there is none. Everybody sees the group, so it may name no hidden input. */
export function whyNoGroup(group: string, inputs: Fields): string | null {
  const names = new Map(Object.keys(inputs).map((name) => [name.toUpperCase(), name]));
  const hidden = new Set(hiddenNames(inputs));
  for (const variable of inputNamesIn(group)) {
    const name = names.get(variable);
    if (name === undefined) return `names $INPUT_${variable}, and there is no such input`;
    if (hidden.has(name)) return `names the input ${name}, which not everybody may see`;
  }
  return null;
}
