/** The id of one request, by which its caller, a proxy in front and the log mean the same. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** The header that it comes in, and is answered in. */
export const REQUEST_ID_HEADER = "X-Request-Id";

/** Nothing else may come into a log, or back in a header. */
const SANE = /^[\x21-\x7e]{1,128}$/;

/** The caller's own where it is 1 to 128 visible ASCII characters, else a new one. The same for all who ask; from the first time on it stands in the answer's header. */
export function requestIdOf(request: IncomingMessage, response: ServerResponse): string {
  const known = response.getHeader(REQUEST_ID_HEADER);
  if (typeof known === "string") return known;
  const given = request.headers["x-request-id"];
  const id = typeof given === "string" && SANE.test(given) ? given : randomUUID();
  if (!response.headersSent) response.setHeader(REQUEST_ID_HEADER, id);
  return id;
}
