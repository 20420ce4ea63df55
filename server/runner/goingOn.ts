/** Goes on with an interrupted workflow where nobody has to be asked: with what was wanted before the interruption, or as its definition says. */
import { endingOf, hasCleanup, whenOf } from "../../shared/state/cleanup.js";
import { stepAtIndex } from "../../shared/state/stepPlace.js";
import { isLive, type LiveRecord } from "../state/store/record.js";
import type { Store } from "../state/store/store.js";
import type { Workflows } from "../state/workflows.js";
import type { Crews } from "./crews.js";
import { definedAt } from "./definition/definedSteps.js";
import { readServerSecrets } from "./secrets/serverSecrets.js";
import { checkSameSteps } from "./start/preparing.js";
import type { Environment } from "./variables/environment.js";

export interface GoingOnOptions {
  readonly store: Pick<Store, "open">;
  readonly workflows: Pick<Workflows, "say" | "submit">;
  readonly crews: Pick<Crews, "lease" | "leaseFor" | "recipeOf" | "reserve">;
  /** Where secrets are looked for that nobody gives. */
  readonly secretEnv: Environment;
}

type Recipes = Pick<Crews, "recipeOf">;

/** A workflow that takes the server down with it must not do so for ever. */
const MOST_RESUMES = 3;
const GOES_ON_AFTER: ReadonlySet<string | undefined> = new Set([
  "server_restart",
  "command_lost",
  "node_lost",
]);

/** Goes on with what somebody had asked for before the interruption, or as the definition says. */
export async function goOn(
  workflow_id: string,
  survivors: readonly string[],
  { store, workflows, crews, secretEnv }: GoingOnOptions,
): Promise<void> {
  const record = store.open.get(workflow_id);
  if (!isLive(record) || record.state.status !== "interrupted" || record.lease) return;
  const { state } = record;
  if (!GOES_ON_AFTER.has(state.interruption?.reason)) return;
  const { stop_requested } = state;
  const mayClean = !stop_requested?.now && hasCleanup(state.steps) && canGoOn(record, crews);
  if (stop_requested && (!mayClean || cleansByItself(record, crews) === true)) {
    const command = { kind: "stop", workflow_id, now: stop_requested.now === true } as const;
    const offered = mayClean ? { prepared: crews.leaseFor(record) } : {};
    await workflows.submit({ command, bytes: 0, ...offered });
    return;
  }
  if (survivors.length > 0) return;
  const isCleaning = stop_requested !== undefined || endingOf(state) !== null;
  const goesOn = isCleaning ? cleansByItself(record, crews) : resumesByItself(record, crews);
  if (isCleaning && goesOn === false) {
    const note =
      "It was cleaning up in this step, and doing that twice may do harm: somebody has to say whether it goes on.";
    await workflows.say(workflow_id, { kind: "note", note });
  }
  if (goesOn === "too often") {
    const note = `It went on by itself ${MOST_RESUMES} times in this step; now somebody has to say so.`;
    await workflows.say(workflow_id, { kind: "note", note });
  }
  if (goesOn !== true) return;
  const whyNot = await whyNoSecrets(record, crews, secretEnv);
  if (whyNot !== null) {
    await workflows.say(workflow_id, { kind: "note", note: `It did not go on: ${whyNot}.` });
    return;
  }
  const { settle, ...turn } = crews.reserve({ concurrency: state.concurrency, record });
  try {
    const command = { kind: "resume", workflow_id } as const;
    await workflows.submit({ command, bytes: 0, prepared: turn });
  } finally {
    settle();
  }
}

function resumesByItself(record: LiveRecord, crews: Recipes): boolean | "too often" {
  if (crews.recipeOf(record)?.definition.onRestart !== "resume") return false;
  return mayBeginAgain(record, crews);
}

/** A workflow whose end is decided goes on to clean up without asking anybody. A step that was being stopped does not run again. */
function cleansByItself(record: LiveRecord, crews: Recipes): boolean | "too often" {
  const { interruption, steps } = record.state;
  const step = steps[interruption?.step ?? -1];
  if (step && whenOf(step) === "success") return canGoOn(record, crews);
  return mayBeginAgain(record, crews);
}

function mayBeginAgain(record: LiveRecord, crews: Recipes): boolean | "too often" {
  if (!canGoOn(record, crews)) return false;
  const { definition } = crews.recipeOf(record)!;
  const { step = null, branches = [] } = record.state.interruption ?? {};
  if (step === null) return true;
  // A parallel step does nothing itself: what was interrupted are its branches.
  const own = definition.steps[step]!.parallel ? branches : [step];
  if (!own.every((index) => definedAt(definition, index).idempotent)) return false;
  const resumes = [step, ...own].map((index) => {
    const { attempts = [] } = stepAtIndex(record.state, index)!;
    return attempts.filter(({ status }) => status === "interrupted").length;
  });
  return Math.max(...resumes) < MOST_RESUMES || "too often";
}

/** Null where all of them are there. */
export async function whyNoSecrets(
  record: LiveRecord,
  crews: Recipes,
  secretEnv: Environment,
): Promise<string | null> {
  const recipe = crews.recipeOf(record);
  if (!recipe) return null;
  return readServerSecrets(recipe.definition, secretEnv).then(
    () => null,
    (error: Error) => error.message,
  );
}

/** Its recipe is there, with the same steps. */
export function canGoOn(record: LiveRecord, crews: Recipes): boolean {
  const recipe = crews.recipeOf(record);
  if (!recipe) return false;
  try {
    checkSameSteps(recipe.definition, record.state);
    return true;
  } catch {
    return false;
  }
}
