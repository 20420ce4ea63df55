/** Reads an HTTP answer as one of three things: what was asked for, a refusal of Instep, or nothing of Instep's. */
import { SyncError } from "../../shared/errors.js";
import { asErrorCode, isRecord, isRevision, isText } from "../wire/frames.js";
import { isRedirect, NotInstep } from "../wire/noInstep.js";
import type { Answer, RawAnswer } from "./http.js";

export const NOT_MODIFIED = 304;

/** Throws NotInstep where this is none of Instep's answers, whatever stands in it. */
export async function takeOfInstep<T>(
  response: Response,
  take: (response: Response) => Promise<T>,
) {
  // A page of whatever length is none of our business.
  const isPage = response.headers.get("Content-Type")?.startsWith("text/html") ?? false;
  if (!isPage && !isRedirect(response)) return take(response);
  void response.body?.cancel().catch(() => {});
  throw new NotInstep();
}

export async function readBytes(response: Response): Promise<RawAnswer> {
  if (!response.ok) throw await refusalIn(response);
  return { headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

export async function readAnswer(response: Response): Promise<Answer> {
  if (response.status === NOT_MODIFIED) return null;
  if (!response.ok) throw await refusalIn(response);
  return readJson(response);
}

const refusalIn = async (response: Response): Promise<Error> =>
  refusal(await readJson(response), response);

async function readJson(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new NotInstep();
  }
  if (!isRecord(json)) throw new NotInstep();
  return json;
}

function refusal(problem: Record<string, unknown>, { status, headers }: Response): Error {
  if (!isProblem(problem)) return new NotInstep();
  const message = isText(problem.message) ? problem.message : `HTTP ${status}`;
  const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
  return new SyncError(asErrorCode(problem.code), message, {
    errors: Array.isArray(problem.errors) ? problem.errors : [],
    ...(Number.isFinite(seconds) ? { retryAfter: seconds } : {}),
    ...positionIn(problem),
    ...(isRevision(problem.next) ? { next: problem.next } : {}),
  });
}

/** Others answer with a `code` as well. */
function isProblem({ type, success, code, errors }: Record<string, unknown>): boolean {
  if (!isText(code)) return false;
  if (isText(type)) return type === `urn:instep:problem:${code}`;
  return success === false && Array.isArray(errors);
}

/** Where the document is now: null where there is none, nothing where the refusal does not say. */
export function positionIn({ epoch, revision }: Record<string, unknown>) {
  if (isText(epoch) && isRevision(revision)) return { at: { epoch, revision } };
  return epoch === null ? { at: null } : {};
}
