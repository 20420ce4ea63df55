/** Two steps of one name: by its action a step is retried from, left out, followed, and its values are handed on. Pure. */
import { quotedName } from "../../../../shared/text/nearest.js";
import { type StepPath, writtenSteps } from "./writtenSteps.js";

export interface RepeatedAction {
  /** The later step of the name. */
  readonly path: StepPath;
  /** The first step of the name. */
  readonly firstPath: StepPath;
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
  readonly path: StepPath;
  readonly number: string;
}

function namedSteps(raw: unknown): readonly NamedStep[] {
  return [...writtenSteps(raw)].flatMap(({ path, number, keys: { action } }) =>
    typeof action === "string" && action !== ""
      ? [{ action, number, path: [...path, "action"] }]
      : [],
  );
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
