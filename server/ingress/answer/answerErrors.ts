/** The last stop of a request that failed: a refusal is told, a bug of ours is logged. */
import type { ErrorRequestHandler } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import type { Log } from "../../log/log.js";
import { bodyError } from "../request/body.js";
import { sendProblem } from "./problem.js";

/** Null for a bug of ours. */
function asRefusal(error: unknown, limits: Limits): SyncError | null {
  if (error instanceof SyncError) return error;
  if (error instanceof URIError) return new SyncError("bad_message", "the path is not readable");
  return bodyError(error, limits);
}

export function answerErrors(limits: Limits, log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const refusal = asRefusal(error, limits);
    if (refusal) return sendProblem(response, refusal);
    log.error({ err: error }, "a request failed in a way it should not");
    sendProblem(
      response,
      new SyncError("internal", "the server made a mistake; it was written to its log"),
    );
  };
}
