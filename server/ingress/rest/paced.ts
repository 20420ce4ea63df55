/** REST calls at their client's pace. */
import type { RequestHandler } from "express";
import type { Access } from "../access/access.js";
import { accessOf } from "../access/caller.js";
import type { RateLimiter } from "../pace/rateLimit.js";
import { bodyBytes } from "../request/body.js";

/** `take` comes before the body is read, `charge` once its size is known. */
export function paced(
  rates: RateLimiter,
  kind: "writes" | "output",
): Readonly<Record<"take" | "charge", RequestHandler>> {
  const paceOf = ({ client }: Access) => rates.rest(client, kind);
  return {
    take: (_request, response, next) => {
      const pace = paceOf(accessOf(response));
      if (pace.take(0)) return next();
      if (!pace.refuse(0)) response.setHeader("Connection", "close");
      throw rates.tooFast();
    },
    charge: (_request, response, next) => {
      paceOf(accessOf(response)).charge(bodyBytes(response));
      next();
    },
  };
}
