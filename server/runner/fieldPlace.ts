/** Where in a definition something is wrong: as a path for programs, counted from 0, and in words for people, counted from 1. Pure. */
import { printable } from "./printable.js";

const MOST_CHARACTERS = 300;
const MOST_ACTION = 60;

export interface FieldPlace {
  /** `steps.0.run`; null for the whole of it. */
  readonly field: string | null;
  /** `step 1 (copy): run`; missing where it would say what `field` says. */
  readonly where?: string;
}

/** `raw` is the definition as it was written, whatever is in it. */
export function fieldPlace(path: readonly PropertyKey[], raw: unknown): FieldPlace {
  if (path.length === 0) return { field: null };
  const field = path.join(".");
  const where = wordsOf(path, raw);
  return { field: cut(field), ...(where === field ? {} : { where: cut(where) }) };
}

function wordsOf(path: readonly PropertyKey[], raw: unknown): string {
  const isStep = path[0] === "steps" && /^\d+$/.test(String(path[1]));
  const parts = isStep ? [stepWords(Number(path[1]), raw)] : [];
  let names: string[] = [];
  for (const key of isStep ? path.slice(2) : path) {
    if (typeof key !== "number") {
      names.push(String(key));
      continue;
    }
    parts.push(...joined(names), `entry ${key + 1}`);
    names = [];
  }
  return [...parts, ...joined(names)].join(": ");
}

const joined = (names: readonly string[]): string[] =>
  names.length === 0 ? [] : [names.join(".")];

function stepWords(index: number, raw: unknown): string {
  const action: unknown = (raw as { steps?: { action?: unknown }[] } | null)?.steps?.[index]
    ?.action;
  const name = typeof action === "string" ? printable(action, MOST_ACTION).trim() : "";
  return `step ${index + 1}${name === "" ? "" : ` (${name})`}`;
}

const cut = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
