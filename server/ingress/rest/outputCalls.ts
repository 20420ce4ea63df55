/** `/workflow/state/steps/:index/log`: output appended and read over HTTP, as bytes. */
import type { Request, RequestHandler, Response } from "express";
import { SyncError, shuttingDown } from "../../../shared/errors.js";
import { CURRENT } from "../../../shared/names.js";
import { attemptOf } from "../../../shared/state/attempt.js";
import { isEnded } from "../../../shared/statuses.js";
import {
  LOG_HEADERS,
  type LogAppendedAnswer,
  type LogTimesAnswer,
  TOKEN_HEADER,
} from "../../../shared/wire/rest.js";
import { checkAttempt, isOver, newestAttempt } from "../../output/attempts.js";
import type { OutputSource } from "../../output/outputSource.js";
import type { OutputName, OutputStore } from "../../output/outputStore.js";
import type { Leases } from "../../state/leases.js";
import { checkToken } from "../../state/rules/leasing.js";
import { requireStep } from "../../state/rules/stepAddress.js";
import type { LiveRecord } from "../../state/store/record.js";
import type { KnownWorkflow, Workflows } from "../../state/workflows.js";
import { accessOf } from "../access/caller.js";
import { findWithin } from "../access/within.js";
import { FollowedOutput } from "../answer/followedOutput.js";
import type { HeldAnswers } from "../answer/heldAnswers.js";
import { OutputParts } from "../answer/outputParts.js";
import { OutputStream } from "../answer/outputStream.js";
import { sendJson } from "../answer/sendJson.js";
import { tokenIn } from "../request/conditions.js";
import { bytesIn } from "../request/outputBody.js";
import { indexIn } from "../request/stepIndex.js";
import { subjectOf } from "../request/subject.js";
import type { FarOutput } from "./farOutput.js";
import {
  type AskedAttempt,
  appendQueryOf,
  type ReadQuery,
  readQueryOf,
  timesQueryOf,
} from "./outputQuery.js";

export interface OutputCallsParts {
  readonly workflows: Workflows;
  readonly leases: Leases;
  readonly outputs: OutputStore;
  readonly held: HeldAnswers;
  readonly isDraining: () => boolean;
  /** The output that other nodes keep; missing for a server alone. */
  readonly far?: FarOutput | undefined;
}

/** Entries of one answer: some 100 KB. */
const MOST_TIMES = 4_096;

export class OutputCalls {
  readonly #parts: OutputCallsParts;
  readonly #sending: OutputParts;
  readonly #followed: FollowedOutput;

  constructor(parts: OutputCallsParts) {
    this.#parts = parts;
    this.#sending = new OutputParts(parts.outputs);
    this.#followed = new FollowedOutput(parts);
  }

  readonly append: RequestHandler = async (request, response) => {
    const { workflows, leases, outputs, isDraining, far } = this.#parts;
    if (isDraining()) throw shuttingDown();
    const step = indexIn(request);
    const query = appendQueryOf(request);
    const header = request.get(TOKEN_HEADER);
    const token = header === undefined ? undefined : tokenIn(header);
    const { record, inHistory } = this.#find(request, response, step);
    if (inHistory) throw new SyncError("already_ended", "this workflow was cleared from view");
    const attempt = query.attempt ?? attemptOf(requireStep(record.state, step));
    checkAttempt(outputs, record, step, attempt);
    const { workflow_id, epoch } = record;
    if (token !== undefined) leases.renew(workflow_id, token);
    // Checked again when its turn to be written comes: a new driver may have claimed the workflow meanwhile.
    const check = () => checkDriver(workflows.find(workflow_id)?.record, epoch, token);
    check();
    const name = { workflow_id, epoch, step, attempt };
    const home = far?.homeOf(accessOf(response), record, step, attempt) ?? null;
    if (far && home !== null)
      return far.append(home, name, query.at, bytesIn(response), request, response);
    const appended = await outputs.append(name, bytesIn(response), { at: query.at, check });
    const answer: LogAppendedAnswer = {
      success: true,
      message: "Output kept",
      workflow_id,
      step,
      attempt,
      ...appended,
    };
    sendJson(response, answer);
  };

  readonly read: RequestHandler = async (request, response) => {
    const step = indexIn(request);
    const query = readQueryOf(request);
    const { output, record } = this.#outputOf(request, response, step, query);
    const source = await this.#sourceOf(record, output, "log", request, response);
    if (!source) return;
    response.setHeader(LOG_HEADERS.attempt, output.attempt);
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    response.setHeader("Cache-Control", "no-store");
    const { from = 0, to } = query;
    const sending = source === this.#parts.outputs ? this.#sending : new OutputParts(source);
    if (to !== undefined) return sending.send(request, response, output, from, to);
    if (isPlain(query) && request.method === "GET") {
      response.setHeader("Accept-Ranges", "bytes");
      if (sending.sendRange(response, output, rangeOf(request))) return;
    }
    return this.#stream(request, response, { source, output }, query);
  };

  /** For another node, which is told that a step has ended: what it printed is durable, and where it ends. */
  readonly flush: RequestHandler = async (request, response) => {
    if (accessOf(response).node === undefined) throw new SyncError("not_found", "nothing here");
    const { outputs } = this.#parts;
    const { output } = this.#outputOf(request, response, indexIn(request), timesQueryOf(request));
    await outputs.flush(output);
    sendJson(response, { success: true, next: outputs.next(output) });
  };

  readonly times: RequestHandler = async (request, response) => {
    const query = timesQueryOf(request);
    const { output, record } = this.#outputOf(request, response, indexIn(request), query);
    const source = await this.#sourceOf(record, output, "log/times", request, response);
    if (!source) return;
    const end = source.next(output);
    const from = Math.min(query.from ?? 0, end);
    const to = Math.min(query.to ?? end, end);
    const { workflow_id, step, attempt } = output;
    const part = await source.times(output, from, to, MOST_TIMES);
    const answer: LogTimesAnswer = { success: true, workflow_id, step, attempt, from, ...part };
    sendJson(response, answer);
  };

  /** Where it is read from; null where another node has answered, which keeps that output. */
  async #sourceOf(
    record: LiveRecord,
    output: OutputName,
    call: "log" | "log/times",
    request: Request,
    response: Response,
  ): Promise<OutputSource | null> {
    const { far, held, outputs } = this.#parts;
    const home = far?.homeOf(accessOf(response), record, output.step, output.attempt) ?? null;
    if (!far || home === null) return outputs;
    const isFollowed = call === "log" && readQueryOf(request).follow === "1";
    try {
      await (isFollowed
        ? held.whileHeld(response, () => far.read(home, output, call, request, response))
        : far.read(home, output, call, request, response));
      return null;
    } catch (error) {
      // Output that may still grow is not followed in a folder: it is said that its node is away.
      const isMore = isFollowed && !isOver(outputs, record, output.step, output.attempt);
      if (isMore || response.headersSent || !isAway(error)) throw error;
      const shared = await far.shared(home, record, output);
      if (!shared) throw error;
      return shared;
    }
  }

  /** From where the query says: up to the end as it is now, or for as long as something may come. */
  async #stream(
    request: Request,
    response: Response,
    { source, output }: { readonly source: OutputSource; readonly output: OutputName },
    { from = 0, tail, follow, timestamps }: ReadQuery,
  ): Promise<void> {
    const end = source.next(output);
    const start = tail === undefined ? Math.min(from, end) : await source.tailStart(output, tail);
    response.setHeader(LOG_HEADERS.from, start);
    const stream = new OutputStream(response, source, output, start, timestamps === "1");
    if (follow === "1" && source === this.#parts.outputs)
      return this.#followed.send(request, response, output, stream);
    response.setHeader(LOG_HEADERS.next, end);
    response.setHeader(LOG_HEADERS.whole, source.hasAll(output, 0, end) ? "yes" : "no");
    if (request.method === "GET") await stream.sendUpTo(end);
    response.end();
  }

  /** The attempt that is asked for, or the newest. */
  #outputOf(request: Request, response: Response, step: number, asked: AskedAttempt) {
    const { record } = this.#find(request, response, step);
    const { workflow_id, epoch } = record;
    if (asked.epoch !== undefined && asked.epoch !== epoch)
      throw new SyncError("unknown_workflow", "another workflow has this id now");
    const attempt = asked.attempt ?? newestAttempt(this.#parts.outputs, record, step);
    return { output: { workflow_id, epoch, step, attempt }, record };
  }

  #find(request: Request, response: Response, step: number): KnownWorkflow {
    const { scope } = accessOf(response).grant;
    const found = findWithin(this.#parts.workflows, scope, subjectOf(request) ?? CURRENT);
    if (!found) throw new SyncError("unknown_workflow", "there is no such workflow");
    requireStep(found.record.state, step);
    return found;
  }
}

/** Whether the query leaves the choice of bytes to `Range`, with no line of ours among them. */
const isPlain = ({ from, tail, follow, timestamps }: ReadQuery): boolean =>
  from === undefined && tail === undefined && follow !== "1" && timestamps !== "1";

/** `If-Range` has nothing to be compared with, as output has no tag: then all of it is sent (RFC 9110, section 13.1.5). */
const rangeOf = (request: Request): string | undefined =>
  request.get("If-Range") === undefined ? request.get("Range") : undefined;

const isAway = (error: unknown): boolean =>
  error instanceof SyncError && error.code === "unavailable";

/** As for reports; an ended workflow takes the last lines of its last driver, or of one that never had a lease. */
function checkDriver(
  record: LiveRecord | undefined,
  epoch: string,
  token: number | undefined,
): void {
  if (record?.epoch !== epoch) throw new SyncError("unknown_workflow", "this workflow was cleared");
  checkToken({ open: record }, { token });
  if (isEnded(record.state.status) && token !== undefined && token !== record.fence)
    throw new SyncError("stale_driver", "another driver ended this workflow");
}
