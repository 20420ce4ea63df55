/** Typed values that people give: a definition's inputs, a question's answer. Pure and without zod, so that the page checks as the server does. */
import { keepsNumber } from "../json/numbers.js";
import { isForbiddenKey } from "../json/patch.js";
import { formatSshConnection, leftOutWords, parseSshConnection } from "./sshConnection.js";

interface Described {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** A value has to be given. */
  readonly required?: boolean | undefined;
}

export type Field = Described &
  (
    | {
        readonly type: "string";
        readonly default?: string | undefined;
        /** A regular expression in the syntax that PROTOCOL.md names; it says itself where it has to begin and end. */
        readonly pattern?: string | undefined;
      }
    | {
        readonly type: "number";
        readonly default?: number | undefined;
        readonly min?: number | undefined;
        readonly max?: number | undefined;
      }
    | { readonly type: "boolean"; readonly default?: boolean | undefined }
    | {
        readonly type: "choice";
        readonly options: readonly string[];
        readonly default?: string | undefined;
      }
    /** Never shown again, to nobody. With `from` nobody gives it: the server reads it where that says. */
    | { readonly type: "secret"; readonly from?: SecretSource | undefined }
    /** A connection as one types it: `ssh -p 2222 root@host`. */
    | { readonly type: "ssh"; readonly default?: string | undefined }
  );

/** Says where the server finds the value of an input. A relative path starts at the folder of the definition. */
export type SecretSource = { readonly env: string } | { readonly file: string };

export type Fields = Readonly<Record<string, Field>>;
export type FieldValue = string | number | boolean;
export type FieldValues = Readonly<Record<string, FieldValue>>;

export interface FieldProblem {
  /** The field's name. */
  readonly path: string;
  readonly message: string;
}

export type CheckedValues =
  | { readonly ok: true; readonly values: FieldValues }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

const FIELD_NAME = /^[a-z][a-z0-9_]{0,63}$/i;
/** Stands for a secret wherever values are shown. */
export const MASK = "***";
/** Secret by their names, at the top of a state and among its inputs, whatever a definition says. */
export const SECRET_NAMES = ["ssh_connection", "secrets"] as const;
const MOST_CHARACTERS = 8_192;

/** A name that every object has is no name for a field: `constructor`, `toString`. */
export const isFieldName = (name: string): boolean => FIELD_NAME.test(name) && !isOfObjects(name);

/** A predicate; null where a field can be called so. */
export function whyNoFieldName(name: string): string | null {
  if (isFieldName(name)) return null;
  return isOfObjects(name)
    ? "is not a name a field can have: every object has it"
    : "is not a name a field can have: letters, digits and _, beginning with a letter";
}

const isOfObjects = (name: string): boolean => name in Object.prototype || isForbiddenKey(name);

/** Why a value does not fit a field's pattern, as a predicate; null where it does. */
export type PatternMatcher = (pattern: string, value: string) => string | null;

/**
 * Every value checked and every default filled in, or every problem there is; a connection as it is used, without what of it does not
 * say where to go. Null for the matcher leaves patterns to the server.
 */
export function checkValues(
  fields: Fields,
  given: Readonly<Record<string, unknown>>,
  whyUnlike: PatternMatcher | null,
): CheckedValues {
  const problems: FieldProblem[] = [];
  const values: Record<string, FieldValue> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(fields, name)) problems.push({ path: name, message: "is not asked for" });
  }
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (isFromServer(field)) {
      const message = "is taken from the server and cannot be given";
      if (!isMissing(value)) problems.push({ path: name, message });
      continue;
    }
    const found = isMissing(value) ? defaultOf(field) : value;
    const message = isMissing(found) ? missing(field) : whyWrong(field, found, whyUnlike);
    if (message !== null) problems.push({ path: name, message });
    else if (!isMissing(found)) values[name] = asUsed(field, found as FieldValue);
  }
  return problems.length === 0 ? { ok: true, values } : { ok: false, problems };
}

type SecretField = Extract<Field, { readonly type: "secret" }>;

/** Its value is shown to nobody again, and is masked wherever it would be. */
export const isSecret = (field: Field | undefined): field is SecretField =>
  field?.type === "secret";

/** Those of its fields, in their order; what the server reads by itself among them. */
export const secretNames = (fields: Fields): string[] =>
  Object.keys(fields).filter((name) => isSecret(fields[name]));

/** A secret that nobody gives: the server reads it. */
export const isFromServer = (
  field: Field | undefined,
): field is SecretField & { readonly from: SecretSource } =>
  isSecret(field) && field.from !== undefined;

/** The fields that somebody gives. */
export const givenFields = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, field]) => !isFromServer(field)));

/** Where the server looks, in words; null for what somebody gives. Those who may only watch are not told. */
export function sourceWords(field: Field): string | null {
  if (!isFromServer(field)) return null;
  const { env, file } = field.from as { readonly env?: string; readonly file?: string };
  if (env !== undefined) return `the environment variable ${env} of the server`;
  return file === undefined ? "the server" : `the file ${file} on the server`;
}

/** The value that a text of a form or a command line stands for; the text itself where it is none, for `checkValues` to refuse. */
export function valueOfText(field: Field, text: string): FieldValue {
  if (field.type === "number") return isKept(text.trim()) ? Number(text) : text;
  if (field.type !== "boolean") return text;
  if (/^(true|yes|y|on)$/i.test(text)) return true;
  return /^(false|no|n|off)$/i.test(text) ? false : text;
}

const isNumeral = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);
const isKept = (text: string): boolean => isNumeral(text) && keepsNumber(text);

/** The same values for everybody to see; what the server reads by itself among them. */
export function maskValues(fields: Fields, values: FieldValues): FieldValues {
  const shown = Object.entries(values).map(([name, value]): [string, FieldValue] => [
    name,
    isSecret(fields[name]) ? MASK : value,
  ]);
  const read = Object.keys(fields).filter((name) => isFromServer(fields[name]));
  return Object.fromEntries([...shown, ...read.map((name) => [name, MASK] as const)]);
}

/** The names of the values that only those who may drive get to see. `fields` may be anything that somebody took for fields. */
export function hiddenNames(fields: unknown): string[] {
  if (typeof fields !== "object" || fields === null) return [];
  return Object.entries(fields).flatMap(([name, field]) => {
    const { type } = (field ?? {}) as { readonly type?: unknown };
    return type === "secret" || type === "ssh" ? [name] : [];
  });
}

/** The parts of the given values that are not used, by field; with `isPublic` in words that everybody may see. */
export function leftOutOf(
  fields: Fields,
  given: Readonly<Record<string, unknown>>,
  isPublic = false,
): FieldProblem[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const value = Object.hasOwn(given, name) ? given[name] : defaultOf(field);
    const parsed = connectionIn(field, value);
    const message = parsed?.ok ? leftOutWords(parsed.leftOut, isPublic) : null;
    return message === null ? [] : [{ path: name, message }];
  });
}

const isMissing = (value: unknown): boolean =>
  value === undefined || value === null || value === "";

const defaultOf = (field: Field): FieldValue | undefined =>
  isSecret(field) ? undefined : field.default;

const missing = (field: Field): string | null => (field.required ? "is required" : null);

function whyWrong(field: Field, value: unknown, whyUnlike: PatternMatcher | null): string | null {
  switch (field.type) {
    case "string":
      return (
        whyNoText(value) ??
        (field.pattern === undefined ? null : (whyUnlike?.(field.pattern, value as string) ?? null))
      );
    case "secret":
      return whyNoText(value);
    case "number":
      return whyNoNumber(field, value);
    case "boolean":
      return typeof value === "boolean" ? null : "must be true or false";
    case "choice":
      return field.options.includes(value as string)
        ? null
        : `must be one of ${field.options.join(", ")}`;
    case "ssh":
      return whyNoText(value) ?? whyNoConnection(value as string);
  }
}

function whyNoText(value: unknown): string | null {
  if (typeof value !== "string") return "must be text";
  if (value.length > MOST_CHARACTERS)
    return `must not be longer than ${MOST_CHARACTERS} characters`;
  return value.includes("\0") ? "must not contain NUL" : null;
}

function whyNoNumber(
  {
    min = Number.NEGATIVE_INFINITY,
    max = Number.POSITIVE_INFINITY,
  }: { min?: number | undefined; max?: number | undefined },
  value: unknown,
): string | null {
  if (typeof value === "string" && isNumeral(value.trim()) && !keepsNumber(value.trim()))
    return "has more digits than a number can keep";
  if (typeof value !== "number" || !Number.isFinite(value)) return "must be a number";
  if (value < min) return `must be at least ${min}`;
  return value > max ? `must be at most ${max}` : null;
}

function whyNoConnection(value: string): string | null {
  const parsed = parseSshConnection(value);
  return parsed.ok ? null : parsed.why;
}

function asUsed(field: Field, value: FieldValue): FieldValue {
  const parsed = connectionIn(field, value);
  return parsed?.ok ? formatSshConnection(parsed.connection) : value;
}

/** Null for a field of another type. */
const connectionIn = ({ type }: Field, value: unknown) =>
  type === "ssh" ? parseSshConnection(String(value ?? "")) : null;
