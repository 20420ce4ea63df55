/** `instep start` and `instep retry`: a workflow that the server runs. */
import type { Fields, SavedAnswer } from "../../client/index.js";
import type { Asking } from "../../client/restClient.js";
import { asking, connect, type ServerFlags, serverFor, workflowPage } from "./connect.js";
import type { CliContext } from "./context.js";
import { ExitCode } from "./exitCodes.js";
import { targetOf } from "./target.js";
import { type InputFlags, readInputs, stepNamed } from "./values.js";

export interface StartedFlags extends ServerFlags {
  readonly json?: boolean;
  readonly follow?: boolean;
}

export interface StartFlags extends StartedFlags, InputFlags {
  readonly skip?: readonly string[];
  readonly enable?: readonly string[];
  readonly id?: string;
}

export interface RetryFlags extends StartedFlags {
  readonly from?: string;
}

export async function start(name: string, flags: StartFlags, context: CliContext): Promise<number> {
  const url = serverFor(flags, context);
  const client = connect(url, flags, context);
  try {
    const inputs = { ...(await readInputs(await fieldsOf(name, { client, url }), flags, context)) };
    const { skip, enable, id } = flags;
    const started = await asking(url, () =>
      client.rest.run({
        kind: "start",
        name,
        inputs,
        ...(skip && { skip: [...skip] }),
        ...(enable && { enable: [...enable] }),
        ...(id !== undefined && { workflow_id: id }),
        by: `instep start (${context.hostname})`,
      }),
    );
    return await told(started, flags, url, context);
  } finally {
    client.close();
  }
}

export async function retry(
  given: string,
  flags: RetryFlags,
  context: CliContext,
): Promise<number> {
  const { url, named } = targetOf(given, flags, context);
  const client = connect(url, flags, context);
  try {
    const place = flags.from === undefined ? {} : { from: stepNamed(flags.from) };
    const started = await asking(url, () =>
      client.rest.run({
        kind: "retry",
        ...named,
        ...place,
        by: `instep retry (${context.hostname})`,
      }),
    );
    return await told(started, flags, url, context);
  } finally {
    client.close();
  }
}

interface At {
  readonly client: Asking;
  readonly url: string;
}

/** None for a definition that is not there: the server has the words for that. */
async function fieldsOf(name: string, { client, url }: At): Promise<Fields> {
  const { definitions } = await asking(url, () => client.rest.definitions());
  return definitions.find((definition) => definition.name === name)?.inputs ?? {};
}

async function told(
  { workflow_id }: SavedAnswer,
  flags: StartedFlags,
  url: string,
  context: CliContext,
): Promise<number> {
  const page = workflowPage(url, workflow_id);
  const message = `Started ${workflow_id}. Follow it at ${page}`;
  if (flags.follow) {
    const { follow } = await import("./watch.js");
    const first = { message, facts: { workflow_id, url: page } };
    return follow(workflow_id, flags, url, context, first);
  }
  context.stdout.write(
    flags.json ? `${JSON.stringify({ workflow_id, url: page })}\n` : `${message}\n`,
  );
  return ExitCode.ok;
}
