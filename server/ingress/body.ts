/** From the bytes of an HTTP body to checked JSON. */
import { isUtf8 } from "node:buffer";
import express, { type Request, type RequestHandler, type Response } from "express";
import { SyncError } from "../../shared/errors.js";
import type { Limits } from "../../shared/limits.js";
import { checkJson } from "./strictJson.js";

/** JSON only, unencoded, UTF-8, at most a frame: anything else is refused before it costs much. Leaves `undefined` for no body. */
export function jsonBody(limits: Pick<Limits, "frameBytes" | "jsonDepth">): RequestHandler[] {
  const read = express.json({
    limit: limits.frameBytes,
    inflate: false,
    strict: false,
    type: () => true,
    verify: (_request, response, bytes) => {
      if (!isUtf8(bytes)) throw new SyncError("bad_message", "the body is not UTF-8");
      (response as Response).locals.bodyBytes = bytes.length;
    },
  });
  const onlyJson: RequestHandler = (request, _response, next) => {
    if (hasBody(request) && !request.is(["application/json", "application/*+json"])) {
      throw new SyncError("not_json", "send JSON, with Content-Type: application/json");
    }
    next();
  };
  const notTooDeep: RequestHandler = (request, _response, next) => {
    checkJson(request.body, limits.jsonDepth);
    next();
  };
  return [onlyJson, read, notTooDeep];
}

/** How many bytes the body had. */
export const bodyBytes = (response: Response): number => Number(response.locals.bodyBytes ?? 0);

/** What the body reader's own errors mean to our callers; null for an error that is not one of them. */
export function bodyError(error: unknown, limits: Pick<Limits, "frameBytes">): SyncError | null {
  if (!(error instanceof Error) || !("type" in error)) return null;
  switch (error.type) {
    case "entity.too.large":
      return new SyncError("too_large", `the body is over the limit of ${limits.frameBytes} bytes`);
    case "entity.parse.failed":
      return new SyncError("bad_message", `the body is not readable JSON: ${error.message}`);
    case "encoding.unsupported":
    case "charset.unsupported":
      return new SyncError("not_json", "send JSON as plain UTF-8, without Content-Encoding");
    case "request.size.invalid":
    case "request.aborted":
    case "stream.encoding.set":
      return new SyncError("bad_message", "the body is not complete");
    default:
      return null;
  }
}

const hasBody = (request: Request): boolean =>
  request.headers["transfer-encoding"] !== undefined ||
  Number(request.headers["content-length"] ?? 0) > 0;
