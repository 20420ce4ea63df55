/** RFC 6902 between two JSON documents: what leads from one to the other, and applying it. Both sides run this. */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

export type PatchOperation =
  | { readonly op: "add"; readonly path: string; readonly value: unknown }
  | { readonly op: "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** Names that reach a prototype instead of the document. */
const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export const isForbiddenKey = (key: string): boolean => FORBIDDEN.has(key);

/** A patch that does not fit the document it is applied to: the mirror has to start over. */
export class PatchError extends Error {
  override readonly name = "PatchError";
}

/**
 * The patch that leads from `before` to `after`: objects by key, arrays by index. Equal references are
 * skipped, so for states that share structure the cost is what changed. Keys that hold `undefined` count as absent, as in JSON.
 */
export function diff(before: unknown, after: unknown): PatchOperation[] {
  const operations: PatchOperation[] = [];
  compare(before, after, "", operations);
  return operations;
}

/**
 * A new document with `patch` applied; what the patch does not touch is shared with `document`, which stays as it was.
 * Throws PatchError where the patch does not fit, and on keys that would reach a prototype.
 */
export function apply<T>(document: T, patch: readonly PatchOperation[]): T {
  let result: unknown = document;
  // What this call has already copied may be written in place.
  const own = new Set<object>();
  for (const operation of patch) result = applyOne(result, operation, own);
  return result as T;
}

function compare(before: unknown, after: unknown, path: string, into: PatchOperation[]): void {
  if (Object.is(before, after) || (before === 0 && after === 0)) return;
  if (Array.isArray(before) && Array.isArray(after))
    return compareArrays(before, after, path, into);
  if (isRecord(before) && isRecord(after)) return compareObjects(before, after, path, into);
  into.push({ op: "replace", path, value: after });
}

type JsonRecord = Record<string, unknown>;

function compareObjects(
  before: JsonRecord,
  after: JsonRecord,
  path: string,
  into: PatchOperation[],
) {
  for (const key of Object.keys(before)) {
    if (before[key] === undefined) continue;
    const at = `${path}/${escapeToken(key)}`;
    if (!Object.hasOwn(after, key) || after[key] === undefined)
      into.push({ op: "remove", path: at });
    else compare(before[key], after[key], at, into);
  }
  for (const key of Object.keys(after)) {
    if (after[key] === undefined) continue;
    if (Object.hasOwn(before, key) && before[key] !== undefined) continue;
    into.push({ op: "add", path: `${path}/${escapeToken(key)}`, value: after[key] });
  }
}

function compareArrays(before: unknown[], after: unknown[], path: string, into: PatchOperation[]) {
  const shared = Math.min(before.length, after.length);
  for (let i = 0; i < shared; i++) compare(before[i], after[i], `${path}/${i}`, into);
  // From the end, so that no removal moves what a later one means.
  for (let i = before.length - 1; i >= shared; i--)
    into.push({ op: "remove", path: `${path}/${i}` });
  for (let i = shared; i < after.length; i++)
    into.push({ op: "add", path: `${path}/-`, value: after[i] });
}

function applyOne(document: unknown, operation: PatchOperation, own: Set<object>): unknown {
  if (operation.path === "") {
    if (operation.op === "remove") throw new PatchError("the whole document cannot be removed");
    return operation.value;
  }
  const tokens = parsePointer(operation.path);
  const root = writable(document, own, operation.path);
  let parent = root;
  for (const token of tokens.slice(0, -1)) {
    const key = keyIn(parent, token, operation.path);
    const child = writable((parent as JsonRecord)[key], own, operation.path);
    (parent as JsonRecord)[key] = child;
    parent = child;
  }
  const last = tokens[tokens.length - 1]!;
  if (Array.isArray(parent)) changeArray(parent, last, operation);
  else changeObject(parent, last, operation);
  return root;
}

function changeArray(parent: unknown[], token: string, operation: PatchOperation): void {
  if (operation.op === "add") {
    const at = token === "-" ? parent.length : indexOf(token, operation.path);
    if (at > parent.length) throw misfit(operation.path);
    parent.splice(at, 0, operation.value);
    return;
  }
  const at = indexOf(token, operation.path);
  if (at >= parent.length) throw misfit(operation.path);
  if (operation.op === "replace") parent[at] = operation.value;
  else parent.splice(at, 1);
}

function changeObject(parent: JsonRecord, key: string, operation: PatchOperation): void {
  if (operation.op !== "add" && !Object.hasOwn(parent, key)) throw misfit(operation.path);
  if (operation.op === "remove") delete parent[key];
  else parent[key] = operation.value;
}

/** The container itself if this call made it, else a copy of it. */
function writable(value: unknown, own: Set<object>, path: string): JsonRecord | unknown[] {
  if (!Array.isArray(value) && !isRecord(value)) throw misfit(path);
  if (own.has(value)) return value;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  own.add(copy);
  return copy;
}

function keyIn(parent: JsonRecord | unknown[], token: string, path: string): string {
  if (Array.isArray(parent)) {
    if (indexOf(token, path) >= parent.length) throw misfit(path);
    return token;
  }
  if (!Object.hasOwn(parent, token)) throw misfit(path);
  return token;
}

function parsePointer(path: string): string[] {
  if (!path.startsWith("/")) throw new PatchError(`"${path}" is not a JSON pointer`);
  const tokens = path.slice(1).split("/").map(unescapeToken);
  for (const token of tokens) {
    if (FORBIDDEN.has(token)) throw new PatchError(`"${token}" is not allowed in a path`);
  }
  return tokens;
}

/** RFC 6901: digits without a leading zero. */
function indexOf(token: string, path: string): number {
  if (!/^(0|[1-9]\d*)$/.test(token)) throw misfit(path);
  return Number(token);
}

const misfit = (path: string): PatchError => new PatchError(`"${path}" is not in the document`);

const escapeToken = (key: string): string =>
  key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;

const unescapeToken = (token: string): string =>
  token.includes("~") ? token.replaceAll("~1", "/").replaceAll("~0", "~") : token;

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);
