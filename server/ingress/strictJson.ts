/** What JSON from outside must be, whatever it means: not too deep, and without keys that reach a prototype. */
import type * as z from "zod";
import { type FieldError, SyncError } from "../../shared/errors.js";
import { issueWords } from "../../shared/issueWords.js";
import { isForbiddenKey } from "../../shared/patch.js";

/** Checks without recursion, so that no depth can hurt. Throws SyncError `bad_message`, naming the place. */
export function checkJson(value: unknown, maxDepth: number): void {
  const open: { value: unknown; path: string; depth: number }[] = [{ value, path: "", depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth >= maxDepth) refuse(next.path, `is nested deeper than ${maxDepth}`);
    const entries = Array.isArray(next.value) ? next.value.entries() : Object.entries(next.value);
    for (const [key, child] of entries) {
      const path = next.path === "" ? `${key}` : `${next.path}.${key}`;
      if (typeof key === "string" && isForbiddenKey(key))
        refuse(path, `the key "${key}" is not allowed`);
      if (typeof child === "object") open.push({ value: child, path, depth: next.depth + 1 });
    }
  }
}

/** The value the schema makes of it. Throws SyncError `bad_message` with every field that is wrong. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, under?: string): T {
  const parsed = schema.safeParse(value, { error: issueWords });
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error, under);
  throw new SyncError(
    "bad_message",
    errors.map(({ path, message }) => sentence(path, message)).join("; "),
    {
      errors,
    },
  );
}

/** More would be noise: whoever mends these sees the next ones. */
const MOST_ERRORS = 10;

function fieldErrors(error: z.ZodError, under: string | undefined): FieldError[] {
  return error.issues
    .flatMap(byField)
    .slice(0, MOST_ERRORS)
    .map(({ path, message }) => {
      const full = path.map(String).join(".");
      const inside = under !== undefined && (full === under || full.startsWith(`${under}.`));
      return { path: inside ? full.slice(under.length + 1) : full, message };
    });
}

const sentence = (path: string, message: string): string =>
  path === "" ? message : `${path}: ${message}`;

function refuse(path: string, message: string): never {
  throw new SyncError("bad_message", sentence(path, message), { errors: [{ path, message }] });
}

/** Zod names the place where fields are too many; the fields are what their sender looks for. */
function byField(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; message: string }[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: "no such field" }));
}
