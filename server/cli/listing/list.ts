/** `instep list`: the workflows of a server, newest first, as a table or as JSON; also those whose records cannot be read. */

import type { Asking } from "../../../client/live/restClient.js";
import { WORKFLOW_STATUSES, type WorkflowStatus } from "../../../shared/statuses.js";
import { orMeant } from "../../../shared/text/nearest.js";
import { printable } from "../../../shared/text/printable.js";
import { SettingError } from "../../settings/settingError.js";
import { connect, type ServerFlags, serverFor } from "../connecting/connect.js";
import { staleNote } from "../display/staleness.js";
import { colorsFor } from "../display/stepLine.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { spokenFlags } from "../refusals/spoken.js";
import { jsonLine } from "../text/jsonLine.js";
import { damagedRow, rowOf } from "./rows.js";
import { table } from "./table.js";

export interface ListFlags extends ServerFlags {
  readonly json?: boolean;
  readonly status?: string;
  readonly definition?: string;
  readonly search?: string;
  readonly input?: string;
  readonly limit?: string;
}

const DEADLINE_MS = 5_000;
/** By their names in the query. */
const FLAGS = {
  status: "--status",
  limit: "--limit",
  definition: "--definition",
  q: "--search",
  input: "--input",
};

export async function list(flags: ListFlags, context: CliContext): Promise<number> {
  const { definition, search: q, input } = flags;
  const options = {
    status: statuses(flags.status),
    limit: limit(flags.limit),
    definition,
    q,
    input,
  };
  const url = serverFor(flags, context);
  const client = connect(url, flags, context);
  try {
    const {
      workflows,
      damaged = [],
      next,
    } = await asking(url, () => client.rest.list({ ...options, deadlineMs: DEADLINE_MS }), {
      spoken: spokenFlags(FLAGS),
    });
    const { node, staleSince } = client.connection;
    const stale = staleNote(staleSince, context.clock);
    if (flags.json) {
      const since = stale && { stale_since: stale.stale_since };
      for (const workflow of workflows) context.stdout.write(jsonLine({ ...workflow, ...since }));
    } else if (workflows.length + damaged.length === 0) {
      const isFiltered = [flags.status, definition, q, input].some((given) => given !== undefined);
      context.stdout.write(isFiltered ? "No workflow fits.\n" : "No workflows.\n");
    } else {
      const { stdout, clock } = context;
      const now = clock.now();
      const isInCluster = node !== null;
      const rows = [
        ...damaged.map(damagedRow),
        ...workflows.map((one) => rowOf(one, now, isInCluster)),
      ];
      const columns = stdout.isTTY ? stdout.columns : null;
      stdout.write(await table(rows, columns, colorsFor(context)));
    }
    if (stale) beside(stale, flags, context);
    if (workflows.length === 0 && definition !== undefined) {
      const meant = await definitionMeant(definition, client);
      if (meant !== null) beside({ message: meant }, flags, context);
    }
    for (const { workflow_id, file, why } of damaged) {
      const message = `The record of ${workflow_id} cannot be read: ${why} (${file})`;
      beside({ message, workflow_id, file }, flags, context);
    }
    if (next !== null) {
      const message = `Only the newest ${workflows.length}; --limit shows more (up to 1000).`;
      beside({ message }, flags, context);
    }
    return ExitCode.ok;
  } finally {
    client.close();
  }
}

/** Null where there is a definition of that name, or none is near: what ran may be of one that is not there any more. */
async function definitionMeant(name: string, { rest }: Asking): Promise<string | null> {
  const known = await rest.definitions().catch(() => null);
  const names = known?.definitions.map((definition) => definition.name) ?? [];
  const meant = names.includes(name) ? "" : orMeant(name, names);
  return meant === "" ? null : `There is no definition ${name}${meant}`;
}

/** Tells of something that is no workflow but has to be known, such as a damaged file. */
function beside(
  note: { readonly message: string } & Readonly<
    Partial<Record<"workflow_id" | "file" | "stale_since", string>>
  >,
  { json }: ListFlags,
  { stderr }: CliContext,
): void {
  stderr.write(json ? jsonLine({ note }) : `${printable(note.message, 300)}\n`);
}

function statuses(given: string | undefined): WorkflowStatus[] | undefined {
  return given?.split(",").map((status) => {
    const found = WORKFLOW_STATUSES.find((known) => known === status.trim());
    if (found) return found;
    throw new SettingError(
      `--status: must be some of ${WORKFLOW_STATUSES.join(", ")}, not "${status}"${orMeant(status.trim(), WORKFLOW_STATUSES)}`,
    );
  });
}

function limit(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= 1_000) return number;
  throw new SettingError(`--limit: must be a whole number from 1 to 1000, not "${given}"`);
}
