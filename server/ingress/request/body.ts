/** From the bytes of an HTTP body to checked JSON. */
import { isUtf8 } from "node:buffer";
import type { Request, RequestHandler, Response } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { checkJson, checkParsedElsewhere, parseJson } from "../json/strictJson.js";
import { LARGE_BYTES } from "../pace/turns.js";
import { hasBody, readElsewhere, receiveBody, receivedBody } from "./receivedBody.js";

type BodyLimits = Pick<Limits, "frameBytes" | "jsonDepth" | "keyCharacters" | "pathCharacters">;

/** JSON only, unencoded, UTF-8, at most a frame: anything else is refused before it costs much. Leaves `undefined` for no body. */
export function jsonBody(limits: BodyLimits): RequestHandler[] {
  const onlyJson: RequestHandler = (request, _response, next) => {
    if (hasBody(request) && !isJson(request)) {
      throw new SyncError("not_json", "send JSON, with Content-Type: application/json");
    }
    next();
  };
  const parse: RequestHandler = (request, response, next) => {
    request.body = valueIn(response, limits);
    // Reading a large body took its time, and the command takes as much again: others have a turn in between.
    if (bodyBytes(response) > LARGE_BYTES) setImmediate(next);
    else next();
  };
  return [onlyJson, ...receiveBody(limits.frameBytes), parse];
}

/** How many bytes the body may take when it is written again: at least those that came. */
export const bodyBytes = (response: Response): number => Number(response.locals.bodyBytes ?? 0);

/** The refusal that an error of the body reader stands for; null for any other error. */
export function bodyError(error: unknown, limits: Pick<Limits, "frameBytes">): SyncError | null {
  if (!(error instanceof Error) || !("type" in error)) return null;
  switch (error.type) {
    case "entity.too.large":
      return new SyncError("too_large", `the body is over the limit of ${limits.frameBytes} bytes`);
    case "encoding.unsupported":
      return new SyncError("not_json", "send JSON as plain UTF-8, without Content-Encoding");
    case "request.size.invalid":
    case "request.aborted":
      return new SyncError("bad_message", "the body is not complete");
    case "stream.encoding.set":
      return readElsewhere("its bytes would come as text, since request.setEncoding was called");
    default:
      return null;
  }
}

function valueIn(response: Response, limits: BodyLimits): unknown {
  const body = receivedBody(response);
  switch (body.kind) {
    case "none":
      return undefined;
    case "parsed": {
      checkParsedElsewhere(body.value, limits);
      const text = textOf(body.value);
      response.locals.bodyBytes = Buffer.byteLength(text);
      return JSON.parse(text) as unknown;
    }
    case "bytes": {
      const { bytes } = body;
      if (bytes.length === 0) return undefined;
      if (!isUtf8(bytes)) throw new SyncError("bad_message", "the body is not UTF-8");
      const { value, grown } = readJson(bytes.toString(), limits);
      response.locals.bodyBytes = bytes.length + grown;
      return value;
    }
  }
}

function readJson(text: string, limits: BodyLimits): { value: unknown; grown: number } {
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const parsed = parseJson(json);
  if (!parsed.ok)
    throw new SyncError("bad_message", `the body is not readable JSON: ${parsed.why}`);
  return { value: parsed.value, ...checkJson(parsed.value, limits, json) };
}

/** A reviver of the host may have made values of it that are no JSON. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw readElsewhere("the body is no JSON any more");
  }
}

const BYTE_ORDER_MARK = "\ufeff";

function isJson(request: Request): boolean {
  if (!request.is(["application/json", "application/*+json"])) return false;
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(request.get("Content-Type") ?? "")?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}
