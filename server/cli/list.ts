/** `instep list`: the workflows of a server, newest first, as a table or as JSON; also those whose records cannot be read. */
import type { ListAnswer, Summary } from "../../client/index.js";
import { WORKFLOW_STATUSES, type WorkflowStatus } from "../../shared/statuses.js";
import { formatDuration } from "../duration.js";
import { nearest } from "../nearest.js";
import { printable } from "../runner/printable.js";
import { SettingError } from "../settingError.js";
import { asking, connect, type ServerFlags, serverFor } from "./connect.js";
import type { CliContext } from "./context.js";
import { ExitCode } from "./exitCodes.js";
import { spokenFlags } from "./refusals/spoken.js";
import { type Colors, colorsFor, statusPaint } from "./stepLine.js";

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
    if (flags.json) {
      for (const workflow of workflows) context.stdout.write(`${JSON.stringify(workflow)}\n`);
    } else if (workflows.length + damaged.length === 0) {
      const isFiltered = [flags.status, definition, q, input].some((given) => given !== undefined);
      context.stdout.write(isFiltered ? "No workflow fits.\n" : "No workflows.\n");
    } else {
      context.stdout.write(table(workflows, damaged, context));
    }
    for (const { workflow_id, file, why } of damaged) {
      const sentence = `The record of ${workflow_id} cannot be read: ${why} (${file})`;
      context.stderr.write(`${printable(sentence, 300)}\n`);
    }
    if (flags.json) return ExitCode.ok;
    if (next !== null) {
      const more = `Only the newest ${workflows.length}; --limit shows more (up to 1000).\n`;
      context.stderr.write(more);
    }
    return ExitCode.ok;
  } finally {
    client.close();
  }
}

type Damaged = NonNullable<ListAnswer["damaged"]>;

const HEAD = ["ID", "STATUS", "DONE", "STEP", "STARTED", "DEFINITION", "RETRY OF", "TITLE", "WHY"];
/** Not shown where nobody has anything in them. */
const RARE = new Set(["DEFINITION", "RETRY OF", "WHY"]);

/** Without the columns that nobody has anything in. */
function table(workflows: readonly Summary[], damaged: Damaged, context: CliContext): string {
  const colors = colorsFor(context);
  const now = context.clock.now();
  const all = [
    ...damaged.map(({ workflow_id }) => [workflow_id, "damaged", "-", "-", "-", "", "", "", ""]),
    ...workflows.map((workflow) => cells(workflow, now)),
  ];
  const columns = HEAD.flatMap((name, column) =>
    RARE.has(name) && all.every((row) => row[column] === "") ? [] : [column],
  );
  const rows = [HEAD, ...all].map((row) => columns.map((column) => row[column]!));
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row, index) => {
      const padded = row.map((cell, column) => cell.padEnd(widths[column]!));
      return `${painted(padded, index === 0, colors)
        .join("  ")
        .trimEnd()}\n`;
    })
    .join("");
}

const WHY_CHARACTERS = 100;

function cells(workflow: Summary, now: number): string[] {
  const { workflow_id, status, queued, title, name, step, total_steps } = workflow;
  const place = Math.min(workflow.current_step + 1, total_steps);
  return [
    workflow_id,
    queued ? "queued" : status,
    `${Math.round(workflow.done * 100)}%`,
    total_steps === 0 ? "-" : `${place}/${total_steps} ${printable(step ?? "", 30)}`.trimEnd(),
    `${formatDuration(now - Date.parse(workflow.start_time))} ago`,
    printable(workflow.definition ?? "", 30),
    workflow.retried_from ?? "",
    printable(title ?? name ?? "", 40),
    status === "failed" ? printable(workflow.error_message ?? "", WHY_CHARACTERS) : "",
  ];
}

function painted(row: string[], isHead: boolean, colors: Colors): string[] {
  if (isHead) return row.map((cell) => colors.dim(cell));
  return row.map((cell, column) => (column === 1 ? statusPaint(colors, cell.trim())(cell) : cell));
}

function statuses(given: string | undefined): WorkflowStatus[] | undefined {
  return given?.split(",").map((status) => {
    const found = WORKFLOW_STATUSES.find((known) => known === status.trim());
    if (found) return found;
    const near = nearest(status.trim(), WORKFLOW_STATUSES);
    throw new SettingError(
      `--status: must be some of ${WORKFLOW_STATUSES.join(", ")}, not "${status}"${near === null ? "" : `; did you mean ${near}?`}`,
    );
  });
}

function limit(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= 1_000) return number;
  throw new SettingError(`--limit: must be a whole number from 1 to 1000, not "${given}"`);
}
