/** Steps as people name them on the command line: by their action, or by their number, counted from 1; `3.2` is a branch. */

import type { Asking } from "../../../client/live/restClient.js";
import { CURRENT } from "../../../shared/names.js";
import {
  branchesOf,
  indexOfNumber,
  indexOfPlace,
  placeNumber,
} from "../../../shared/state/stepPlace.js";
import { hint, listed, quotedName } from "../../../shared/text/nearest.js";
import { SettingError } from "../../settings/settingError.js";

interface NamedStep {
  readonly action: string;
}

/** The steps of a state, or of a definition, whose branches stand in `parallel`. */
type Steps = readonly (NamedStep & { readonly parallel?: readonly NamedStep[] | undefined })[];

/** Whether a step may be meant by its number. */
const isStepNumber = (typed: string): boolean => /^\d+(\.\d+)?$/.test(typed);

/** Each step, and behind it its branches, with the index by which it is addressed. */
const everyStep = (steps: Steps): readonly { readonly index: number; readonly action: string }[] =>
  steps.flatMap((one, step) => [
    { index: step, action: one.action },
    ...(one.parallel ?? branchesOf(one)).map(({ action }, branch) => ({
      index: indexOfPlace({ step, branch }),
      action,
    })),
  ]);

/**
 * The index of the step that somebody named; null where there is none. A step that is called like a number is meant by its name before
 * any is by its place.
 */
export function stepIndex(typed: string, steps: Steps): number | null {
  const all = everyStep(steps);
  const named = all.find(({ action }) => action === typed);
  const index = named?.index ?? indexOfNumber(typed);
  return all.some((one) => one.index === index) ? index : null;
}

const DEADLINE_MS = 5_000;

/** A step of a workflow as a command names it to the server. Throws SettingError where there is no such step. */
export async function stepPlace(
  flag: string,
  typed: string,
  { client, subject }: { readonly client: Asking; readonly subject: string },
): Promise<string | number> {
  const id = subject === CURRENT ? undefined : subject;
  const loaded = await client.rest.load(id, { deadlineMs: DEADLINE_MS });
  // The server has the words for a workflow that is not there.
  return loaded ? chosenStep(flag, typed, loaded.state.steps) : typed;
}

/** As `stepIndex`. Throws SettingError where there is no such step, or more than one; `flag` is what named it. */
export function chosenStep(flag: string, typed: string, steps: Steps): number {
  refuseSeveral(flag, typed, steps);
  const index = stepIndex(typed, steps);
  if (index === null) throw new SettingError(`${flag} ${typed} ${noSuchStep(typed, steps)}`);
  return index;
}

/**
 * The actions of the steps to switch on or off; what names none of them goes to the server, which says so with all else that is wrong.
 * Throws SettingError where a name means more than one.
 */
export function switchedSteps(flag: string, typed: readonly string[], steps: Steps): string[] {
  return typed.map((one) => {
    const index = stepIndex(one, steps);
    const action = everyStep(steps).find((each) => each.index === index)?.action ?? one;
    refuseSeveral(flag, action, steps);
    return action;
  });
}

/** A recipe has no two steps of one action, but a driver's own workflow may have. */
function refuseSeveral(flag: string, typed: string, steps: Steps): void {
  const numbers = everyStep(steps).flatMap(({ action, index }) =>
    action === typed ? [placeNumber(index)] : [],
  );
  if (numbers.length < 2) return;
  const all = `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;
  throw new SettingError(
    `${flag} ${quotedName(typed)} is the name of steps ${all}: say which by its number`,
  );
}

/** A predicate: "is no step of it; did you mean copy?", or which there are, with their numbers. */
export function noSuchStep(typed: string, steps: Steps): string {
  if (steps.length === 0) return "is no step of it: it has none";
  const actions = everyStep(steps).map(({ action }) => action);
  if (!isStepNumber(typed)) {
    const said = hint(typed, actions);
    if (said.startsWith("did you mean")) return `is no step of it; ${said}`;
    return `is no step of it; there are ${numberedSteps(steps)}`;
  }
  const count = steps.length === 1 ? "there is 1" : `there are ${steps.length}`;
  return `is no step of it: steps count from 1, and ${count}: ${numberedSteps(steps)}`;
}

/** `1 copy, 2 sure`. */
export function numberedSteps(steps: Steps): string {
  const all = everyStep(steps);
  return listed(
    all.map(({ action }) => action),
    (action, at) => `${placeNumber(all[at]!.index)} ${quotedName(action)}`,
  );
}
