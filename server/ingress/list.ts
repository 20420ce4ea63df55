/** `GET /workflows`: summaries, newest first, page by page. */
import * as z from "zod";
import type { ListAnswer } from "../../shared/rest.js";
import { WORKFLOW_STATUSES, type WorkflowStatus } from "../../shared/workflow.js";
import type { Scope } from "../state/scope.js";
import type { Summaries } from "../state/summaries.js";
import type { Workflows } from "../state/workflows.js";
import { parseWith } from "./strictJson.js";

const Query = z.object({
  status: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(WORKFLOW_STATUSES)))
    .optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  before: z.coerce.number().int().nonnegative().optional(),
});

/** After a disk that broke, more would say no more. */
const MOST_DAMAGED = 1000;

export interface Listed {
  readonly workflows: Workflows;
  readonly summaries: Summaries;
}

/** Throws SyncError `bad_message` for a query it does not understand. The cursor is the place in the order of starts. */
export function listWorkflows(
  { workflows, summaries }: Listed,
  query: unknown,
  scope: Scope,
): ListAnswer {
  const { status, limit, before } = parseWith(Query, query);
  const wanted: ReadonlySet<WorkflowStatus> | null = status ? new Set(status) : null;
  const found = [...workflows.all()]
    .filter(({ record }) => scope.has(record.workflow_id))
    .filter(({ record }) => before === undefined || record.order < before)
    .filter(({ record }) => !wanted || wanted.has(record.state.status))
    .sort((a, b) => b.record.order - a.record.order);
  const page = found.slice(0, limit);
  const damaged = (workflows.damages?.told(scope) ?? []).slice(0, MOST_DAMAGED);
  const last = page.at(-1);
  return {
    success: true,
    workflows: page.map(({ record, inHistory }) => summaries.of(record, inHistory, scope)),
    ...(before === undefined && damaged.length > 0 ? { damaged } : {}),
    next: found.length > page.length && last ? String(last.record.order) : null,
  };
}
