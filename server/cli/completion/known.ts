/** Asks a server or a definition's file for the names with which a line can be completed. Each question rejects where there is no answer, and takes a moment at most. */
import path from "node:path";
import type { DefinitionView, Summary, WorkflowState } from "../../../client/index.js";
import type { Asking } from "../../../client/live/restClient.js";
import { CURRENT } from "../../../shared/names.js";
import type { WorkflowStatus } from "../../../shared/statuses.js";
import { connect, type ServerFlags, serverFor } from "../connecting/connect.js";
import { targetOf } from "../connecting/target.js";
import type { CliContext } from "../process/context.js";
import { DEADLINE_MS } from "./deadline.js";

const MOST_IDS = 100;
const SOON = { deadlineMs: DEADLINE_MS };

export async function workflowsOn(
  flags: ServerFlags,
  status: readonly WorkflowStatus[] | undefined,
  context: CliContext,
): Promise<readonly Summary[]> {
  const { workflows } = await asked(serverFor(flags, context), flags, context, ({ rest }) =>
    rest.list({ limit: MOST_IDS, status, ...SOON }),
  );
  return workflows;
}

export async function definitionsOn(
  flags: ServerFlags,
  context: CliContext,
): Promise<readonly DefinitionView[]> {
  const { definitions } = await asked(serverFor(flags, context), flags, context, ({ rest }) =>
    rest.definitions(SOON),
  );
  return definitions;
}

/** `given` as a command takes it: an id, the address of a page, "current". */
export async function workflowOn(
  given: string,
  flags: ServerFlags,
  context: CliContext,
): Promise<WorkflowState | undefined> {
  const { url, subject } = targetOf(given, flags, context);
  const id = subject === CURRENT ? undefined : subject;
  const loaded = await asked(url, flags, context, ({ rest }) => rest.load(id, SOON));
  return loaded?.state;
}

export async function definitionIn(file: string, { cwd }: CliContext): Promise<DefinitionView> {
  const { readText } = await import("../../machine/regularFile.js");
  const { DEFINITION_BYTES, parseDefinition } = await import(
    "../../runner/definition/file/definitionFile.js"
  );
  const { viewOf } = await import("../../runner/definition/definition.js");
  return viewOf(parseDefinition(await readText(path.resolve(cwd, file), DEFINITION_BYTES), file));
}

async function asked<T>(
  url: string,
  flags: ServerFlags,
  context: CliContext,
  call: (client: Asking) => Promise<T>,
): Promise<T> {
  const client = connect(url, flags, context);
  try {
    return await call(client);
  } finally {
    client.close();
  }
}
