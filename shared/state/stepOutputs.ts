/** The values that a step hands on to later ones, by name: kept in its `data.outputs`. Pure. */
import { isForbiddenKey, isRecord } from "../json/patch.js";

export type StepOutputs = Readonly<Record<string, string>>;

export const MOST_OUTPUTS = 100;
/** Bytes of one value, in UTF-8. */
const MOST_OUTPUT_BYTES = 32 * 1024;
const MOST_NAME_CHARACTERS = 64;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** As a predicate; null where an output can be called so. */
export function whyNoOutputName(name: string): string | null {
  if (name.length > MOST_NAME_CHARACTERS)
    return `must not be longer than ${MOST_NAME_CHARACTERS} characters`;
  if (!NAME.test(name)) return "must be letters, digits and _, and must not begin with a digit";
  // A name that every object has.
  const isTaken = isForbiddenKey(name) || name in Object.prototype;
  return isTaken ? "is not a name an output can have" : null;
}

/** The handed-on values in a step's `data`, as text; anything else there is left alone. */
export const outputsOf = (data: unknown): StepOutputs =>
  Object.fromEntries(
    givenOutputs(data).filter(
      ([name, value]) => whyNoOutputName(name) === null && whyNoOutputValue(value) === null,
    ),
  );

/** Every text, number and boolean that stands there, unchecked. */
export function givenOutputs(data: unknown): [name: string, value: string][] {
  const given = isRecord(data) && Object.hasOwn(data, "outputs") ? data.outputs : null;
  if (!isRecord(given)) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    isScalar(value) ? [[name, String(value)]] : [],
  );
}

/** As a predicate; null where it can be handed on. */
export function whyNoOutputValue(value: string): string | null {
  if (value.includes("\0")) return "contains NUL, which no variable can";
  // No character takes more than three bytes a unit: most need not be counted.
  const isShort = value.length * 3 <= MOST_OUTPUT_BYTES;
  if (isShort || new TextEncoder().encode(value).length <= MOST_OUTPUT_BYTES) return null;
  return `is longer than ${MOST_OUTPUT_BYTES} bytes`;
}

/** How a later command finds it: `OUTPUT_BUILD_VERSION`. Two may be called the same. */
export const outputVariable = (action: string, name: string): string =>
  `OUTPUT_${variablePart(action)}_${variablePart(name)}`;

/** In capitals; whatever is no letter or digit of ASCII is one `_`. */
export const variablePart = (text: string): string =>
  text.replace(/[^A-Za-z0-9]/gu, "_").toUpperCase();

const isScalar = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";
