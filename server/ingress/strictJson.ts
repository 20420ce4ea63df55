/** What JSON from outside must be, whatever it means: not too deep, without keys that reach a prototype, and nothing in it that would be changed. */
import type * as z from "zod";
import { type FieldError, SyncError } from "../../shared/errors.js";
import { issueWords } from "../../shared/issueWords.js";
import { isForbiddenKey } from "../../shared/patch.js";
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
 * an object, no half of a surrogate pair stands alone. Throws SyncError `bad_message`, naming the place.
 */
export function checkJson(value: unknown, maxDepth: number, text: string): void {
  const members = checkValue(value, maxDepth, HALF_PAIR.test(text) ? checkText : undefined);
  const scan = scanJson(text);
  if (scan.lossyNumber !== null) refuse(pathAt(text, scan.lossyNumber), LOSSY);
  if (scan.members !== members) refuse(repeatedKey(text) ?? [], "stands twice in this object");
}

/** Where the text is gone: a number that may have been another one is refused, too. */
export function checkParsedElsewhere(value: unknown, maxDepth: number): void {
  checkValue(value, maxDepth, (leaf, path) => {
    checkText(leaf, path);
    const isDoubtful = typeof leaf === "number" && Math.abs(leaf) > Number.MAX_SAFE_INTEGER;
    if (isDoubtful || Number.isNaN(leaf)) refuse(path(), LOSSY);
  });
}

const LOSSY =
  "is a number that would be changed: it has more digits, or is larger, than a JavaScript number can keep; send it as text";
/** Only by an escape can one get into UTF-8. */
const HALF_PAIR = /\\u[dD][89a-fA-F]/;

type Path = readonly (string | number)[];
type CheckLeaf = (leaf: unknown, path: () => Path) => void;

function checkText(leaf: unknown, path: () => Path): void {
  if (typeof leaf === "string" && /\p{Surrogate}/u.test(leaf))
    refuse(path(), "has half of a surrogate pair, which is no character");
}

interface Place {
  readonly value: object;
  readonly key: string | number;
  readonly parent: Place | null;
  readonly depth: number;
}

/** Without recursion, so that no depth can hurt. Returns how many members its objects have. */
function checkValue(value: unknown, maxDepth: number, checkLeaf: CheckLeaf | undefined): number {
  let members = 0;
  const open: Place[] = [];
  const look = (child: unknown, key: string | number, parent: Place | null) => {
    if (typeof child === "object" && child !== null) {
      const depth = (parent?.depth ?? -1) + 1;
      const place = { value: child, key, parent, depth };
      if (depth >= maxDepth) refuse(pathOf(place), `is nested deeper than ${maxDepth}`);
      open.push(place);
    } else checkLeaf?.(child, () => [...pathOf(parent), ...(parent ? [key] : [])]);
  };
  look(value, "", null);
  for (let next = open.pop(); next; next = open.pop()) {
    const place = next;
    if (Array.isArray(place.value)) {
      for (const [index, child] of place.value.entries()) look(child, index, place);
      continue;
    }
    for (const [key, child] of Object.entries(place.value)) {
      members += 1;
      if (isForbiddenKey(key)) refuse([...pathOf(place), key], `the key "${key}" is not allowed`);
      checkLeaf?.(key, () => [...pathOf(place), key]);
      look(child, key, place);
    }
  }
  return members;
}

function pathOf(place: Place | null): Path {
  const path: (string | number)[] = [];
  for (let at = place; at?.parent; at = at.parent) path.unshift(at.key);
  return path;
}

/** The value the schema makes of it. Throws SyncError `bad_message` with every field that is wrong. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, under?: string): T {
  const parsed = schema.safeParse(value, { error: issueWords });
  if (parsed.success) return parsed.data;
  throw refusal(fieldErrors(parsed.error, under));
}

/** More would be noise: whoever mends these sees the next ones. */
const MOST_ERRORS = 10;

function fieldErrors(error: z.ZodError, under: string | undefined): FieldError[] {
  return error.issues
    .flatMap(byField)
    .slice(0, MOST_ERRORS)
    .map(({ path, message }) => {
      const inside = under !== undefined && path[0] === under;
      return { path: pathText(inside ? path.slice(1) : path), message };
    });
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

/** So much of a path helps somebody to find the place; keys may be as long as the body. */
const MOST_PATH_CHARACTERS = 300;

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map(String).join(".");
  if (text.length <= MOST_PATH_CHARACTERS) return text;
  return `${text.slice(0, MOST_PATH_CHARACTERS).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Zod names the place where fields are too many; the fields are what their sender looks for. */
function byField(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; message: string }[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: "no such field" }));
}
