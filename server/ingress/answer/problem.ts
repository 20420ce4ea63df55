/** Errors as RFC 9457 problem documents, with the seed's `success` and `message` inside. */
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { SyncError } from "../../../shared/errors.js";
import type { Problem } from "../../../shared/wire/rest.js";
import { wantsPage } from "../request/navigation.js";
import { problemPage } from "./problemPage.js";
import { vary } from "./vary.js";

/** Never more than the refusal itself says: no stack, no path, nothing of another cause. */
export function problemOf(error: SyncError): Problem {
  return {
    type: `urn:instep:problem:${error.code}`,
    title: error.title,
    status: error.httpStatus,
    detail: error.message,
    success: false,
    message: error.message,
    code: error.code,
    retry: error.canRetry,
    errors: error.errors,
    ...(error.at === undefined
      ? {}
      : { epoch: error.at?.epoch ?? null, revision: error.at?.revision ?? null }),
    ...(error.next === undefined ? {} : { next: error.next }),
  };
}

/** `leadsTo` is a path of ours where the caller finds what was looked for: a page for people links it. */
export function sendProblem(response: ServerResponse, error: SyncError, leadsTo?: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error.retryAfter !== undefined) response.setHeader("Retry-After", error.retryAfter);
  if (error.code === "unauthorized") response.setHeader("WWW-Authenticate", "Bearer");
  if (error.code === "upgrade_required") response.setHeader("Upgrade", "websocket");
  response.statusCode = error.httpStatus;
  response.setHeader("Cache-Control", "no-store");
  vary(response, "Accept");
  const isPage = wantsPage(response.req);
  const type = isPage ? "text/html" : "application/problem+json";
  response.setHeader("Content-Type", `${type}; charset=utf-8`);
  response.end(isPage ? problemPage(error, leadsTo) : JSON.stringify(problemOf(error)));
}

/** Before an upgrade there is only the raw socket: a whole HTTP answer, then the end. */
export function refuseUpgrade(socket: Duplex, error: SyncError): void {
  const body = JSON.stringify(problemOf(error));
  const headers = [
    `HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus]}`,
    "Connection: close",
    "Content-Type: application/problem+json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(error.retryAfter === undefined ? [] : [`Retry-After: ${error.retryAfter}`]),
    ...(error.code === "unauthorized" ? ["WWW-Authenticate: Bearer"] : []),
    ...(error.code === "upgrade_required" ? ["Upgrade: websocket"] : []),
  ];
  socket.end(`${headers.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
