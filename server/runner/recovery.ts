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
import type { KeeperFolder } from "./keeper/keeperFolder.js";
import type { Keepers } from "./kept/keepers.js";
import type { Leftovers } from "./kept/leftovers.js";
import { AllLeftRunning, type LeftRunning } from "./leftRunning.js";
import { listed } from "./process/endingTeller.js";
import type { ProcessTools } from "./process/processGroup.js";
import { stillRunning } from "./process/whyFailed.js";
import { readServerSecrets } from "./secrets/serverSecrets.js";
import { checkSameSteps } from "./start/preparing.js";
import { commandsOf, type LeftCommand, lookAtLeft, marksOf, takeUpAll } from "./takingUp.js";
import type { Environment } from "./variables/environment.js";

export interface RecoveryOptions {
  readonly store: Pick<Store, "open">;
  readonly workflows: Pick<Workflows, "say" | "submit">;
  readonly leftovers: Pick<Leftovers, "found" | "names" | "end" | "forget">;
  readonly keepers: Pick<
    Keepers,
    "found" | "standing" | "takeUp" | "handOver" | "discard" | "seenUntil"
  >;
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
 * Resolves once nothing looks as if it went on that does not; the processes of the server's last life that nobody goes on with are ended after that, by
 * workflow in what this resolves with. Rejects where the disk refuses to be told.
 */
export async function recover(
  options: RecoveryOptions,
): Promise<ReadonlyMap<string, Promise<void>>> {
  const { store, leftovers, keepers, tools, log } = options;
  const running = new AllLeftRunning();
  running.addUnkept(leftovers, tools);
  const { folders, unknown } = keepers.found();
  for (const folder of unknown)
    log.warn({ folder }, "the command of this folder cannot be understood, and is let be");
  const left = await lookAtLeft(folders, keepers);
  const ours = [...store.open.values()].filter(isLive).filter(({ run }) => run !== undefined);
  const goingOn = await Promise.all(ours.map((record) => takeUp(record, options, left, running)));
  const others = left.filter(({ folder }) => !goingOn.some((all) => all.includes(folder)));
  await running.addKept(others, keepers, tools);
  for (const [at, record] of ours.entries())
    if (goingOn[at]?.length === 0 && record.lease?.boot_id !== undefined)
      running.addMarked(record.workflow_id, marksOf(record), tools);

  const ending = new Map<string, Promise<void>>();
  for (const workflow_id of new Set([
    ...running.workflows,
    ...ours.map((one) => one.workflow_id),
  ])) {
    const own = running.of(workflow_id);
    const ended = clearUp(workflow_id, own, options).catch((error: unknown) =>
      options.log.error(
        { err: error, workflow_id },
        "what was left running could not be dealt with",
      ),
    );
    if (own.length > 0) ending.set(workflow_id, ended);
  }
  return ending;
}

/** Takes the workflow up where all of it goes on, or shows it as interrupted. Resolves with the folders of the commands that go on. */
async function takeUp(
  record: LiveRecord,
  { workflows, crews, keepers, secretEnv }: RecoveryOptions,
  left: readonly LeftCommand[],
  running: AllLeftRunning,
): Promise<readonly KeeperFolder[]> {
  const { workflow_id, lease, state } = record;
  if (lease?.boot_id === undefined || isEnded(state.status)) return [];
  const { definition } = crews.recipeOf(record) ?? {};
  const mayGoOn =
    running.of(workflow_id).length === 0 &&
    canGoOn(record, crews) &&
    (await whyNoSecrets(record, crews, secretEnv)) === null;
  // While it asked, nothing ran: the question outlives the server.
  const isAsking = state.status === "blocked" && state.block_info?.id !== undefined;
  const taken =
    mayGoOn && definition && state.status === "running"
      ? await takeUpAll(record, definition, commandsOf(record, left), keepers)
      : null;
  if (taken === null && !(mayGoOn && isAsking)) {
    await workflows.say(workflow_id, { kind: "interrupt", reason: "server_restart" });
    return [];
  }
  for (const one of taken ?? []) keepers.handOver(one);
  await workflows.say(workflow_id, { kind: "take", lease: crews.lease });
  return (taken ?? []).map(({ folder }) => folder);
}

async function clearUp(
  workflow_id: string,
  left: readonly LeftRunning[],
  options: RecoveryOptions,
): Promise<void> {
  const { workflows, log } = options;
  const isOne = left.length === 1;
  const names = left.flatMap((one) => one.names());
  const named = names.length === 0 ? "" : `: ${listed(names)}`;
  if (left.length > 0) {
    await workflows.say(workflow_id, {
      kind: "processes",
      left: "ending",
      note: `${isOne ? "Its command still runs and is" : "Its commands still run and are"} being ended${named}.`,
    });
  }
  const ends = await Promise.all(left.map((one) => one.end()));
  const survivors = ends.flat();
  if (left.length > 0) {
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

/** Goes on with what somebody had asked for before the interruption, or as the definition says. */
export async function goOn(
  workflow_id: string,
  survivors: readonly string[],
  {
    store,
    workflows,
    crews,
    secretEnv,
  }: Pick<RecoveryOptions, "store" | "workflows" | "crews" | "secretEnv">,
): Promise<void> {
  const record = store.open.get(workflow_id);
  if (!isLive(record) || record.state.status !== "interrupted" || record.lease) return;
  const { state } = record;
  const { reason } = state.interruption ?? {};
  if (reason !== "server_restart" && reason !== "command_lost") return;
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
