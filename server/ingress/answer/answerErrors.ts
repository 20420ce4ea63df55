/** The last handler of a request that failed: the caller hears the refusal, the log hears of a bug of ours. */
import type { ErrorRequestHandler, Request, Response } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import type { Log } from "../../log/log.js";
import type { Metrics } from "../../metrics/metrics.js";
import { bodyError } from "../request/body.js";
import { requestIdOf } from "../request/requestId.js";
import { sendProblem } from "./problem.js";
import { refusalOf } from "./refusalOf.js";

export function answerErrors(
  limits: Limits,
  log: Log,
  metrics: Metrics | null = null,
): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const known = asRefusal(error, limits) ?? error;
    const details = detailsOf(request, response);
    const refusal = refusalOf(known, log, "a request failed in a way it should not", details);
    const { code, message } = refusal;
    if (isWrite(request)) log.debug({ ...details, code, why: message }, "a write was refused");
    metrics?.requestRefused("rest", refusal.code);
    sendProblem(response, refusal);
  };
}

const isWrite = ({ method }: Request): boolean => method !== "GET" && method !== "HEAD";

/** The names by which one line of the log is found again. */
function detailsOf(request: Request, response: Response) {
  const { method, path } = request;
  const body = request.body as { readonly workflow_id?: unknown } | undefined;
  const named = request.query.workflow_id ?? body?.workflow_id;
  const workflow_id = typeof named === "string" ? named.slice(0, 128) : undefined;
  const request_id = isWrite(request) ? requestIdOf(request, response) : undefined;
  return { request_id, method, path, workflow_id };
}

/** The refusal that an error of the path reader or the body reader stands for; null for any other error. */
function asRefusal(error: unknown, limits: Limits): SyncError | null {
  if (error instanceof URIError) return new SyncError("bad_message", "the path is not readable");
  return bodyError(error, limits);
}
