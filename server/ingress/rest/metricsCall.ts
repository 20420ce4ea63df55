/** `GET /metrics`: what this server counts, as Prometheus reads it. */
import type { RequestHandler } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Metrics } from "../../metrics/metrics.js";
import { accessOf } from "../access/caller.js";

/** Stands behind `scrapersToo`. They count everybody's workflows, so nobody reads them who is bound to some. */
export const metricsCall =
  (metrics: Metrics | null): RequestHandler =>
  async (_request, response) => {
    if (metrics === null) {
      const words = "there are no metrics here: start the server with --metrics";
      throw new SyncError("not_found", words);
    }
    if (!accessOf(response).grant.scope.isEverything)
      throw new SyncError("forbidden", "metrics are of all workflows, and this token is for some");
    const { type, text } = await metrics.text();
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Content-Type", type);
    response.end(text);
  };
