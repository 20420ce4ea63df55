/** Finds the workflows that `instep clear` means, or says why one of them cannot be cleared. */
import type { Asking } from "../../../client/live/restClient.js";
import type { RestClient } from "../../../client/rest/rest.js";
import { CURRENT } from "../../../shared/names.js";
import type { Position } from "../../../shared/schema/position.js";
import type { Summary } from "../../../shared/state/summary.js";
import type { WorkflowStatus } from "../../../shared/statuses.js";
import { isEnded } from "../../../shared/statuses.js";
import { noSuchWorkflow } from "../refusals/askingOf.js";

export interface Candidate {
  readonly workflow_id: string;
  readonly status: WorkflowStatus | "damaged";
  readonly title: string | null;
  /** Missing where it has not ended, or nobody can read when. */
  readonly ended_at?: string | null | undefined;
  /** Only the workflow of this epoch is meant: another one may have its id by the time somebody has said yes. */
  readonly epoch?: string;
  readonly revision?: number;
}

export type CandidateOrWhy =
  | { readonly ok: true; readonly candidate: Candidate }
  | { readonly ok: false; readonly why: string };

export interface Manner {
  readonly isForced: boolean;
  /** The command that ends one. */
  cancelLine(workflow_id: string): string;
}

const DEADLINE_MS = 5_000;
const MOST_A_PAGE = 1_000;

/** The one of an id, or of "current". One that has not ended is taken only by force. */
export async function candidateOf(
  subject: string,
  { isForced, cancelLine }: Manner,
  client: Pick<Asking, "rest" | "connection">,
): Promise<CandidateOrWhy> {
  const { rest } = client;
  const id = subject === CURRENT ? undefined : subject;
  const loaded = await rest.load(id, { deadlineMs: DEADLINE_MS });
  if (!loaded)
    return id === undefined ? { ok: false, why: "Nothing is running." } : damaged(id, client);
  const { state, epoch, revision } = loaded;
  const { workflow_id, status, title, name, end_time } = state;
  if (!isEnded(status) && !isForced) {
    const how = cancelLine(workflow_id);
    return {
      ok: false,
      why: `${workflow_id} has not ended: it is ${status}. Cancel it first: ${how}`,
    };
  }
  const candidate = { workflow_id, status, title: title ?? name ?? null, ended_at: end_time };
  return { ok: true, candidate: { ...candidate, epoch, revision } };
}

async function damaged(
  id: string,
  client: Pick<Asking, "rest" | "connection">,
): Promise<CandidateOrWhy> {
  const { damaged = [] } = await client.rest.list({ limit: 1, deadlineMs: DEADLINE_MS });
  if (!damaged.some(({ workflow_id }) => workflow_id === id)) {
    const { message } = await noSuchWorkflow({ subject: id, client });
    return { ok: false, why: message };
  }
  return { ok: true, candidate: { workflow_id: id, status: "damaged", title: null } };
}

/** All that ended before then, in ms since the epoch; newest first. */
export async function endedBefore(then: number, rest: RestClient): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const workflow of (await allOf(rest)).values()) {
    const { workflow_id, status, title, name, end_time, last_update, epoch } = workflow;
    const ended_at = end_time ?? last_update;
    if (!isEnded(status) || Date.parse(ended_at) > then) continue;
    found.push({ workflow_id, status, title: title ?? name, ended_at, epoch });
  }
  return found;
}

/** By id: where one in the history has the id of one that is in view, the id means the latter. */
async function allOf(rest: RestClient): Promise<ReadonlyMap<string, Summary>> {
  const all = new Map<string, Summary>();
  let cursor: string | undefined;
  do {
    const page = await rest.list({ limit: MOST_A_PAGE, deadlineMs: DEADLINE_MS, cursor });
    for (const workflow of page.workflows) {
      if (!workflow.in_history || !all.has(workflow.workflow_id)) {
        all.set(workflow.workflow_id, workflow);
      }
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** Where exactly a candidate is now; null where it is gone, or something else has its id. A damaged one is nowhere exactly: undefined. */
export async function positionOf(
  candidate: Candidate,
  rest: RestClient,
): Promise<Position | null | undefined> {
  const { workflow_id, status, epoch, revision } = candidate;
  if (epoch !== undefined && revision !== undefined) return { epoch, revision };
  const loaded = await rest.load(workflow_id, { deadlineMs: DEADLINE_MS });
  if (status === "damaged") return loaded ? null : undefined;
  return loaded && loaded.epoch === epoch ? { epoch, revision: loaded.revision } : null;
}
