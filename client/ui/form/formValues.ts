/** From texts in a form to typed values, or what is wrong with them; what can be checked without the server. Pure. */
import {
  checkValues,
  type Field,
  type Fields,
  type FieldValues,
  fieldSentence,
  valueOfText,
} from "../../index.js";
import type { Texts } from "./fieldInputs.js";

export interface Checked {
  /** The typed values, to be sent. */
  readonly values: FieldValues;
  readonly problems: Texts;
  /** Nothing is wrong, or the server has more to say than what is wrong here: it alone knows patterns. */
  readonly isForServer: boolean;
}

export function checkTexts(fields: Fields, texts: Texts): Checked {
  const given: Record<string, FieldValues[string]> = {};
  for (const [name, field] of Object.entries(fields)) {
    const text = texts[name];
    if (text !== undefined && text !== "") given[name] = valueOfText(field, text);
  }
  const checked = checkValues(fields, given, null);
  const hasPattern = Object.entries(fields).some(
    ([name, field]) => field.type === "string" && field.pattern && name in given,
  );
  return {
    values: given,
    problems: checked.ok ? {} : byName(fields, checked.problems),
    isForServer: checked.ok || hasPattern,
  };
}

/** Sentences by field: `inputs.host` and `answer.host` belong to `host`. */
export function byName(
  fields: Fields,
  problems: readonly { path: string; message: string }[],
): Texts {
  return Object.fromEntries(
    problems.map(({ path, message }) => {
      const name = path.replace(/^(inputs|answer)\./, "");
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return [name, fieldSentence(field, name, message)];
    }),
  );
}

const TYPES: ReadonlySet<string> = new Set([
  "string",
  "number",
  "boolean",
  "choice",
  "secret",
  "ssh",
]);

/** A driver may write anything into a question: fields this page does not know are left out. */
export function fieldsIn(value: unknown): Fields {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, field]) => isField(field)));
}

function isField(field: unknown): field is Field {
  const { type, options } = (field ?? {}) as { type?: unknown; options?: unknown };
  if (typeof type !== "string" || !TYPES.has(type)) return false;
  return (
    type !== "choice" || (Array.isArray(options) && options.every((one) => typeof one === "string"))
  );
}
