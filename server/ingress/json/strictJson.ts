/** Checks JSON from outside, whatever it means: it is not too deep, no key reaches a prototype, and nothing in it would be changed by keeping it. */
import type * as z from "zod";
import {
  type FieldError,
  MOST_FIELD_ERRORS,
  MOST_PATH_CHARACTERS,
  SyncError,
} from "../../../shared/errors.js";
import { isForbiddenKey } from "../../../shared/json/patch.js";
import type { Limits } from "../../../shared/limits.js";
import { issueWords } from "../../../shared/schema/issueWords.js";
import { shortened } from "../../../shared/text/shortened.js";
import { pathAt, repeatedKey, scanJson } from "./jsonText.js";

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: string };

export function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { ok: false, why: (error as Error).message };
  }
}

/**
 * Checks a value and the text it was parsed from (I-JSON, RFC 7493): each number is one that JavaScript keeps, no key stands twice in
 * an object, no half of a surrogate pair stands alone. Throws SyncError `bad_message`, naming the place. `grown` says how many bytes the value
 * may take more than its text when it is written again: a number that came as 1e20 is written out.
 */
export function checkJson(value: unknown, limits: JsonLimits, text: string): { grown: number } {
  const checkLeaf = HALF_PAIR.test(text) ? checkText : undefined;
  const { members, grown } = checkValue(value, limits, checkLeaf);
  const scan = scanJson(text);
  if (scan.lossyNumber !== null) refuse(pathAt(text, scan.lossyNumber), LOSSY);
  if (scan.members !== members) refuse(repeatedKey(text) ?? [], "stands twice in this object");
  return { grown };
}

/** Where the text is gone: a number that may have been another one is refused, too. */
export function checkParsedElsewhere(value: unknown, limits: JsonLimits): void {
  checkValue(value, limits, (leaf, path) => {
    checkText(leaf, path);
    const isDoubtful = typeof leaf === "number" && Math.abs(leaf) > Number.MAX_SAFE_INTEGER;
    if (isDoubtful || Number.isNaN(leaf)) refuse(path(), LOSSY);
  });
}

const LOSSY =
  "is a number that would be changed: it has more digits, or is larger, than a JavaScript number can keep; send it as text";
/** Only by an escape can one get into UTF-8. */
const HALF_PAIR = /\\u[dD][89a-fA-F]/;

type JsonLimits = Pick<Limits, "jsonDepth" | "keyCharacters" | "pathCharacters">;
type Path = readonly (string | number)[];
type CheckLeaf = (leaf: unknown, path: () => Path) => void;

function checkText(leaf: unknown, path: () => Path): void {
  if (typeof leaf === "string" && /\p{Surrogate}/u.test(leaf))
    refuse(path(), "has half of a surrogate pair, which is no character");
}

/** The most that the limit for depth can be set to: reading and writing go down by recursion, and the stack ends. */
const MOST_DEPTH = 1_000;

/** Returns how many members its objects have, and how much its numbers may grow. */
function checkValue(value: unknown, limits: JsonLimits, checkLeaf: CheckLeaf | undefined) {
  let members = 0;
  let grown = 0;
  const maxDepth = Math.min(limits.jsonDepth, MOST_DEPTH);
  const path: (string | number)[] = [];
  const look = (child: unknown, characters: number): void => {
    if (typeof child === "number" && isWrittenOut(child)) grown += WRITTEN_OUT_BYTES;
    if (typeof child !== "object" || child === null) return checkLeaf?.(child, () => path);
    if (path.length >= maxDepth) refuse(path, `is nested deeper than ${maxDepth}`);
    const depth = path.length;
    if (Array.isArray(child)) {
      for (let i = 0; i < child.length; i++) {
        path[depth] = i;
        look(child[i], characters);
      }
    } else {
      const record = child as Record<string, unknown>;
      for (const key of Object.keys(record)) {
        path[depth] = key;
        members += 1;
        const all = characters + key.length;
        const why = whyNoKey(key, all, limits);
        if (why !== null) refuse(path, why);
        checkLeaf?.(key, () => path);
        look(record[key], all);
      }
    }
    path.length = depth;
  };
  look(value, 0);
  return { members, grown };
}

/** `characters` have all keys that lead there together. */
function whyNoKey(key: string, characters: number, limits: JsonLimits): string | null {
  if (isForbiddenKey(key)) return `the key "${key}" is not allowed`;
  if (key.length > limits.keyCharacters)
    return `the key is longer than ${limits.keyCharacters} characters`;
  return characters > limits.pathCharacters
    ? `the keys on the way here have more than ${limits.pathCharacters} characters together`
    : null;
}

/** The longest number JSON is written with, less the shortest it can be read from. */
const WRITTEN_OUT_BYTES = 22;

const isWrittenOut = (number: number): boolean => {
  const size = Math.abs(number);
  return size >= 1e3 ? number % 1e3 === 0 : size > 0 && size < 1e-2;
};

/** The value the schema makes of it. Throws SyncError `bad_message` with every field that is wrong; of a large value with the first. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, under?: string): T {
  const parsed = schema.safeParse(value, UNTIL_FIRST_ISSUE);
  if (parsed.success) return parsed.data;
  // Half a million wrong entries are as many issues: only of a small value all of them are looked for.
  const all = isSmall(value) ? schema.safeParse(value, { error: issueWords }) : parsed;
  throw refusal(fieldErrors(all.error ?? parsed.error, under));
}

/** Zod gives `abortEarly` a name only for `validate`, which says no more than yes or no. */
const UNTIL_FIRST_ISSUE = { error: issueWords, abortEarly: true };

const SMALL_PARTS = 2_000;

/** Looks at no more parts than that. */
function isSmall(value: unknown): boolean {
  let parts = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && parts <= SMALL_PARTS) {
    const next = open.pop();
    parts += 1;
    if (typeof next !== "object" || next === null) continue;
    const inside: unknown[] = Array.isArray(next) ? next : Object.values(next);
    parts += inside.length;
    if (parts <= SMALL_PARTS) open.push(...inside);
  }
  return parts <= SMALL_PARTS;
}

function fieldErrors(error: z.ZodError, under: string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const issue of error.issues.slice(0, MOST_FIELD_ERRORS)) {
    for (const { path, message } of byField(issue).slice(0, MOST_FIELD_ERRORS - errors.length)) {
      const inside = under !== undefined && path[0] === under;
      errors.push({ path: pathText(inside ? path.slice(1) : path), message });
    }
  }
  return errors;
}

function refuse(path: Path, message: string): never {
  throw refusal([{ path: pathText(path), message }]);
}

const refusal = (errors: readonly FieldError[]): SyncError =>
  new SyncError(
    "bad_message",
    errors.map(({ path, message }) => sentence(path, message)).join("; "),
    { errors },
  );

const sentence = (path: string, message: string): string =>
  path === "" ? message : `${path}: ${message}`;

const pathText = (path: readonly PropertyKey[]): string =>
  shortened(path.map(String).join("."), MOST_PATH_CHARACTERS);

/** Zod names the place where fields are too many; the fields are what their sender looks for. */
function byField(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; message: string }[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys
    .slice(0, MOST_FIELD_ERRORS)
    .map((key) => ({ path: [...issue.path, key], message: "no such field" }));
}
