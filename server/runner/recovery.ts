/** Recovers after a crash: workflows of the server's last life are shown as interrupted, and processes it left running are ended. */

import { endingOf, hasCleanup, whenOf } from "../../shared/state/cleanup.js";
import { stepAtIndex } from "../../shared/state/stepPlace.js";
import { isEnded } from "../../shared/statuses.js";
import type { Log } from "../log/log.js";
import { isLive, type LiveRecord } from "../state/store/record.js";
import type { Store } from "../state/store/store.js";
import type { Workflows } from "../state/workflows.js";
import type { Crews } from "./crews.js";
import { definedAt } from "./definition/definedSteps.js";
import type { Leftovers, Recorded } from "./kept/leftovers.js";
import { listed } from "./process/endingTeller.js";
import type { ProcessTools } from "./process/processGroup.js";
import { stillRunning } from "./process/whyFailed.js";
import { readServerSecrets } from "./secrets/serverSecrets.js";
import { checkSameSteps } from "./start/preparing.js";
import type { Environment } from "./variables/environment.js";

export interface RecoveryOptions {
  readonly store: Pick<Store, "open">;
  readonly workflows: Pick<Workflows, "say" | "submit">;
  readonly leftovers: Pick<Leftovers, "found" | "names" | "end" | "forget">;
  readonly crews: Pick<Crews, "lease" | "recipeOf" | "reserve">;
  /** Where secrets are looked for that nobody gives. */
  readonly secretEnv: Environment;
  readonly tools: ProcessTools;
  readonly log: Pick<Log, "warn" | "error">;
}

type Recipes = Pick<Crews, "recipeOf">;

/** A workflow that takes the server down with it must not do so for ever. */
const MOST_RESUMES = 3;

/**
 * Resolves once nothing of the server's last life looks as if it went on; the processes it left are ended after that, by workflow in
 * what this resolves with. Rejects where the disk refuses to be told.
 */
export async function recover(
  options: RecoveryOptions,
): Promise<ReadonlyMap<string, Promise<void>>> {
  const { store, leftovers } = options;
  const left = new Map<string, Recorded[]>();
  for (const { recorded, isRunning } of leftovers.found()) {
    if (!isRunning) leftovers.forget(recorded);
    else left.set(recorded.workflow_id, [...(left.get(recorded.workflow_id) ?? []), recorded]);
  }
  const ours = [...store.open.values()].filter(isLive).filter(({ run }) => run !== undefined);
  await Promise.all(ours.map((record) => takeDown(record, options, left.has(record.workflow_id))));

  const ending = new Map<string, Promise<void>>();
  for (const workflow_id of new Set([...left.keys(), ...ours.map((one) => one.workflow_id)])) {
    const recorded = left.get(workflow_id) ?? [];
    const ended = clearUp(workflow_id, recorded, options).catch((error: unknown) =>
      options.log.error(
        { err: error, workflow_id },
        "what was left running could not be dealt with",
      ),
    );
    if (recorded.length > 0) ending.set(workflow_id, ended);
  }
  return ending;
}

async function takeDown(
  record: LiveRecord,
  { workflows, crews, secretEnv }: RecoveryOptions,
  isLeftRunning: boolean,
): Promise<void> {
  const { workflow_id, lease, state } = record;
  if (lease?.boot_id === undefined || isEnded(state.status)) return;
  // While it asked, nothing ran: the question outlives the server.
  const isAsking = state.status === "blocked" && state.block_info?.id !== undefined;
  const waits = isAsking && !isLeftRunning && canGoOn(record, crews);
  if (waits && (await whyNoSecrets(record, crews, secretEnv)) === null) {
    await workflows.say(workflow_id, { kind: "take", lease: crews.lease });
  } else {
    await workflows.say(workflow_id, { kind: "interrupt", reason: "server_restart" });
  }
}

async function clearUp(
  workflow_id: string,
  recorded: readonly Recorded[],
  options: RecoveryOptions,
): Promise<void> {
  const { workflows, leftovers, tools, log } = options;
  const isOne = recorded.length === 1;
  const names = recorded.flatMap((one) => leftovers.names(one, tools));
  const named = names.length === 0 ? "" : `: ${listed(names)}`;
  if (recorded.length > 0) {
    await workflows.say(workflow_id, {
      kind: "processes",
      left: "ending",
      note: `${isOne ? "Its command still runs and is" : "Its commands still run and are"} being ended${named}.`,
    });
  }
  const ends = await Promise.all(recorded.map((one) => leftovers.end(one, tools)));
  const survivors = ends.flat();
  if (recorded.length > 0) {
    if (survivors.length > 0) log.warn({ workflow_id, survivors }, "processes could not be ended");
    await workflows.say(workflow_id, {
      kind: "processes",
      left: survivors.length === 0 ? "ended" : "may_be_running",
      note:
        survivors.length === 0
          ? `${isOne ? "Its command" : "Its commands"} still ran when the server came back, and ${isOne ? "was" : "were"} ended${named}.`
          : `What it had started ${stillRunning(survivors)}.`,
    });
  }
  await goOn(workflow_id, survivors, options);
}

/** Goes on with what somebody had asked for before the crash, or as the definition says. */
async function goOn(
  workflow_id: string,
  survivors: readonly string[],
  { store, workflows, crews, secretEnv }: RecoveryOptions,
): Promise<void> {
  const record = store.open.get(workflow_id);
  if (!isLive(record) || record.state.status !== "interrupted" || record.lease) return;
  const { state } = record;
  if (state.interruption?.reason !== "server_restart") return;
  const { stop_requested } = state;
  const mayClean = !stop_requested?.now && hasCleanup(state.steps) && canGoOn(record, crews);
  if (stop_requested && (!mayClean || cleansByItself(record, crews) === true)) {
    const command = { kind: "stop", workflow_id, now: stop_requested.now === true } as const;
    const offered = mayClean ? { prepared: { lease: crews.lease } } : {};
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
  const { lease, behind, settle } = crews.reserve({ concurrency: state.concurrency, record });
  try {
    const command = { kind: "resume", workflow_id } as const;
    await workflows.submit({ command, bytes: 0, prepared: { lease, behind } });
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
async function whyNoSecrets(
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
