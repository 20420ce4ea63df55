/** `instep clear`: takes workflows away for good, but none that nobody meant. */

import type { Asking } from "../../../client/live/restClient.js";
import type { RestClient } from "../../../client/rest/rest.js";
import { SyncError } from "../../../shared/errors.js";
import { formatDuration } from "../../../shared/text/duration.js";
import { listed } from "../../../shared/text/nearest.js";
import { printable } from "../../../shared/text/printable.js";
import { SettingError } from "../../settings/settingError.js";
import { connect, type ServerFlags, serverFor } from "../connecting/connect.js";
import { workflowToName } from "../connecting/nameToOthers.js";
import { targetOf } from "../connecting/target.js";
import { commandLine } from "../printed/calledAs.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { ended } from "../refusals/sentences.js";
import { jsonLine } from "../text/jsonLine.js";
import { parseLongTime } from "../text/longTime.js";
import { type Candidate, candidateOf, endedBefore, type Manner, positionOf } from "./candidates.js";

export interface ClearFlags extends ServerFlags {
  readonly ended?: boolean;
  readonly olderThan?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Exit code 1 where something could not be cleared, 3 where somebody said no, 4 where nobody is there to be asked. */
export async function clear(
  given: readonly string[],
  flags: ClearFlags,
  context: CliContext,
): Promise<number> {
  const isAll = flags.ended === true || flags.olderThan !== undefined;
  if (isAll === given.length > 0) {
    const either = "ids of workflows, or --ended for all that have ended (--older-than for some)";
    throw new SettingError(
      isAll ? `Give either ${either}, not both` : `Nothing is named to be cleared: give ${either}`,
    );
  }
  const age = flags.olderThan === undefined ? null : parseLongTime("--older-than", flags.olderThan);
  const targets = given.map((one) => targetOf(one, flags, context));
  const url = targets[0]?.url ?? serverFor(flags, context);
  if (targets.some((target) => target.url !== url)) {
    throw new SettingError("These ids are of several servers: clear those of each by themselves");
  }
  const client = connect(url, flags, context);
  try {
    const manner: Manner = {
      isForced: flags.force === true,
      cancelLine: (id) => commandLine(context, "cancel", workflowToName(url, id, context)),
    };
    const subjects = targets.map(({ subject }) => subject);
    const candidates = await asking(url, () =>
      isAll
        ? endedBefore(
            age === null ? Number.POSITIVE_INFINITY : context.clock.now() - age,
            client.rest,
          )
        : named(subjects, manner, client),
    );
    if (candidates.length === 0) return sayNothingToClear(flags, context);
    if (flags.dryRun) return tell(candidates, flags, context);
    if (!flags.yes && !(await isMeant(candidates, context))) {
      context.stderr.write("Nothing was cleared.\n");
      return ExitCode.cancelled;
    }
    return await asking(url, () => clearAll(candidates, { flags, manner }, client.rest, context));
  } finally {
    client.close();
  }
}

/** All of them, or a refusal that says of each why not. */
async function named(
  subjects: readonly string[],
  manner: Manner,
  client: Pick<Asking, "rest" | "connection">,
): Promise<Candidate[]> {
  const candidates = new Map<string, Candidate>();
  const problems: string[] = [];
  for (const subject of new Set(subjects)) {
    const found = await candidateOf(subject, manner, client);
    if (found.ok) candidates.set(found.candidate.workflow_id, found.candidate);
    else problems.push(found.why);
  }
  if (problems.length === 0) return [...candidates.values()];
  if (candidates.size > 0) problems.push("Nothing was cleared.");
  throw new CliError(ExitCode.failed, problems.join("\n  "));
}

function sayNothingToClear({ json }: ClearFlags, { stdout }: CliContext): number {
  if (!json) stdout.write("Nothing to clear.\n");
  return ExitCode.ok;
}

function tell(candidates: readonly Candidate[], { json }: ClearFlags, context: CliContext): number {
  for (const candidate of candidates) {
    const { workflow_id, status, title } = candidate;
    const text = () => `Would clear ${described(candidate, context)}.\n`;
    context.stdout.write(json ? jsonLine({ workflow_id, status, title, cleared: false }) : text());
  }
  return ExitCode.ok;
}

const MOST_NAMED = 20;

async function isMeant(candidates: readonly Candidate[], context: CliContext): Promise<boolean> {
  const [first] = candidates;
  const what =
    first && candidates.length === 1 ? described(first, context) : `${candidates.length} workflows`;
  if (!context.input.isTTY) {
    throw new CliError(
      ExitCode.waiting,
      `Nobody is here to be asked: --yes clears ${what}, --dry-run only names what would go.`,
    );
  }
  if (candidates.length > 1) {
    const lines = candidates.slice(0, MOST_NAMED).map((one) => `  ${described(one, context)}`);
    if (candidates.length > MOST_NAMED) lines.push(`  and ${candidates.length - MOST_NAMED} more`);
    context.stderr.write(`${lines.join("\n")}\n`);
  }
  const question = `Clear ${what} for good, with all that was printed? [y/N] `;
  const said = await context.input.line(question);
  return /^y(es)?$/i.test(said?.trim() ?? "");
}

function described(
  { workflow_id, status, title, ended_at }: Candidate,
  { clock }: CliContext,
): string {
  const ago = ended_at ? `${formatDuration(clock.now() - Date.parse(ended_at))} ago` : "";
  const about = [status, ago].filter((part) => part !== "").join(" ");
  const facts = [about, printable(title ?? "", 40)].filter((part) => part).join(", ");
  return printable(`${workflow_id} (${facts})`);
}

/** One that is refused holds up no other. */
async function clearAll(
  candidates: readonly Candidate[],
  { flags: { json }, manner }: { readonly flags: ClearFlags; readonly manner: Manner },
  rest: RestClient,
  { stdout, stderr }: CliContext,
): Promise<number> {
  const left: string[] = [];
  for (const candidate of candidates) {
    const { workflow_id } = candidate;
    const why = await clearOne(candidate, manner, rest);
    if (why !== null) left.push(workflow_id);
    if (json) stdout.write(jsonLine({ workflow_id, cleared: why === null, why }));
    else if (why === null) stdout.write(`Cleared ${printable(workflow_id)}.\n`);
    else stderr.write(`Not cleared: ${ended(printable(`${workflow_id}: ${why}`, 2_000))}\n`);
  }
  if (left.length === 0) return ExitCode.ok;
  if (json) throw new CliError(ExitCode.failed, `Not cleared: ${listed(left)}.`);
  return ExitCode.failed;
}

const PATIENCE_MS = 30_000;

/** Null where it is gone; otherwise why not. */
async function clearOne(
  candidate: Candidate,
  { cancelLine }: Manner,
  rest: RestClient,
): Promise<string | null> {
  const { workflow_id, status } = candidate;
  try {
    const at = await positionOf(candidate, rest);
    if (at === null) return "it has changed meanwhile";
    await rest.clear(workflow_id, { expected: at, patienceMs: PATIENCE_MS });
    return null;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    if (error.code === "running_here")
      return `it is ${status} in the server. Cancel it first: ${cancelLine(workflow_id)}`;
    if (error.code === "unauthorized" || error.code === "forbidden") throw error;
    return error.code === "position_moved" ? "it has changed meanwhile" : error.message;
  }
}
