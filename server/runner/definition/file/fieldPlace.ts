/** Where in a definition something is wrong: as a path for programs, counted from 0, and in words for people, counted from 1. Pure. */

import { printable } from "../../../../shared/text/printable.js";
import { begun } from "../../../../shared/text/shortened.js";

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
  const step = stepIn(path, raw);
  const parts = step ? [step.words] : [];
  let names: string[] = [];
  for (const key of path.slice(step?.keys ?? 0)) {
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

/** The step that a path leads into, and how many of its keys lead there; null where it leads into none. */
function stepIn(
  path: readonly PropertyKey[],
  raw: unknown,
): { words: string; keys: number } | null {
  const [list, step, branches, branch] = path;
  if (list !== "steps" || !isPlace(step)) return null;
  const found = (raw as RawSteps | null)?.steps?.[Number(step)];
  if (branches !== "parallel" || !isPlace(branch))
    return { words: stepWords(`${Number(step) + 1}`, found), keys: 2 };
  const number = `${Number(step) + 1}.${Number(branch) + 1}`;
  return { words: stepWords(number, found?.parallel?.[Number(branch)]), keys: 4 };
}

interface RawStep {
  readonly action?: unknown;
  readonly parallel?: readonly (RawStep | null)[];
}
type RawSteps = { readonly steps?: readonly (RawStep | null)[] };

const isPlace = (key: PropertyKey | undefined): boolean => /^\d+$/.test(String(key));

function stepWords(number: string, step: RawStep | null | undefined): string {
  const { action } = step ?? {};
  const name = typeof action === "string" ? printable(action, MOST_ACTION).trim() : "";
  return `step ${number}${name === "" ? "" : ` (${name})`}`;
}

const cut = (text: string): string => begun(text, MOST_CHARACTERS);
