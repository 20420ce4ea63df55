/** Two steps of one name: by its action a step is retried from, left out, followed, and its values are handed on. Pure. */
import { indexOfPlace, placeNumber } from "../../../../shared/state/stepPlace.js";
import { quotedName } from "../../../../shared/text/nearest.js";

type Path = readonly PropertyKey[];

export interface RepeatedAction {
  /** Of the later one. */
  readonly path: Path;
  /** Of the first. */
  readonly firstPath: Path;
  /** As people count: `3`, or `3.2` for a branch. */
  readonly first: string;
  readonly action: string;
  /** One that no step has. */
  readonly free: string;
}

/** Each further step of an action, in the order of the file; `raw` may be anything. A step and the branches within steps count alike. */
export function repeatedActions(raw: unknown): readonly RepeatedAction[] {
  const all = namedSteps(raw);
  const firsts = new Map<string, NamedStep>();
  const tried = new Map<string, number>();
  const taken = new Set(all.map(({ action }) => action));
  return all.flatMap((step) => {
    const first = firsts.get(step.action);
    if (!first) {
      firsts.set(step.action, step);
      return [];
    }
    const free = freeName(step.action, taken, tried);
    const { action, path } = step;
    return [{ path, firstPath: first.path, first: first.number, action, free }];
  });
}

/** As a predicate of the later one; `line` is where the first stands. */
export const repeatedWords = ({ first, free }: RepeatedAction, line: number | null): string => {
  const place = line === null ? `step ${first}` : `step ${first} (line ${line})`;
  return `is the name of ${place} too: give this one another, such as ${quotedName(free)}`;
};

interface NamedStep {
  readonly action: string;
  readonly path: Path;
  readonly number: string;
}

function namedSteps(raw: unknown): readonly NamedStep[] {
  return listOf(raw, "steps").flatMap((each, step) => [
    ...named(each, ["steps", step], indexOfPlace({ step, branch: null })),
    ...listOf(each, "parallel").flatMap((own, branch) =>
      named(own, ["steps", step, "parallel", branch], indexOfPlace({ step, branch })),
    ),
  ]);
}

function named(step: unknown, path: Path, index: number): readonly NamedStep[] {
  const action = (step as { action?: unknown } | null)?.action;
  if (typeof action !== "string" || action === "") return [];
  return [{ action, path: [...path, "action"], number: placeNumber(index) }];
}

function listOf(holder: unknown, key: "steps" | "parallel"): readonly unknown[] {
  const list = (holder as { steps?: unknown; parallel?: unknown } | null)?.[key];
  return Array.isArray(list) ? list : [];
}

/** Counts on from one to the next, so that thousands of one name are told in one walk. */
function freeName(action: string, taken: ReadonlySet<string>, tried: Map<string, number>): string {
  for (let number = tried.get(action) ?? 2; ; number++) {
    const free = `${action}_${number}`;
    if (taken.has(free)) continue;
    tried.set(action, number + 1);
    return free;
  }
}
