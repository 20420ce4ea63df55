/** The REST door: the seed's calls word for word, and what grew around them. Knows HTTP, not the rules. */
import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import * as z from "zod";
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { CURRENT, LIVE_PATH, SUBPROTOCOL } from "../../../shared/names.js";
import { Command } from "../../../shared/schema/command.js";
import { WorkflowId } from "../../../shared/schema/workflow.js";
import { progressOf } from "../../../shared/state/summary.js";
import {
  type ClearedAnswer,
  DAMAGED_TAG,
  type DamagedWorkflow,
  type SavedAnswer,
  type StateAnswer,
  type SummaryAnswer,
} from "../../../shared/wire/rest.js";
import { STORAGE_HEADER } from "../../../shared/wire/storage.js";
import { stateText } from "../../egress/frames.js";
import type { StorageHealth } from "../../machine/storageHealth.js";
import type { OutputStore } from "../../output/outputStore.js";
import type { Runner } from "../../runner/runner.js";
import type { Leases } from "../../state/leases.js";
import type { PastRuns } from "../../state/pastRuns.js";
import type { Outcome } from "../../state/rules/outcome.js";
import { EVERYTHING } from "../../state/scope.js";
import type { Summaries } from "../../state/summaries.js";
import { toldDamageOf, toldDamages } from "../../state/toldDamages.js";
import type { Found, Workflows } from "../../state/workflows.js";
import { type Access, type Gate, mayDrive } from "../access/access.js";
import { accessOf, driversOnly, watchersOnly } from "../access/caller.js";
import { checkCommand, findWithin } from "../access/within.js";
import { goneOf } from "../answer/gone.js";
import type { HeldAnswers } from "../answer/heldAnswers.js";
import { sendJson, sendText } from "../answer/sendJson.js";
import { parseWith } from "../json/strictJson.js";
import type { RateLimiter } from "../pace/rateLimit.js";
import type { Turns } from "../pace/turns.js";
import { bodyBytes, jsonBody } from "../request/body.js";
import { matchesNone, tagOf, waitIn, writeConditions } from "../request/conditions.js";
import { outputBody } from "../request/outputBody.js";
import { noMisspeltId, onlyQuery, queryOf } from "../request/query.js";
import type { Receive } from "../request/receive.js";
import { named, namedBeside, subjectOf } from "../request/subject.js";
import { listHandler } from "./list.js";
import { paced } from "./paced.js";
import { recipeSchemaHandler } from "./recipeSchema.js";
import { resource } from "./resource.js";
import { indexIn, logHandlers } from "./restLog.js";
import { runHandlers } from "./restRuns.js";

export interface RestContext {
  readonly workflows: Workflows;
  readonly past: PastRuns;
  readonly summaries: Summaries;
  readonly receive: Receive;
  readonly runner: Runner;
  readonly leases: Leases;
  readonly outputs: OutputStore;
  readonly gate: Gate;
  readonly held: HeldAnswers;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly storage: Pick<StorageHealth, "reason">;
  readonly rates: RateLimiter;
  readonly turns: Turns;
  readonly isDraining: () => boolean;
}

/** The same of a DELETE: an id that somebody says there must not be overlooked. */
const ClearBody = z.strictObject({ workflow_id: WorkflowId.optional() });

export function restRouter(context: RestContext): Router {
  const { workflows, held, limits, clock, rates } = context;
  const router = express.Router();

  const mayWatch = watchersOnly(context.gate);
  const naming = onlyQuery("workflow_id");
  const writes = paced(rates, "writes");
  const output = paced(rates, "output");
  const writing = [mayWatch, driversOnly, writes.take, naming, ...jsonBody(limits), writes.charge];
  const appending = [
    mayWatch,
    driversOnly,
    output.take,
    onlyQuery("workflow_id", "attempt", "at"),
    ...outputBody(limits),
  ];
  const log = logHandlers(context);

  const receiveCommand = (request: Request, response: Response, given: unknown, under?: string) => {
    const command = parseWith(Command, given, under);
    checkCommand(accessOf(response).grant.scope, command);
    return context.receive({
      command,
      bytes: bodyBytes(response),
      ...writeConditions(request),
    });
  };

  const getState: RequestHandler = async (request, response) => {
    const subject = subjectOf(request) ?? CURRENT;
    const wait = waitIn(queryOf(request).wait, limits.longestWaitMs);
    const known = request.get("If-None-Match");
    const found = await whenMoved(subject, known, wait, response);
    response.setHeader("ETag", tagFor(subject, found, response));
    response.setHeader("Cache-Control", "no-store");
    if (matchesNone(known, tagFor(subject, found, response))) response.status(304).end();
    else if (found) sendText(response, stateAnswer(found, accessOf(response)));
    else sendJson(response, nothingAnswer(damageOf(subject, response)));
  };

  const damageOf = (subject: string, response: Response): DamagedWorkflow | null =>
    toldDamageOf(workflows.damages, subject, accessOf(response).grant.scope);

  const saveState: RequestHandler = async (request, response) => {
    const state = required(request.body, "a workflow state");
    const command = { kind: "save", state, ...named(request) };
    sendJson(response, saved(await receiveCommand(request, response, command, "state")));
  };

  const mergeState: RequestHandler = async (request, response) => {
    const state = required(request.body, "a part of a workflow state");
    const command = { kind: "save", merge: true, state, ...named(request) };
    sendJson(response, saved(await receiveCommand(request, response, command, "state")));
  };

  const clearState: RequestHandler = async (request, response) => {
    const body = parseWith(ClearBody, request.body === undefined ? {} : request.body);
    const command = { kind: "clear", ...body, ...namedBeside(request, body) };
    await receiveCommand(request, response, command);
    sendJson(response, cleared);
  };

  const reportStep: RequestHandler = async (request, response) => {
    const update = required(request.body, "a part of a step");
    const index = indexIn(request);
    const command = { kind: "step", index, update, ...named(request) };
    sendJson(response, saved(await receiveCommand(request, response, command, "update")));
  };

  const getSummary: RequestHandler = (request, response) => {
    const { scope } = accessOf(response).grant;
    const found = findWithin(workflows, scope, subjectOf(request) ?? CURRENT);
    const answer: SummaryAnswer = {
      success: true,
      summary: progressOf(found?.record.state ?? null),
    };
    sendJson(response, answer);
  };

  const getHealth: RequestHandler = (_request, response) => sendJson(response, { status: "ok" });
  const getReadiness: RequestHandler = (_request, response) => {
    const readiness = readinessOf(context);
    sendJson(response.status(readiness.status === "ready" ? 200 : 503), readiness);
  };

  router.use((_request, response, next) => {
    const { reason } = context.storage;
    if (reason !== null) response.setHeader(STORAGE_HEADER, reason);
    next();
  });
  resource(router, "/workflow/state", [mayWatch], {
    GET: [noMisspeltId, getState],
    POST: [...writing, saveState],
    PATCH: [...writing, mergeState],
    DELETE: [...writing, clearState],
  });
  resource(router, "/workflow/state/summary", [mayWatch], { GET: [noMisspeltId, getSummary] });
  resource(router, "/workflow/state/steps/:index", [mayWatch], { PATCH: [...writing, reportStep] });
  resource(router, "/workflow/state/steps/:index/log", [mayWatch], {
    GET: [noMisspeltId, log.read],
    POST: [...appending, log.append],
  });
  resource(router, "/workflow/state/steps/:index/log/times", [mayWatch], {
    GET: [noMisspeltId, log.times],
  });
  resource(router, "/workflow/clear", [mayWatch], { POST: [...writing, clearState] });
  const runs = runHandlers({ ...context, receiveCommand });
  resource(router, "/workflow/definitions", [mayWatch], { GET: [runs.definitions] });
  resource(router, "/workflow/definitions/schema.json", [], {
    GET: [recipeSchemaHandler(context)],
  });
  resource(router, "/workflow/start", [mayWatch], { POST: [...writing, runs.start] });
  resource(router, "/workflow/stop", [mayWatch], { POST: [...writing, runs.stop] });
  resource(router, "/workflow/resume", [mayWatch], { POST: [...writing, runs.resume] });
  resource(router, "/workflow/retry", [mayWatch], { POST: [...writing, runs.retry] });
  resource(router, "/workflow/restore", [mayWatch], { POST: [...writing, runs.restore] });
  resource(router, "/workflows", [mayWatch], { GET: [listHandler(context)] });
  resource(router, LIVE_PATH, [mayWatch], { GET: [upgradeRequired] });
  // A probe knows the machine by whatever name it likes, and learns nothing here.
  resource(router, "/healthz", [], { GET: [getHealth] });
  resource(router, "/readyz", [], { GET: [getReadiness] });
  return router;

  function tagFor(subject: string, found: Found | null, response: Response): string {
    return found === null && damageOf(subject, response) ? DAMAGED_TAG : tagOf(found);
  }

  /** The document once it is no longer what the caller knows, or when the time is over. */
  async function whenMoved(
    subject: string,
    known: string | undefined,
    wait: number,
    response: Response,
  ): Promise<Found | null> {
    const gone = goneOf(response);
    const until = clock.elapsed() + wait;
    for (;;) {
      const found = findWithin(workflows, accessOf(response).grant.scope, subject);
      const left = until - clock.elapsed();
      if (left <= 0 || gone.aborted || context.isDraining()) return found;
      if (!matchesNone(known, tagFor(subject, found, response))) return found;
      await held.next(subject, left, gone);
    }
  }
}

function readinessOf({ isDraining, storage, workflows }: RestContext) {
  if (isDraining()) return { status: "draining" };
  const damaged = toldDamages(workflows.damages, EVERYTHING).length;
  return storage.reason === null
    ? { status: "ready", ...(damaged > 0 ? { damaged } : {}) }
    : { status: "failing", reason: storage.reason };
}

/** Here without an upgrade. */
const upgradeRequired: RequestHandler = () => {
  throw new SyncError("upgrade_required", `this is a WebSocket address (${SUBPROTOCOL})`);
};

const cleared: ClearedAnswer = { success: true, message: "Workflow state cleared" };

const saved = ({ workflow_id, epoch, revision }: Outcome): SavedAnswer => ({
  success: true,
  message: "Workflow state saved",
  workflow_id: workflow_id ?? "",
  epoch: epoch ?? "",
  revision: revision ?? 0,
});

function nothingAnswer(damaged: DamagedWorkflow | null): StateAnswer {
  const nothing = { success: true, active: false, state: null } as const;
  return damaged ? { ...nothing, damaged } : nothing;
}

/** The state is text already: serialized once for each revision, whoever reads it. */
function stateAnswer(found: Found, access: Access): string {
  const { state, epoch, revision } = found.record;
  const text = stateText(mayDrive(access) ? "drive" : "watch", state);
  const active = state.status === "running";
  return `{"success":true,"active":${active},"state":${text},"epoch":${JSON.stringify(epoch)},"revision":${revision}}`;
}

function required(body: unknown, what: string): unknown {
  const empty = typeof body === "object" && body !== null && Object.keys(body).length === 0;
  if (body === undefined || empty) {
    throw new SyncError("bad_message", `${what} is required`, {
      errors: [{ path: "", message: "is required and must not be empty" }],
    });
  }
  return body;
}
