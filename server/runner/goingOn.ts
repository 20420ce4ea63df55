/** Goes on with an interrupted workflow where nobody has to be asked: with what was wanted before the interruption, or as its definition says. */
import { endingOf, hasCleanup, whenOf } from "../../shared/state/cleanup.js";
import { stepAtIndex } from "../../shared/state/stepPlace.js";
import type { LostNode } from "../state/rules/nodeLoss.js";
import { settleInterruption } from "../state/rules/settle.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../state/store/record.js";
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

/** Where it goes on. */
export interface GoingOnWay {
  /** As it was looked at: as soon as anything of it has changed it does not go on. */
  readonly record: LiveRecord;
  /** In the queue of all nodes: the next one that has a place takes it. */
  readonly queued: boolean;
}

/** Goes on with what somebody had asked for before the interruption, or as the definition says. With `way` it rejects with SyncError where the record is another one by now. */
export async function goOn(
  workflow_id: string,
  survivors: readonly string[],
  { store, workflows, crews, secretEnv }: GoingOnOptions,
  way?: GoingOnWay,
): Promise<void> {
  const record = way?.record ?? store.open.get(workflow_id);
  if (!isLive(record) || record.state.status !== "interrupted" || record.lease) return;
  const { state, epoch, revision } = record;
  if (!GOES_ON_AFTER.has(state.interruption?.reason)) return;
  const course = courseOf(record, crews);
  const expected = way && { expected: { epoch, revision } };
  if (course.do === "stop") {
    const now = state.stop_requested?.now === true;
    const command = { kind: "stop", workflow_id, now } as const;
    const offered = course.mayClean ? { prepared: crews.leaseFor(record) } : {};
    await workflows.submit({ command, bytes: 0, ...offered, ...expected });
    return;
  }
  if (survivors.length > 0) return;
  if (course.do === "wait") {
    if (course.why !== null) await note(workflow_id, course.why, { store, workflows });
    return;
  }
  const whyNot = await whyNoSecrets(record, crews, secretEnv);
  if (whyNot !== null)
    return note(workflow_id, `It did not go on: ${whyNot}.`, { store, workflows });
  const { settle, ...turn } = way?.queued
    ? { settle: () => {}, lease: null }
    : crews.reserve({ concurrency: state.concurrency, record });
  try {
    const command = { kind: "resume", workflow_id } as const;
    await workflows.submit({ command, bytes: 0, prepared: turn, ...expected });
  } finally {
    settle();
  }
}

/** The same is said once, whichever node says it. */
async function note(
  workflow_id: string,
  words: string,
  { store, workflows }: Pick<GoingOnOptions, "store" | "workflows">,
): Promise<void> {
  const isNews = ({ state }: WorkflowRecord) => !state?.interruption?.note?.includes(words);
  const record = store.open.get(workflow_id);
  if (record && isNews(record))
    await workflows.say(workflow_id, { kind: "note", note: words }, isNews);
}

/** The way that an interrupted workflow takes without anybody. */
type Course =
  | { readonly do: "stop"; readonly mayClean: boolean }
  | { readonly do: "resume" }
  /** For somebody; `why`, as a sentence, where that is not what the definition wants. */
  | { readonly do: "wait"; readonly why: string | null };

function courseOf(record: LiveRecord, crews: Recipes): Course {
  const { state } = record;
  const { stop_requested } = state;
  const mayClean = !stop_requested?.now && hasCleanup(state.steps) && canGoOn(record, crews);
  if (stop_requested && (!mayClean || cleansByItself(record, crews) === true))
    return { do: "stop", mayClean };
  const isCleaning = stop_requested !== undefined || endingOf(state) !== null;
  const goesOn = isCleaning ? cleansByItself(record, crews) : resumesByItself(record, crews);
  if (goesOn === true) return { do: "resume" };
  if (goesOn === "too often") return { do: "wait", why: TOO_OFTEN };
  return { do: "wait", why: isCleaning ? CLEANING : null };
}

const CLEANING =
  "It was cleaning up in this step, and doing that twice may do harm: somebody has to say whether it goes on.";
const TOO_OFTEN = `It went on by itself ${MOST_RESUMES} times in this step; now somebody has to say so.`;
const NOT_IDEMPOTENT =
  "Doing this step twice may do harm (it is not idempotent): somebody has to say whether it goes on.";

/**
 * How a workflow whose node is lost goes on by itself, at `at`; undefined where its definition does not say that it does. `record` is as it is before it
 * is interrupted.
 */
export function goesOnAfterLoss(
  record: LiveRecord,
  crews: Recipes,
  at: string,
): LostNode["goesOn"] {
  const isWanted = crews.recipeOf(record)?.definition.onNodeLoss === "resume";
  if (!isWanted || !canGoOn(record, crews)) return undefined;
  const state = settleInterruption("node_lost", record.state, at);
  const course = courseOf({ ...record, state }, crews);
  return course.do === "wait" ? { whyNot: course.why ?? NOT_IDEMPOTENT } : { at };
}

function resumesByItself(record: LiveRecord, crews: Recipes): boolean | "too often" {
  const { onRestart, onNodeLoss } = crews.recipeOf(record)?.definition ?? {};
  const isLost = record.state.interruption?.reason === "node_lost";
  if (onRestart !== "resume" && !(isLost && onNodeLoss === "resume")) return false;
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
