/** Steps as commands name them: by their action, or by their index, counted from 0. Pure. */
import { placeNumber } from "../../../shared/state/stepPlace.js";
import { hint } from "../../../shared/text/nearest.js";

/** Steps with their indexes, branches among them. */
export type NamedSteps<S extends { readonly action: string }> = readonly (readonly [number, S])[];

/** The step that a command names, or the reason why there is none. */
export type FoundStep<S> =
  | { readonly ok: true; readonly index: number; readonly step: S }
  /** As a predicate. */
  | { readonly ok: false; readonly why: string };

/** Looks steps up; `top` is how many of them are no branches. An action that several steps have names none of them. */
export function stepFinder<S extends { readonly action: string }>(
  steps: NamedSteps<S>,
  top: number,
): (named: string | number) => FoundStep<S> {
  const byIndex = new Map(steps);
  const byAction = new Map<string, (readonly [number, S])[]>();
  for (const one of steps) {
    const alike = byAction.get(one[1].action);
    if (alike) alike.push(one);
    else byAction.set(one[1].action, [one]);
  }
  return (named) => {
    if (typeof named === "number") {
      const step = byIndex.get(named);
      if (step) return { ok: true, index: named, step };
      return { ok: false, why: `is no step of it; there are ${top}, counted from 0` };
    }
    const found = byAction.get(named) ?? [];
    if (found.length === 0)
      return { ok: false, why: `is no step of it; ${hint(named, [...byAction.keys()])}` };
    const indexes = found.map(([index]) => index).sort((one, other) => one - other);
    if (indexes.length > 1) return { ok: false, why: whySeveral(indexes) };
    return { ok: true, index: found[0]![0], step: found[0]![1] };
  };
}

const MOST_TOLD = 10;

function whySeveral(indexes: readonly number[]): string {
  const told = indexes.slice(0, MOST_TOLD);
  const rest = indexes.length > told.length ? " and more" : "";
  const numbers = joined(told.map(placeNumber), rest, "and");
  return `is the name of steps ${numbers}; say which by its index, ${joined(told.map(String), rest, "or")}, counted from 0`;
}

const joined = (words: readonly string[], rest: string, last: string): string =>
  rest === ""
    ? `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`
    : words.join(", ") + rest;
