/** The conditions a request comes with: entity tags (RFC 9110), keys, tokens, times. */
import type { Request } from "express";
import { invalid } from "../../../shared/errors.js";
import { FencingToken, type Proposal, RequestId } from "../../../shared/schema/command.js";
import { readTraceparent } from "../../../shared/traceparent.js";
import { entityTag, NOTHING_TAG, TOKEN_HEADER } from "../../../shared/wire/rest.js";
import type { KnownWorkflow } from "../../state/workflows.js";

/** Reads `If-Match`, `If-None-Match: *`, `Idempotency-Key`, `Instep-Token` and `traceparent`. Throws SyncError `bad_message`. */
export function writeConditions(
  request: Request,
): Pick<Proposal, "expected" | "requestId" | "token" | "traceparent"> {
  const key = request.get("Idempotency-Key");
  const token = request.get(TOKEN_HEADER);
  return {
    expected: expectedBy(request.get("If-Match"), request.get("If-None-Match")),
    requestId: key === undefined ? undefined : requestIdIn(key),
    token: token === undefined ? undefined : tokenIn(token),
    traceparent: readTraceparent(request.get("traceparent")),
  };
}

export const tagOf = (found: KnownWorkflow | null): string =>
  found ? entityTag(found.record.epoch, found.record.revision) : NOTHING_TAG;

/** `If-None-Match`, by weak comparison as RFC 9110 wants it. */
export function matchesNone(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return tag !== NOTHING_TAG;
  return header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
}

/** `25s`, `500ms`: how long an answer may be held, in ms, 0 where nothing is said. */
export function waitIn(value: unknown, longestMs: number): number {
  if (value === undefined) return 0;
  const match = /^(\d{1,6})(ms|s)$/.exec(String(value));
  if (!match) throw invalid("wait", 'must be a time such as "25s" or "500ms"');
  return Math.min(longestMs, Number(match[1]) * (match[2] === "s" ? 1000 : 1));
}

function expectedBy(header: string | undefined, ifNone: string | undefined): Proposal["expected"] {
  if (ifNone !== undefined) {
    if (ifNone.trim() !== "*") throw invalid("If-None-Match", "must be * for a write");
    if (header !== undefined) throw invalid("If-None-Match", "cannot stand beside If-Match");
    return "none";
  }
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "any";
  const match = /^"([^".]{1,64})\.(\d{1,15})"$/.exec(header.trim());
  if (match) return { epoch: match[1], revision: Number(match[2]) };
  // A well-formed tag that is none of ours can only be out of date.
  if (/^"[^"]*"$/.test(header.trim())) return { epoch: "", revision: -1 };
  throw invalid("If-Match", "must be one strong entity tag, or *");
}

function requestIdIn(header: string): string {
  // draft-ietf-httpapi-idempotency-key-header has a quoted string; most clients send the bare key.
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (!RequestId.safeParse(key).success)
    throw invalid("Idempotency-Key", "must be 1 to 128 visible ASCII characters");
  return key;
}

export function tokenIn(header: string): number {
  const token = FencingToken.safeParse(/^\d{1,15}$/.test(header) ? Number(header) : null);
  if (!token.success) throw invalid(TOKEN_HEADER, "must be the number a claim gave");
  return token.data;
}
