/** RFC 6902: what a patch is, and applying it. `diff.ts` makes them; both sides run this. */
import { Splicing } from "./splicing.js";

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
 * A new document with `patch` applied; what the patch does not touch is shared with `document`, which stays as it was.
 * Throws PatchError where the patch does not fit, and on keys that would reach a prototype.
 */
export function apply<T>(document: T, patch: readonly PatchOperation[]): T {
  const draft = new Draft(document);
  for (const operation of patch) draft.take(operation);
  return draft.finished() as T;
}

export type JsonRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const escapeToken = (key: string): string =>
  key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;

export const unescapeToken = (token: string): string =>
  token.includes("~") ? token.replaceAll("~1", "/").replaceAll("~0", "~") : token;

class Draft {
  #root: unknown;
  /** Containers that this draft has copied already, which may be written in place. */
  readonly #own = new Set<object>();
  /** The array that the last operations inserted into or removed from. */
  #open: { readonly path: string; readonly splicing: Splicing } | null = null;

  constructor(document: unknown) {
    this.#root = document;
  }

  take(operation: PatchOperation): void {
    const { path } = operation;
    if (path === "") return this.#takeWhole(operation);
    if (!path.startsWith("/")) throw new PatchError(`"${path}" is not a JSON pointer`);
    const cut = path.lastIndexOf("/");
    const parentPath = path.slice(0, cut);
    const token = readToken(path.slice(cut + 1));
    if (this.#open?.path === parentPath && operation.op !== "replace")
      return splice(this.#open.splicing, token, operation);
    this.#close();
    const parent = this.#parentAt(parentPath, path);
    if (!Array.isArray(parent)) return changeObject(parent, token, operation);
    if (operation.op === "replace") {
      parent[placeIn(parent.length, token, path)] = operation.value;
      return;
    }
    this.#open = { path: parentPath, splicing: new Splicing(parent) };
    splice(this.#open.splicing, token, operation);
  }

  finished(): unknown {
    this.#close();
    return this.#root;
  }

  #takeWhole(operation: PatchOperation): void {
    if (operation.op === "remove") throw new PatchError("the whole document cannot be removed");
    this.#close();
    this.#root = operation.value;
  }

  #close(): void {
    this.#open?.splicing.finish();
    this.#open = null;
  }

  #parentAt(parentPath: string, path: string): JsonRecord | unknown[] {
    this.#root = this.#writable(this.#root, path);
    let parent = this.#root as JsonRecord | unknown[];
    if (parentPath === "") return parent;
    for (const token of parentPath.slice(1).split("/").map(readToken)) {
      const key = keyIn(parent, token, path);
      const child = this.#writable((parent as JsonRecord)[key], path);
      (parent as JsonRecord)[key] = child;
      parent = child;
    }
    return parent;
  }

  /** The container itself if this draft made it, else a copy of it. */
  #writable(value: unknown, path: string): JsonRecord | unknown[] {
    if (!Array.isArray(value) && !isRecord(value)) throw misfit(path);
    if (this.#own.has(value)) return value;
    const copy = Array.isArray(value) ? [...value] : { ...value };
    this.#own.add(copy);
    return copy;
  }
}

type Splice = Exclude<PatchOperation, { op: "replace" }>;

function splice(splicing: Splicing, token: string, operation: Splice): void {
  const { length } = splicing;
  if (operation.op === "remove") splicing.remove(placeIn(length, token, operation.path));
  else {
    const at = token === "-" ? length : placeIn(length + 1, token, operation.path);
    splicing.insert(at, operation.value);
  }
}

function changeObject(parent: JsonRecord, key: string, operation: PatchOperation): void {
  if (operation.op !== "add" && !Object.hasOwn(parent, key)) throw misfit(operation.path);
  if (operation.op === "remove") delete parent[key];
  else parent[key] = operation.value;
}

function keyIn(parent: JsonRecord | unknown[], token: string, path: string): string {
  if (Array.isArray(parent)) return String(placeIn(parent.length, token, path));
  if (!Object.hasOwn(parent, token)) throw misfit(path);
  return token;
}

/** RFC 6901: digits without a leading zero. */
function placeIn(length: number, token: string, path: string): number {
  if (!/^(0|[1-9]\d*)$/.test(token) || Number(token) >= length) throw misfit(path);
  return Number(token);
}

function readToken(raw: string): string {
  const token = unescapeToken(raw);
  if (FORBIDDEN.has(token)) throw new PatchError(`"${token}" is not allowed in a path`);
  return token;
}

const misfit = (path: string): PatchError => new PatchError(`"${path}" is not in the document`);
