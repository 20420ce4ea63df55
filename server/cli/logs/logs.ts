/** `instep logs`: what the steps of a workflow printed, and what they print now. */

import type { InstepClient, WorkflowState } from "../../../client/index.js";
import type { Asking } from "../../../client/live/restClient.js";
import {
  branchesOf,
  eachStep,
  indexOfPlace,
  placeOfIndex,
  stepAtIndex,
} from "../../../shared/state/stepPlace.js";
import { isEnded } from "../../../shared/statuses.js";
import { printable } from "../../../shared/text/printable.js";
import { SettingError } from "../../settings/settingError.js";
import { connect, type ServerFlags } from "../connecting/connect.js";
import { targetOf } from "../connecting/target.js";
import { staleNote } from "../display/staleness.js";
import { stepName } from "../display/stepLine.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { meantWorkflow } from "../refusals/askingOf.js";
import { chosenStep } from "../refusals/steps.js";
import { jsonLine } from "../text/jsonLine.js";
import { hasBegun, hasOutput } from "./begun.js";
import type { FollowedSteps } from "./followLogs.js";
import { printAll, printStep, tailOf, type Wanted } from "./printAll.js";
import { createLogPrinter } from "./printers/logPrinter.js";
import type { LogPrinter } from "./printers/printer.js";
import { mayBeKept } from "./tail.js";

export interface LogsFlags extends ServerFlags {
  readonly step?: string;
  readonly attempt?: string;
  readonly follow?: boolean;
  readonly tail?: string;
  readonly timestamps?: boolean;
  readonly json?: boolean;
}

const DEADLINE_MS = 5_000;
const ERROR_CHARACTERS = 1_000;

export async function logs(given: string, flags: LogsFlags, context: CliContext): Promise<number> {
  const { url, subject } = targetOf(given, flags, context);
  const attempt = wholeNumber("--attempt", flags.attempt, 1);
  const tail = wholeNumber("--tail", flags.tail, 0);
  const client = connect(url, flags, context);
  try {
    const { state, epoch } = await asking(url, () => meantWorkflow({ subject, client }));
    const { workflow_id } = state;
    const note = staleNote(client.connection.staleSince, context.clock);
    if (note) context.stderr.write(flags.json ? jsonLine({ note }) : `${note.message}\n`);
    const step = stepIn(state, flags.step);
    const wanted = { workflow_id, epoch, state, step, attempt, tail };
    const printer = await printerFor(wanted, flags, client, context);
    const isFollowed = flags.follow ?? (context.stdout.isTTY && !isEnded(state.status));
    // A workflow that goes on may still come to that attempt, so a follower waits for it.
    if (!isFollowed || isEnded(state.status)) checkAttempt(wanted);
    const beside = besideTheOutput(flags, context);
    return await asking(url, async () => {
      const code = isFollowed
        ? await followLive(wanted, { url, flags }, printer, context)
        : await printAll(wanted, stepsWithOutput(wanted), client, { printer, beside });
      if (code === ExitCode.ok) await sayWhy(wanted, flags, client, context);
      return code;
    });
  } finally {
    client.close();
  }
}

/** Lines and their times are only worked out for who asks for them. */
async function printerFor(
  wanted: Wanted,
  { json, timestamps }: LogsFlags,
  client: Asking,
  context: CliContext,
): Promise<LogPrinter> {
  if (json) {
    const actions = new Map(eachStep(wanted.state).map(([index, { action }]) => [index, action]));
    const { createJsonPrinter } = await import("./printers/jsonPrinter.js");
    return createJsonPrinter(wanted, actions, client, context);
  }
  if (!timestamps) return createLogPrinter(wanted, client, context);
  const { createTimedPrinter } = await import("./printers/timedPrinter.js");
  return createTimedPrinter(wanted, client, context);
}

/** At the end of what a failed step printed, and beside it: why it failed. */
async function sayWhy(
  wanted: Wanted,
  { json }: LogsFlags,
  { rest }: Asking,
  { stdout, stderr }: CliContext,
) {
  const { workflow_id, epoch } = wanted;
  const now = await rest.load(workflow_id, { deadlineMs: DEADLINE_MS }).catch(() => null);
  const state = now?.epoch === epoch ? now.state : wanted.state;
  const step =
    wanted.step === undefined
      ? state.steps.findLast(({ status }) => status === "failed")
      : stepAtIndex(state, wanted.step);
  if (!step) return;
  const { attempt: own = 1, attempts = [] } = step;
  const tried = wanted.attempt ?? own;
  const one = tried === own ? step : attempts.find(({ attempt }) => attempt === tried);
  if (one?.status !== "failed" || !one.error) return;
  if (json) {
    const { index, action } = step;
    const event = { type: "step", index, action, status: one.status, attempt: tried };
    stdout.write(jsonLine({ ...event, error: one.error }));
    return;
  }
  stderr.write(`✗ ${stepName(step)} failed: ${printable(one.error, ERROR_CHARACTERS)}\n`);
}

/** Says something that no step printed. */
const besideTheOutput =
  ({ json }: LogsFlags, { stdout, stderr }: CliContext) =>
  (message: string): void => {
    if (json) stdout.write(jsonLine({ type: "note", message }));
    else stderr.write(`${message}\n`);
  };

async function followLive(
  wanted: Wanted,
  { url, flags }: { readonly url: string; readonly flags: LogsFlags },
  printer: LogPrinter,
  context: CliContext,
): Promise<number> {
  const { connectLive } = await import("../connecting/connectLive.js");
  const client = connectLive(url, flags, context);
  try {
    return await follow(wanted, flags, client, printer, context);
  } finally {
    client.close();
  }
}

async function follow(
  wanted: Wanted,
  flags: LogsFlags,
  client: InstepClient,
  printer: LogPrinter,
  context: CliContext,
): Promise<number> {
  const { workflow_id, epoch, step, attempt, tail } = wanted;
  const last = stepsWithOutput(wanted).at(-1);
  let steps: FollowedSteps = { workflow_id, epoch, step, attempt };
  const branches = last === undefined ? [] : besides(wanted, last);
  if (tail !== undefined && branches.length > 0) {
    const starts = branches.map(async (one) => [one, await tailOf(wanted, one, client)] as const);
    steps = { ...steps, starts: new Map(await Promise.all(starts)) };
  } else if (tail !== undefined && last !== undefined) {
    const printed = await printStep(wanted, last, client, printer);
    steps = { ...steps, starts: new Map([[last, printed]]) };
  } else {
    // A server that keeps no output would never say a word.
    await mayBeKept(client.rest.log(workflow_id, step ?? 0, { tail: 0, deadlineMs: DEADLINE_MS }));
  }
  const [{ followLogs }, { noteLinks }] = await Promise.all([
    import("./followLogs.js"),
    import("./linkNotes.js"),
  ]);
  const beside = besideTheOutput(flags, context);
  const following = followLogs(steps, client, printer, beside);
  const stopNotes = noteLinks({ workflow_id, step }, client, (sentence) =>
    context.stdout.isTTY && !flags.json ? printer.heading(`── ${sentence} ──`) : beside(sentence),
  );
  let stopListening = () => {};
  const stopped = new Promise<"stopped">((resolve) => {
    stopListening = context.onSignal(() => resolve("stopped"));
  });
  const end = await Promise.race([following.ended, stopped]);
  stopListening();
  stopNotes();
  following.stop();
  await printer.finish();
  if (end === "stopped") return ExitCode.interrupted;
  if (end === "cleared") beside("The workflow was cleared.");
  return ExitCode.ok;
}

function stepsWithOutput({ state, step }: Wanted): number[] {
  if (step !== undefined) return [step];
  return eachStep(state).flatMap(([index, one]) => (hasOutput(one) ? [index] : []));
}

/** The branches that have begun beside that one, with it, where all are followed at once. */
function besides({ state, step }: Wanted, index: number): number[] {
  const place = placeOfIndex(index);
  if (step !== undefined || place.branch === null) return [];
  return branchesOf(state.steps[place.step]).flatMap((one, branch) =>
    hasBegun(one) ? [indexOfPlace({ step: place.step, branch })] : [],
  );
}

const stepIn = ({ steps }: WorkflowState, typed: string | undefined): number | undefined =>
  typed === undefined ? undefined : chosenStep("--step", typed, steps);

/** Throws SettingError where no step that is asked for was tried so often. */
function checkAttempt({ state, step, attempt }: Wanted): void {
  const asked =
    step === undefined ? eachStep(state).map(([, one]) => one) : [stepAtIndex(state, step)!];
  const most = Math.max(0, ...asked.map((one) => (hasBegun(one) ? (one.attempt ?? 1) : 0)));
  if (attempt === undefined || attempt <= most) return;
  const what = step === undefined ? "each step" : stepName(asked[0]!);
  const tried = most === 0 ? "has not begun" : `was tried ${most === 1 ? "once" : `${most} times`}`;
  throw new SettingError(`--attempt ${attempt} is not there: ${what} ${tried}`);
}

function wholeNumber(flag: string, given: string | undefined, least: number): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d{1,9}$/.test(given) && Number(given) >= least) return Number(given);
  throw new SettingError(`${flag}: must be a whole number from ${least}, not "${given}"`);
}
