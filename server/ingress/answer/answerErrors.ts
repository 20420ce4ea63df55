/** The last handler of a request that failed: the caller hears the refusal, the log hears of a bug of ours. */
import type { ErrorRequestHandler } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import type { Log } from "../../log/log.js";
import type { Metrics } from "../../metrics/metrics.js";
import { bodyError } from "../request/body.js";
import { sendProblem } from "./problem.js";
import { refusalOf } from "./refusalOf.js";

export function answerErrors(
  limits: Limits,
  log: Log,
  metrics: Metrics | null = null,
): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const known = asRefusal(error, limits) ?? error;
    const refusal = refusalOf(known, log, "a request failed in a way it should not");
    metrics?.requestRefused("rest", refusal.code);
    sendProblem(response, refusal);
  };
}

/** The refusal that an error of the path reader or the body reader stands for; null for any other error. */
function asRefusal(error: unknown, limits: Limits): SyncError | null {
  if (error instanceof URIError) return new SyncError("bad_message", "the path is not readable");
  return bodyError(error, limits);
}
