/** `instep share`: links that show one workflow, made, listed and taken back. */
import type { AskingMore } from "../../../client/live/restClient.js";
import { makeShare, revokeShare, sharesOf } from "../../../client/rest/restShares.js";
import { CURRENT } from "../../../shared/names.js";
import { printable } from "../../../shared/text/printable.js";
import type { ShareView } from "../../../shared/wire/rest.js";
import { withoutSlash } from "../../settings/defaultServer.js";
import { SettingError } from "../../settings/settingError.js";
import { connect, type ServerFlags } from "../connecting/connect.js";
import { serverOrTarget } from "../connecting/target.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { meantWorkflow } from "../refusals/askingOf.js";
import { jsonLine } from "../text/jsonLine.js";
import { parseLongTime } from "../text/longTime.js";

export interface ShareFlags extends ServerFlags {
  readonly for?: string;
  readonly list?: boolean;
  readonly revoke?: string;
  readonly json?: boolean;
}

/** The link goes to stdout, all that is said about it to stderr. */
export async function share(
  given: string | undefined,
  flags: ShareFlags,
  context: CliContext,
): Promise<number> {
  const ways = [flags.for !== undefined, flags.list === true, flags.revoke !== undefined];
  if (ways.filter(Boolean).length > 1)
    throw new SettingError("Give one of --for, --list and --revoke");
  if (given !== undefined && flags.revoke !== undefined)
    throw new SettingError("--revoke names a link: no workflow is named beside it");
  if (given === undefined && !flags.list && flags.revoke === undefined)
    throw new SettingError(
      'Nothing is named to be shared: give the id of a workflow, or "current"',
    );
  const forMs = flags.for === undefined ? undefined : parseLongTime("--for", flags.for);
  const { url, subject } = serverOrTarget(given, flags, context);
  const client = connect(url, flags, context);
  try {
    if (flags.revoke !== undefined) return await revoke(url, flags, client, context);
    if (flags.list) return await list(url, subject, flags, client, context);
    return await make(url, subject ?? CURRENT, forMs, flags, client, context);
  } finally {
    client.close();
  }
}

async function make(
  url: string,
  subject: string,
  forMs: number | undefined,
  { json }: ShareFlags,
  client: AskingMore,
  { stdout, stderr }: CliContext,
): Promise<number> {
  const made = await asking(url, async () => {
    const { state } = await meantWorkflow({ subject, client });
    return makeShare(client.rest, state.workflow_id, forMs);
  });
  const link = `${withoutSlash(url)}/${made.path}`;
  if (json) stdout.write(jsonLine({ ...made.share, link }));
  else {
    stdout.write(`${link}\n`);
    stderr.write(
      `Link ${made.share.number} shows ${made.share.workflow_id} until ${made.share.ends_at}, to whoever has it.\n`,
    );
  }
  return ExitCode.ok;
}

async function list(
  url: string,
  subject: string | null,
  { json }: ShareFlags,
  client: AskingMore,
  { stdout }: CliContext,
): Promise<number> {
  const shares = await asking(url, async () => {
    const loaded = subject === CURRENT ? await client.rest.load() : null;
    const workflow_id = loaded?.state.workflow_id ?? subject ?? undefined;
    return sharesOf(client.rest, workflow_id);
  });
  if (json) for (const one of shares) stdout.write(jsonLine({ ...one }));
  else if (shares.length === 0) stdout.write("No links.\n");
  else for (const one of shares) stdout.write(`${lineOf(one)}\n`);
  return ExitCode.ok;
}

async function revoke(
  url: string,
  { revoke: named = "", json }: ShareFlags,
  client: AskingMore,
  { stdout }: CliContext,
): Promise<number> {
  const share = await asking(url, () => revokeShare(client.rest, tokenIn(named)));
  if (json) stdout.write(jsonLine({ ...share, revoked: true }));
  else stdout.write(`Link ${share.number} of ${share.workflow_id} shows nothing any more.\n`);
  return ExitCode.ok;
}

/** A number, a token, or the whole link. */
function tokenIn(named: string): string {
  const at = named.indexOf("#t=");
  return at === -1 ? named.trim() : named.slice(at + 3).trim();
}

const lineOf = ({ number, workflow_id, ends_at, by }: ShareView): string =>
  `${number}  ${workflow_id}  until ${ends_at}${by === undefined ? "" : `  by ${printable(by, 60)}`}`;
