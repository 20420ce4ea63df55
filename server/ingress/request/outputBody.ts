/** The body of an append: bytes, of whatever encoding, at most a frame. */
import type { RequestHandler, Response } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { hasBody, readElsewhere, receiveBody, receivedBody } from "./receivedBody.js";

const TYPES = ["text/plain", "application/octet-stream"];

export function outputBody({ frameBytes }: Pick<Limits, "frameBytes">): RequestHandler[] {
  const onlyBytes: RequestHandler = (request, _response, next) => {
    const packed = (request.get("Content-Encoding") ?? "identity") !== "identity";
    if (packed || (hasBody(request) && !request.is(TYPES))) {
      throw new SyncError("not_text", `send ${TYPES.join(" or ")}, without Content-Encoding`);
    }
    next();
  };
  return [onlyBytes, ...receiveBody(frameBytes)];
}

/** How many bytes came, as far as that is known. */
export function outputBytes(response: Response): number {
  const body = receivedBody(response);
  return body.kind === "bytes" ? body.bytes.length : 0;
}

/** None where there was no body. Throws SyncError `internal` where it cannot be had exactly as it was sent. */
export function bytesIn(response: Response): Buffer {
  const body = receivedBody(response);
  switch (body.kind) {
    case "none":
      return Buffer.alloc(0);
    case "bytes":
      return body.bytes;
    case "parsed":
      throw readElsewhere("this output is not kept");
  }
}
