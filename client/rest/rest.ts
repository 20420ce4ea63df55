/** The REST door as typed calls. */

import { newRequestId } from "../../shared/identifiers.js";
import type { Position } from "../../shared/schema/position.js";
import type {
  StateInput,
  StateMerge,
  StepUpdate,
  WorkflowState,
} from "../../shared/schema/workflow.js";
import type { Progress } from "../../shared/state/summary.js";
import type { WorkflowStatus } from "../../shared/statuses.js";
import {
  entityTag,
  type ListAnswer,
  type SavedAnswer,
  TOKEN_HEADER,
} from "../../shared/wire/rest.js";
import { isRecord, isRevision, isSummary, isText, looksLikeState } from "../wire/frames.js";
import { NotInstep } from "../wire/noInstep.js";
import type { Answer, Call, Http } from "./http.js";
import type { Positions } from "./positions.js";
import { createLogCalls, type LogCalls } from "./restLog.js";
import { createRunCalls, type RunCalls } from "./restRuns.js";

export interface Loaded extends Position {
  readonly state: WorkflowState;
}

export interface ReadOptions {
  /** Aborted: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long the answer is waited for, in ms. @default 10,000; 8,000 as long as no Instep answered */
  readonly deadlineMs?: number | undefined;
}

export interface WriteOptions extends ReadOptions {
  /** The workflow that is meant. @default the current workflow */
  readonly workflow_id?: string | undefined;
  /** Compare-and-set: the write is refused (`position_moved`) unless the document is exactly there; "any": unless it exists. */
  readonly expected?: Position | "any" | undefined;
  /** For how long the call is made again, with the same request id, where nothing answers or the refusal may pass, in ms. @default 0 */
  readonly patienceMs?: number | undefined;
  /** The fencing token of a driver with a lease. */
  readonly token?: number | undefined;
  /** Sent as Idempotency-Key: the same id again gives the first outcome. @default made up */
  readonly requestId?: string | undefined;
}

export interface ListOptions extends ReadOptions {
  /** Only those. @default all */
  readonly status?: WorkflowStatus | readonly WorkflowStatus[] | undefined;
  /** How many a page. @default 100 */
  readonly limit?: number | undefined;
  /** The `next` of the page before, where only `status` and `limit` are given. */
  readonly before?: string | undefined;
  /** The `next` of the page before, of the same question in the same order. */
  readonly cursor?: string | undefined;
  /** Words, each of which stands somewhere in a line. */
  readonly q?: string | undefined;
  /** Started from this definition. */
  readonly definition?: string | undefined;
  /** `host=web-7`, or `host` for whatever value. */
  readonly input?: string | undefined;
  /** Started then or later, in ms. */
  readonly from?: number | undefined;
  /** Started before that, in ms. */
  readonly to?: number | undefined;
  /** `started`, `duration`, `status` or `name`, with a `-` before it for the other way round. @default the one started last first */
  readonly sort?: string | undefined;
  /** Asks for `counts` as well. @default false */
  readonly counts?: boolean | undefined;
}

/** Each call asks once, unless it is given patience: it rejects with SyncError where Instep refuses, with NoAnswerError where nothing of Instep answers. */
export interface RestClient extends LogCalls, RunCalls {
  /** The current workflow without an id; null where there is none. */
  load(workflow_id?: string, options?: ReadOptions): Promise<Loaded | null>;
  save(state: StateInput, options?: WriteOptions): Promise<SavedAnswer>;
  merge(part: StateMerge, options?: WriteOptions): Promise<SavedAnswer>;
  reportStep(index: number, update: StepUpdate, options?: WriteOptions): Promise<SavedAnswer>;
  clear(workflow_id?: string, options?: Omit<WriteOptions, "workflow_id">): Promise<void>;
  summary(workflow_id?: string, options?: ReadOptions): Promise<Progress>;
  list(options?: ListOptions): Promise<ListAnswer>;
  /** A call that has no name here. `read` makes of its answer what the server promises: null where that is not in it, which rejects with NoAnswerError. */
  ask<T>(call: Call, read: (answer: NonNullable<Answer>) => T | null): Promise<T>;
}

const STATE = "workflow/state";

export function createRest(http: Http, positions: Positions): RestClient {
  const write = async (call: Pick<Call, "method" | "path" | "body">, options: WriteOptions) => {
    const saved = await http({ ...call, ...asCall(options) }, asSaved);
    positions.learn(saved.workflow_id, saved);
    return saved;
  };

  return {
    ask: (call, read) => http(call, (answer) => read(answer ?? {}) ?? notInstep()),
    load: async (workflow_id, options) => {
      const call = { method: "GET", path: STATE, query: { workflow_id }, ...options } as const;
      const loaded = await http(call, asLoaded);
      if (loaded) positions.learn(loaded.state.workflow_id, loaded);
      else if (workflow_id !== undefined) positions.forget(workflow_id);
      return loaded;
    },
    save: (state, options = {}) => write({ method: "POST", path: STATE, body: state }, options),
    merge: (part, options = {}) => write({ method: "PATCH", path: STATE, body: part }, options),
    reportStep: (index, update, options = {}) =>
      write({ method: "PATCH", path: `${STATE}/steps/${index}`, body: update }, options),
    clear: async (workflow_id, options = {}) => {
      const call = {
        method: "DELETE",
        path: STATE,
        ...asCall({ ...options, workflow_id }),
      } as const;
      await http(call, asCleared);
      if (workflow_id !== undefined) positions.forget(workflow_id);
    },
    summary: (workflow_id, options) => {
      const path = `${STATE}/summary`;
      return http({ method: "GET", path, query: { workflow_id }, ...options }, asProgress);
    },
    list: ({ signal, deadlineMs, ...asked } = {}) => {
      const query = queryOf(asked);
      return http({ method: "GET", path: "workflows", query, signal, deadlineMs }, asList);
    },
    ...createLogCalls(http),
    ...createRunCalls({
      get: (path, read, options) => http({ method: "GET", path, ...options }, read),
      post: (path, body, options) => write({ method: "POST", path, body }, options),
      ask: (path, body, read) => http({ method: "POST", path, body }, read),
    }),
  };
}

function queryOf(asked: Omit<ListOptions, keyof ReadOptions>): Record<string, string | undefined> {
  const { status, limit, before, cursor, q, definition, input, from, to, sort, counts } = asked;
  return {
    status: status === undefined ? undefined : [status].flat().join(),
    limit: limit?.toString(),
    before,
    cursor,
    q,
    definition,
    input,
    from: timeText(from),
    to: timeText(to),
    sort,
    counts: counts ? "1" : undefined,
  };
}

const timeText = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

/** The answer of `GET /workflow/state`; throws where that is not what the protocol promises. */
export function asLoaded(answer: Answer): Loaded | null {
  if (answer?.state === null) return null;
  const { state, epoch, revision } = answer ?? {};
  if (!looksLikeState(state) || !isText(epoch) || !isRevision(revision)) throw new NotInstep();
  return { state, epoch, revision };
}

function notInstep(): never {
  throw new NotInstep();
}

function asSaved(answer: Answer): SavedAnswer {
  const { workflow_id, epoch, revision } = answer ?? {};
  if (!isText(workflow_id) || !isText(epoch) || !isRevision(revision)) throw new NotInstep();
  return answer as unknown as SavedAnswer;
}

function asCleared(answer: Answer): void {
  if (answer?.success !== true) throw new NotInstep();
}

function asProgress(answer: Answer): Progress {
  if (!isRecord(answer?.summary)) throw new NotInstep();
  return answer.summary as unknown as Progress;
}

function asList(answer: Answer): ListAnswer {
  const { workflows, next } = answer ?? {};
  if (!Array.isArray(workflows) || !workflows.every(isSummary)) throw new NotInstep();
  if (next !== null && !isText(next)) throw new NotInstep();
  return answer as unknown as ListAnswer;
}

function asCall(options: WriteOptions): Omit<Call, "method" | "path"> {
  const { workflow_id, expected, token, requestId = newRequestId(), ...rest } = options;
  return {
    query: { workflow_id },
    headers: {
      "Idempotency-Key": requestId,
      "If-Match":
        expected === "any" ? "*" : expected && entityTag(expected.epoch, expected.revision),
      [TOKEN_HEADER]: token?.toString(),
    },
    signal: rest.signal,
    deadlineMs: rest.deadlineMs,
    patienceMs: rest.patienceMs,
  };
}
