/** Recovers after a crash: workflows of the server's last life are shown as interrupted, and processes it left running are ended. */
import { SyncError } from "../../shared/errors.js";
import { isEnded } from "../../shared/statuses.js";
import type { Log } from "../log/log.js";
import { asBeforeLoss } from "../state/rules/nodeLoss.js";
import type { ServerCommand } from "../state/rules/serverCommands.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../state/store/record.js";
import { canGoOn, type GoingOnOptions, goesOnAfterLoss, goOn, whyNoSecrets } from "./goingOn.js";
import type { KeeperFolder } from "./keeper/keeperFolder.js";
import type { Keepers } from "./kept/keepers.js";
import type { Leftovers } from "./kept/leftovers.js";
import { AllLeftRunning, type LeftRunning } from "./leftRunning.js";
import { isFor } from "./lost/whose.js";
import { listed } from "./process/endingTeller.js";
import type { ProcessTools } from "./process/processGroup.js";
import { stillRunning } from "./process/whyFailed.js";
import { commandsOf, type LeftCommand, lookAtLeft, marksOf, takeUpAll } from "./takingUp.js";

export interface RecoveryOptions extends GoingOnOptions {
  readonly leftovers: Pick<Leftovers, "found" | "names" | "end" | "forget">;
  readonly keepers: Pick<
    Keepers,
    "found" | "standing" | "takeUp" | "handOver" | "discard" | "seenUntil"
  >;
  readonly tools: ProcessTools;
  readonly log: Pick<Log, "warn" | "error">;
}

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
  const { node } = options.crews.lease;
  const ours = [...store.open.values()]
    .filter(isLive)
    .filter((record) => record.run !== undefined && isFor(record, node));
  const goingOn = await Promise.all(ours.map((record) => takeUp(record, options, left, running)));
  const others = left.filter(({ folder }) => !goingOn.some((all) => all.includes(folder)));
  await running.addKept(others, keepers, tools);
  for (const [at, record] of ours.entries()) {
    const before = goingOn[at]?.length === 0 ? asLeft(record, node) : null;
    if (before) running.addMarked(record.workflow_id, marksOf(before), tools);
  }

  const ending = new Map<string, Promise<void>>();
  for (const workflow_id of new Set([
    ...running.workflows,
    ...ours.map((one) => one.workflow_id),
  ])) {
    const own = running.of(workflow_id);
    const ended = clearUp(workflow_id, own, options).catch((error: unknown) => {
      if (error instanceof SyncError && wentOnElsewhere(workflow_id, options)) return;
      options.log.error(
        { err: error, workflow_id },
        "what was left running could not be dealt with",
      );
    });
    if (own.length > 0) ending.set(workflow_id, ended);
  }
  return ending;
}

/** The record as the server left it that had it; null where that was none of ours. */
function asLeft(record: LiveRecord, node: string | undefined): LiveRecord | null {
  if (record.lease?.boot_id !== undefined) return isEnded(record.state.status) ? null : record;
  return node === undefined ? null : asBeforeLoss(record, node);
}

/** Takes the workflow up where all of it goes on, or shows it as interrupted. Resolves with the folders of the commands that go on. */
async function takeUp(
  known: LiveRecord,
  options: RecoveryOptions,
  left: readonly LeftCommand[],
  running: AllLeftRunning,
): Promise<readonly KeeperFolder[]> {
  const { workflows, crews, keepers, secretEnv } = options;
  const { lease } = crews;
  const record = asLeft(known, lease.node);
  if (record === null) return [];
  const { workflow_id, state } = record;
  const { definition } = crews.recipeOf(record) ?? {};
  const mayGoOn =
    running.of(workflow_id).length === 0 &&
    canGoOn(record, crews) &&
    (await whyNoSecrets(record, crews, secretEnv)) === null;
  // While it asked, nothing ran: the question outlives the server.
  const isAsking = state.status === "blocked" && state.block_info?.id !== undefined;
  const own = commandsOf(record, left);
  const taken =
    mayGoOn && definition && state.status === "running"
      ? await takeUpAll(record, definition, own, keepers)
      : null;
  const isStillIts = (now: WorkflowRecord) => now.lease?.token === known.lease?.token;
  if (taken === null && !(mayGoOn && isAsking)) {
    const isCutOff = own.some(({ standing }) => standing === "cut off");
    const command = isCutOff ? cutOff(record, crews) : INTERRUPT;
    if (known.lease) await workflows.say(workflow_id, command, isStillIts);
    return [];
  }
  if (known.lease) await workflows.say(workflow_id, { kind: "take", lease }, isStillIts);
  else await workflows.say(workflow_id, { kind: "regain", lease, fence: known.fence });
  // Of several servers another one may have been quicker.
  if (lease.node !== undefined && !isOurs(workflow_id, options)) return [];
  for (const one of taken ?? []) keepers.handOver(one);
  return (taken ?? []).map(({ folder }) => folder);
}

const INTERRUPT: ServerCommand = { kind: "interrupt", reason: "server_restart" };

/** A command of it was ended by its guard, before anybody took this node for lost. */
function cutOff(record: LiveRecord, crews: RecoveryOptions["crews"]): ServerCommand {
  const { node } = crews.lease;
  if (node === undefined) return INTERRUPT;
  const goesOn = goesOnAfterLoss(record, crews, record.state.last_update);
  const lost = { node, since: null, isEnded: true, ...(goesOn && { goesOn }) };
  return { kind: "interrupt", reason: "node_lost", lost };
}

const isOurs = (workflow_id: string, { store, crews }: RecoveryOptions): boolean =>
  store.open.get(workflow_id)?.lease?.boot_id === crews.lease.boot_id;

/** Of several servers another one was quicker, as where no node was ever named for it. */
function wentOnElsewhere(workflow_id: string, { store, crews }: RecoveryOptions): boolean {
  const { node } = crews.lease;
  const record = store.open.get(workflow_id);
  if (node === undefined) return false;
  return !isLive(record) || record.state.status !== "interrupted" || !isFor(record, node);
}

async function clearUp(
  workflow_id: string,
  left: readonly LeftRunning[],
  options: RecoveryOptions,
): Promise<void> {
  const { workflows, log, store, crews } = options;
  const record = store.open.get(workflow_id);
  if (record && !isFor(record, crews.lease.node)) {
    // It goes on, or waits, on another node: of what it left here nobody there wants to hear.
    await Promise.all(left.map((one) => one.end()));
    return;
  }
  await tellNothingLeft(record, left, options);
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

/** It was said that its command may still run on this node. */
async function tellNothingLeft(
  record: WorkflowRecord | undefined,
  left: readonly LeftRunning[],
  { workflows, crews }: RecoveryOptions,
): Promise<void> {
  const { reason, processes } = record?.state?.interruption ?? {};
  if (left.length > 0 || reason !== "node_lost" || processes !== "may_be_running") return;
  const note = `Node ${crews.lease.node} is back; nothing of it runs there any more.`;
  await workflows.say(record!.workflow_id, { kind: "processes", left: "ended", note });
}
