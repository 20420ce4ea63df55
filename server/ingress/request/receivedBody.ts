/** The body of a request as bytes, also where a body parser of the program around us has read it before us: exactly as sent, or refused. */
import express, { type Request, type RequestHandler, type Response } from "express";
import { SyncError } from "../../../shared/errors.js";

export type ReceivedBody =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  /** By a parser around us: what became of numbers, keys and bytes on the way cannot be seen any more. */
  | { readonly kind: "parsed"; readonly value: unknown };

/** Reads up to `limit` bytes, unencoded; `receivedBody` tells what came. */
export function receiveBody(limit: number): RequestHandler[] {
  const look: RequestHandler = (request, response, next) => {
    response.locals.wasRead = request.readableDidRead || request.readableEnded;
    next();
  };
  const read = express.raw({ limit, inflate: false, type: () => true });
  const keep: RequestHandler = (request, response, next) => {
    const body = bodyOf(request, response.locals.wasRead === true);
    if (body.kind === "bytes" && body.bytes.length > limit)
      throw new SyncError("too_large", `the body is over the limit of ${limit} bytes`);
    response.locals.received = body;
    next();
  };
  return [look, read, keep];
}

export const receivedBody = (response: Response): ReceivedBody =>
  response.locals.received as ReceivedBody;

/** Whether the request says that it has one. */
export const hasBody = (request: Request): boolean =>
  request.headers["transfer-encoding"] !== undefined ||
  Number(request.headers["content-length"] ?? 0) > 0;

/** For what cannot be trusted as it comes from a parser around us. The mend is in the program, so the caller cannot help it. */
export const readElsewhere = (what: string): SyncError =>
  new SyncError(
    "internal",
    `${what}: a body parser of the program around Instep came first; mount Instep's router before it`,
  );

function bodyOf(request: Request, wasRead: boolean): ReceivedBody {
  const body: unknown = request.body;
  if (!hasBody(request)) return { kind: "none" };
  if (Buffer.isBuffer(body)) return { kind: "bytes", bytes: body };
  if (!wasRead) return { kind: "none" };
  if (typeof body === "string") return { kind: "bytes", bytes: bytesOf(request, body) };
  if (body === undefined) throw readElsewhere("the body cannot be read any more");
  return { kind: "parsed", value: body };
}

/** Where every byte made it into the text. What was no UTF-8, or a mark at the start, is lost in it. */
function bytesOf(request: Request, text: string): Buffer {
  const bytes = Buffer.from(text);
  const isWhole = bytes.length === Number(request.headers["content-length"] ?? Number.NaN);
  if (!isWhole || text.includes("\ufffd")) throw readElsewhere("some of its bytes may be lost");
  return bytes;
}
