/** `instep open`: the page of a workflow, or of the server, in the browser of whoever sits here. */

import type { Asking } from "../../../client/live/restClient.js";
import { printable } from "../../../shared/text/printable.js";
import { withoutSlash } from "../../settings/defaultServer.js";
import { connect, type ServerFlags, workflowPage } from "../connecting/connect.js";
import { serverOrTarget } from "../connecting/target.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { noSuchWorkflow } from "../refusals/askingOf.js";
import { jsonLine } from "../text/jsonLine.js";
import { type Machine, openBy, openersFor, thisMachine } from "./browser.js";

export interface OpenFlags extends ServerFlags {
  readonly browser?: boolean;
  readonly json?: boolean;
}

const DEADLINE_MS = 5_000;

/** The address goes to stdout whatever becomes of it. Exit code 1 where a browser was meant to open it and did not. */
export async function open(
  given: string | undefined,
  flags: OpenFlags,
  context: CliContext,
  machine: Machine = thisMachine(context.env),
): Promise<number> {
  const address = await addressOf(given, flags, context);
  const { opened, why } = await opening(address, flags, context, machine);
  if (flags.json) {
    context.stdout.write(jsonLine({ url: address, opened: opened === "yes", why }));
  } else {
    context.stdout.write(`${address}\n`);
    if (why !== undefined) context.stderr.write(`Not opened: ${printable(why)}.\n`);
  }
  if (opened === "failed" && flags.json) throw new CliError(ExitCode.failed, `Not opened: ${why}.`);
  return opened === "failed" ? ExitCode.failed : ExitCode.ok;
}

interface Opening {
  readonly opened: "yes" | "not wanted" | "failed";
  readonly why?: string;
}

async function opening(
  address: string,
  { browser }: OpenFlags,
  { clock }: CliContext,
  machine: Machine,
): Promise<Opening> {
  if (browser === false) return { opened: "not wanted" };
  const openers = openersFor(address, machine);
  if (openers.kind === "nowhere") return { opened: "not wanted", why: openers.why };
  const why = await openBy(openers.argvs, clock);
  return why === null ? { opened: "yes" } : { opened: "failed", why };
}

async function addressOf(
  given: string | undefined,
  flags: OpenFlags,
  context: CliContext,
): Promise<string> {
  const { url, subject } = serverOrTarget(given, flags, context);
  const client = connect(url, flags, context);
  try {
    if (subject === null) {
      await asking(url, () => client.rest.list({ limit: 1, deadlineMs: DEADLINE_MS }));
      return `${withoutSlash(url)}/`;
    }
    return workflowPage(url, await asking(url, () => idOf(subject, client)));
  } finally {
    client.close();
  }
}

/** A page for what is not there would be no help; one whose record is damaged has a page that says so. */
async function idOf(subject: string, client: Asking): Promise<string> {
  const id = subject === "current" ? undefined : subject;
  const loaded = await client.rest.load(id, { deadlineMs: DEADLINE_MS });
  if (loaded) return loaded.state.workflow_id;
  if (id === undefined) throw await noSuchWorkflow({ subject, client });
  const { damaged = [] } = await client.rest.list({ limit: 1, deadlineMs: DEADLINE_MS });
  if (damaged.some(({ workflow_id }) => workflow_id === id)) return id;
  throw await noSuchWorkflow({ subject, client });
}
