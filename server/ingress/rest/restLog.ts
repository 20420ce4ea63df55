/** `/workflow/state/steps/:index/log`: output appended and read over HTTP, as bytes. */
import type { Request, RequestHandler, Response } from "express";
import * as z from "zod";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { CURRENT } from "../../../shared/names.js";
import type { FencingToken } from "../../../shared/schema/command.js";
import { attemptOf } from "../../../shared/state/attempt.js";
import { isEnded } from "../../../shared/statuses.js";
import {
  LOG_HEADERS,
  type LogAppendedAnswer,
  type LogTimesAnswer,
  TOKEN_HEADER,
} from "../../../shared/wire/rest.js";
import { checkAttempt, isOver, newestAttempt } from "../../output/attempts.js";
import type { OutputName, OutputStore } from "../../output/outputStore.js";
import type { Leases } from "../../state/leases.js";
import { checkToken } from "../../state/rules/reduce.js";
import { requireStep } from "../../state/rules/stepAddress.js";
import type { LiveRecord } from "../../state/store/record.js";
import type { Found, Workflows } from "../../state/workflows.js";
import { accessOf } from "../access/caller.js";
import { findWithin } from "../access/within.js";
import type { HeldAnswers } from "../answer/heldAnswers.js";
import { OutputParts } from "../answer/outputParts.js";
import { OutputStream, sendExactly } from "../answer/outputStream.js";
import { sendJson } from "../answer/sendJson.js";
import { parseWith } from "../json/strictJson.js";
import { tokenIn } from "../request/conditions.js";
import { bytesIn } from "../request/outputBody.js";
import { queryOf } from "../request/query.js";
import { rangeIn } from "../request/ranges.js";
import { subjectOf } from "../request/subject.js";

export interface LogContext {
  readonly workflows: Workflows;
  readonly leases: Leases;
  readonly outputs: OutputStore;
  readonly held: HeldAnswers;
  readonly limits: Limits;
  readonly isDraining: () => boolean;
}

const WholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, "must be a whole number")
  .transform(Number);
const Attempt = WholeNumber.refine((attempt) => attempt > 0, "must be at least 1");
const AppendQuery = z.object({ attempt: Attempt.optional(), at: WholeNumber.optional() });
const Which = { epoch: z.string().min(1).max(128).optional(), attempt: Attempt.optional() };
const ReadQuery = z
  .object({
    ...Which,
    from: WholeNumber.optional(),
    tail: WholeNumber.optional(),
    to: WholeNumber.optional(),
    follow: z.enum(["0", "1"]).optional(),
    timestamps: z.enum(["0", "1"]).optional(),
  })
  .refine(({ from, tail }) => from === undefined || tail === undefined, {
    path: ["tail"],
    message: "cannot stand beside from",
  })
  .refine(
    (read) => read.to === undefined || (read.tail ?? read.follow ?? read.timestamps) === undefined,
    {
      path: ["to"],
      message: "cannot stand beside tail, follow or timestamps",
    },
  )
  .refine(({ from = 0, to }) => to === undefined || to > from, {
    path: ["to"],
    message: "must be behind from",
  });

const TimesQuery = z.object({
  ...Which,
  from: WholeNumber.optional(),
  to: WholeNumber.optional(),
});
/** Entries of one answer: some 100 KB. */
const MOST_TIMES = 4_096;

export function logHandlers(context: LogContext): {
  append: RequestHandler;
  read: RequestHandler;
  times: RequestHandler;
} {
  const { workflows, leases, outputs, held } = context;
  const parts = new OutputParts(outputs);

  const append: RequestHandler = async (request, response) => {
    if (context.isDraining())
      throw new SyncError("shutting_down", "the server is stopping", { retryAfter: 1 });
    const index = indexIn(request);
    const query = parseWith(AppendQuery, queryOf(request));
    const token = request.get(TOKEN_HEADER);
    const given = token === undefined ? undefined : tokenIn(token);
    const { record, inHistory } = find(request, response, index);
    if (inHistory) throw new SyncError("already_ended", "this workflow was cleared from view");
    const attempt = query.attempt ?? attemptOf(requireStep(record.state, index));
    checkAttempt(outputs, record, index, attempt);
    const { workflow_id, epoch } = record;
    if (given !== undefined) leases.renew(workflow_id, given);
    const name = { workflow_id, epoch, step: index, attempt };
    // Asked again when its turn comes: a new driver may have claimed the workflow meanwhile.
    const check = () => checkDriver(workflows.find(workflow_id)?.record, epoch, given);
    check();
    const appended = await outputs.append(name, bytesIn(response), { at: query.at, check });
    const answer: LogAppendedAnswer = {
      success: true,
      message: "Output kept",
      workflow_id,
      step: index,
      attempt,
      ...appended,
    };
    sendJson(response, answer);
  };

  const read: RequestHandler = async (request, response) => {
    const step = indexIn(request);
    const query = parseWith(ReadQuery, queryOf(request));
    const { from, to, tail, follow } = query;
    const isTimed = query.timestamps === "1";
    const output = outputOf(request, response, step, query);
    response.setHeader(LOG_HEADERS.attempt, output.attempt);
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    response.setHeader("Cache-Control", "no-store");
    if (to !== undefined) return parts.send(request, response, output, from ?? 0, to);
    const isPlain = from === undefined && tail === undefined && follow !== "1" && !isTimed;
    if (isPlain && request.method === "GET" && sendRange(request, response, output)) return;

    const end = outputs.next(output);
    const start =
      tail === undefined ? Math.min(from ?? 0, end) : await outputs.tailStart(output, tail);
    response.setHeader(LOG_HEADERS.from, start);
    const stream = new OutputStream(response, outputs, output, start, isTimed);
    if (follow === "1") return followOutput(request, response, output, stream);
    response.setHeader(LOG_HEADERS.next, end);
    response.setHeader(LOG_HEADERS.whole, outputs.hasAll(output, 0, end) ? "yes" : "no");
    if (request.method === "GET") await stream.sendUpTo(end);
    response.end();
  };

  const times: RequestHandler = async (request, response) => {
    const query = parseWith(TimesQuery, queryOf(request));
    const output = outputOf(request, response, indexIn(request), query);
    const end = outputs.next(output);
    const from = Math.min(query.from ?? 0, end);
    const to = Math.min(query.to ?? end, end);
    const { workflow_id, step, attempt } = output;
    const part = await outputs.times(output, from, to, MOST_TIMES);
    const answer: LogTimesAnswer = { success: true, workflow_id, step, attempt, from, ...part };
    sendJson(response, answer);
  };

  return { append, read, times };

  /** The attempt that is asked for, or the newest. */
  function outputOf(
    request: Request,
    response: Response,
    step: number,
    asked: { readonly epoch?: string | undefined; readonly attempt?: number | undefined },
  ): OutputName {
    const { record } = find(request, response, step);
    const { workflow_id, epoch } = record;
    if (asked.epoch !== undefined && asked.epoch !== epoch)
      throw new SyncError("unknown_workflow", "another workflow has this id now");
    const attempt = asked.attempt ?? newestAttempt(outputs, record, step);
    return { workflow_id, epoch, step, attempt };
  }

  function find(request: Request, response: Response, index: number): Found {
    const { scope } = accessOf(response).grant;
    const found = findWithin(workflows, scope, subjectOf(request) ?? CURRENT);
    if (!found) throw new SyncError("unknown_workflow", "there is no such workflow");
    requireStep(found.record.state, index);
    return found;
  }

  /** True where the answer is on its way: a part, by the offsets of what was printed, without a word of ours in it. */
  function sendRange(request: Request, response: Response, output: OutputName): boolean {
    response.setHeader("Accept-Ranges", "bytes");
    const end = outputs.next(output);
    // There is nothing an If-Range could be compared with.
    const header = request.get("If-Range") === undefined ? request.get("Range") : undefined;
    const range = rangeIn(header, end);
    if (range === null) return false;
    const { from, next } = parts.kept(response, output, range);
    response.status(206);
    response.setHeader("Content-Range", `bytes ${from}-${next - 1}/${end}`);
    response.setHeader("Content-Length", next - from);
    response.setHeader(LOG_HEADERS.from, from);
    response.setHeader(LOG_HEADERS.next, next);
    void sendExactly(response, outputs, output, from, next);
    return true;
  }

  /** Until the attempt or its workflow is over. The server's own end cuts it short: it was not all. */
  async function followOutput(
    request: Request,
    response: Response,
    output: OutputName,
    stream: OutputStream,
  ): Promise<void> {
    const release = held.hold();
    const cut = () => response.destroy();
    held.closing.addEventListener("abort", cut);
    try {
      // A proxy that gathers an answer would hold it back for ever.
      response.setHeader("X-Accel-Buffering", "no");
      response.flushHeaders();
      if (request.method === "GET") await sendAll(stream, output);
      response.end();
    } finally {
      held.closing.removeEventListener("abort", cut);
      release();
    }
  }

  async function sendAll(stream: OutputStream, output: OutputName): Promise<void> {
    while (!stream.closed.aborted && !held.closing.aborted) {
      const record = workflows.find(output.workflow_id)?.record;
      if (record?.epoch !== output.epoch) return;
      const over = isOver(outputs, record, output.step, output.attempt);
      const end = outputs.next(output);
      if (stream.at < end) await stream.sendUpTo(end);
      else if (over) return;
      else await held.nextOutput(output.workflow_id, stream.closed);
    }
  }
}

/** The step that the path names. Throws SyncError `bad_message`. */
export function indexIn(request: Request): number {
  return parseWith(z.object({ index: WholeNumber }), request.params).index;
}

/** As for reports; an ended workflow takes the last lines of its last driver, or of one that never had a lease. */
function checkDriver(
  record: LiveRecord | undefined,
  epoch: string,
  token: z.infer<typeof FencingToken> | undefined,
): void {
  if (record?.epoch !== epoch) throw new SyncError("unknown_workflow", "this workflow was cleared");
  checkToken({ open: record }, { token });
  if (isEnded(record.state.status) && token !== undefined && token !== record.fence)
    throw new SyncError("stale_driver", "another driver ended this workflow");
}
