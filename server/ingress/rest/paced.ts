/** REST calls at their client's pace. */
import type { Request, RequestHandler, Response } from "express";
import { CURRENT } from "../../../shared/names.js";
import { TOKEN_HEADER } from "../../../shared/wire/rest.js";
import type { Leases } from "../../state/leases.js";
import type { Workflows } from "../../state/workflows.js";
import { accessOf } from "../access/caller.js";
import { findWithin } from "../access/within.js";
import type { Pace, RateLimiter } from "../pace/rateLimit.js";
import { subjectOf } from "../request/subject.js";

export interface PacedParts {
  readonly rates: RateLimiter;
  readonly leases: Pick<Leases, "isHeldWith">;
  readonly workflows: Workflows;
}

type Handlers = Readonly<Record<"take" | "charge", RequestHandler>>;

/** `take` comes before the body is read, `charge` once its size is known. Of a driver with a lease the bytes alone are counted. */
export interface Paced {
  /** For any call that changes something. */
  readonly commands: Handlers;
  /** For what a driver tells of its workflow. */
  readonly reports: Handlers;
}

/** `sizeOf` says how many bytes of a body are counted. */
export function paced(
  parts: PacedParts,
  kind: "writes" | "output",
  sizeOf: (response: Response) => number,
): Paced {
  const { rates } = parts;
  const paceOf = (response: Response): Pace => {
    const { client, node } = accessOf(response);
    return node === undefined ? rates.rest(client, kind) : rates.ofNode();
  };
  const take: RequestHandler = (_request, response, next) => {
    const pace = paceOf(response);
    if (!pace.take(0)) throw tooFast(rates, pace, response);
    next();
  };
  const charge: RequestHandler = (_request, response, next) => {
    paceOf(response).charge(sizeOf(response));
    next();
  };
  const takeOfReport: RequestHandler = (request, response, next) => {
    const pace = paceOf(response);
    const end = isReport(parts, request, response) ? pace.beginReport() : null;
    if (end === null) {
      take(request, response, next);
      return;
    }
    response.once("close", end);
    response.locals.isReport = true;
    if (!pace.takeReport(0)) throw tooFast(rates, pace, response);
    next();
  };
  const chargeOfReport: RequestHandler = (_request, response, next) => {
    const pace = paceOf(response);
    if (response.locals.isReport === true) pace.chargeReport(sizeOf(response));
    else pace.charge(sizeOf(response));
    next();
  };
  return {
    commands: { take, charge },
    reports: { take: takeOfReport, charge: chargeOfReport },
  };
}

function tooFast(rates: RateLimiter, pace: Pace, response: Response) {
  if (!pace.refuse(0)) response.setHeader("Connection", "close");
  return rates.tooFast();
}

/** Whether it comes with the token of the lease that is held on the workflow it names. Where it names none that can be, the call itself says so. */
function isReport({ leases, workflows }: PacedParts, request: Request, response: Response) {
  const token = request.get(TOKEN_HEADER);
  if (token === undefined) return false;
  try {
    const { scope } = accessOf(response).grant;
    const found = findWithin(workflows, scope, subjectOf(request) ?? CURRENT);
    return found !== null && leases.isHeldWith(found.record.workflow_id, Number(token));
  } catch {
    return false;
  }
}
