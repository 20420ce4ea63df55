/** The body of an append: bytes, of whatever encoding, at most a frame. */
import express, { type Request, type RequestHandler } from "express";
import { SyncError } from "../../shared/errors.js";
import type { Limits } from "../../shared/limits.js";

const TYPES = ["text/plain", "application/octet-stream"];

export function outputBody({ frameBytes }: Pick<Limits, "frameBytes">): RequestHandler[] {
  const onlyBytes: RequestHandler = (request, _response, next) => {
    const packed = (request.get("Content-Encoding") ?? "identity") !== "identity";
    if (packed || (hasBody(request) && !request.is(TYPES))) {
      throw new SyncError("not_text", `send ${TYPES.join(" or ")}, without Content-Encoding`);
    }
    next();
  };
  const read = express.raw({ limit: frameBytes, inflate: false, type: () => true });
  return [onlyBytes, read];
}

/** None where there was no body. */
export const bytesIn = ({ body }: Request): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.alloc(0);

const hasBody = (request: Request): boolean =>
  request.headers["transfer-encoding"] !== undefined ||
  Number(request.headers["content-length"] ?? 0) > 0;
