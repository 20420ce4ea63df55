/** One HTTP call to Instep: with a deadline, a token, and every bad answer turned into the error it stands for. */
import type { Clock } from "../shared/clock.js";
import { SyncError } from "../shared/errors.js";
import { asStorageReason, STORAGE_HEADER, type StorageReason } from "../shared/storage.js";
import { delayBefore, FIRST_RETRY_MS } from "./connectionTimes.js";
import { checkSize } from "./frameSize.js";
import { asErrorCode, isRecord, isRevision, isText } from "./frames.js";
import { NoAnswerError } from "./noAnswer.js";
import { pause } from "./pause.js";

const DEADLINE_MS = 10_000;
const NOT_MODIFIED = 304;

export interface HttpParts {
  readonly base: URL;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted when the client is closed: ends every call. */
  readonly closed: AbortSignal;
  /** The server's time (ms) as the answer's `Date` header tells it. */
  measured(serverTime: number): void;
  /** Why the server cannot save, as an answer of Instep says; null where it can. */
  cannotSave(reason: StorageReason | null): void;
}

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Under the mount, without a leading slash. */
  readonly path: string;
  readonly query?: Record<string, string | undefined>;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: unknown;
  /** Sent as they are, in place of a `body`. */
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
  /** For how long the call is made again where nothing answers, or the refusal may pass. */
  readonly patienceMs?: number | undefined;
}

/** What was answered; null for 304, "you have that already". */
export type Answer = Record<string, unknown> | null;

/** An answer that is not JSON. */
export interface RawAnswer {
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Http {
  (call: Call): Promise<Answer>;
  raw(call: Call): Promise<RawAnswer>;
}

function storageReasonIn(headers: Headers): StorageReason | null {
  const reason = headers.get(STORAGE_HEADER);
  return reason === null ? null : asStorageReason(reason);
}

/** The calls reject with SyncError, NoAnswerError, or the reason of their signal. */
export function createHttp(parts: HttpParts): Http {
  const make = async <T>(call: Call, take: (response: Response) => Promise<T>): Promise<T> => {
    const body = call.body === undefined ? call.bytes : JSON.stringify(call.body);
    if (typeof body === "string") checkSize(body);
    const ask = () =>
      withDeadline(parts, call, async (signal) => {
        const response = await parts.fetch(address(parts.base, call), {
          method: call.method,
          headers: headers(parts, call),
          cache: "no-store",
          signal,
          ...(body === undefined ? {} : { body }),
        });
        const date = Date.parse(response.headers.get("Date") ?? "");
        if (Number.isFinite(date)) parts.measured(date);
        if (response.ok || response.status === NOT_MODIFIED) {
          parts.cannotSave(storageReasonIn(response.headers));
        }
        return take(response);
      });
    return call.patienceMs ? withPatience(parts, call.patienceMs, call.signal, ask) : ask();
  };
  return Object.assign((call: Call) => make(call, read), {
    raw: (call: Call) => make(call, readBytes),
  });
}

/** Whether the same call may fare better later. */
export const mayTryAgain = (error: unknown): boolean =>
  error instanceof NoAnswerError || (error instanceof SyncError && error.canRetry);

async function withPatience<T>(
  { clock, random, closed }: HttpParts,
  patienceMs: number,
  signal: AbortSignal | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  const until = clock.elapsed() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const delay = Math.max(FIRST_RETRY_MS, delayBefore(attempt, random()));
      const isOver = closed.aborted || clock.elapsed() + delay > until;
      if (isOver || !mayTryAgain(error)) throw error;
      await pause(clock, delay, signal ? AbortSignal.any([signal, closed]) : closed);
    }
  }
}

function address(base: URL, { path, query = {} }: Call): URL {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

function headers({ token }: HttpParts, call: Call): Record<string, string> {
  const all: Record<string, string | undefined> = {
    Accept: "application/json",
    Authorization: token === undefined ? undefined : `Bearer ${token}`,
    "Content-Type": contentType(call),
    ...call.headers,
  };
  const given = Object.entries(all).filter((entry) => entry[1] !== undefined);
  return Object.fromEntries(given) as Record<string, string>;
}

function contentType({ method, bytes }: Call): string | undefined {
  if (method === "GET") return undefined;
  return bytes ? "application/octet-stream" : "application/json";
}

async function withDeadline<T>(
  { clock, closed }: HttpParts,
  { signal, deadlineMs = DEADLINE_MS }: Call,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  closed.throwIfAborted();
  const giveUp = new AbortController();
  const abort = () => giveUp.abort();
  signal?.addEventListener("abort", abort);
  closed.addEventListener("abort", abort);
  const cancel = clock.after(deadlineMs, abort);
  try {
    return await run(giveUp.signal);
  } catch (cause) {
    signal?.throwIfAborted();
    closed.throwIfAborted();
    if (cause instanceof SyncError || cause instanceof NoAnswerError) throw cause;
    if (giveUp.signal.aborted) throw new NoAnswerError(`no answer within ${deadlineMs} ms`);
    throw new NoAnswerError("the server cannot be reached", { cause });
  } finally {
    cancel();
    signal?.removeEventListener("abort", abort);
    closed.removeEventListener("abort", abort);
  }
}

async function readBytes(response: Response): Promise<RawAnswer> {
  if (!response.ok) throw await refusalIn(response);
  return { headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

async function read(response: Response): Promise<Answer> {
  if (response.status === NOT_MODIFIED) return null;
  if (!response.ok) throw await refusalIn(response);
  return readJson(response);
}

const refusalIn = async (response: Response): Promise<Error> =>
  refusal(await readJson(response), response);

async function readJson(response: Response): Promise<Record<string, unknown>> {
  const { status } = response;
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new NoAnswerError(`what answered (HTTP ${status}) is not Instep`, { status });
  }
  if (!isRecord(json)) throw new NoAnswerError("what answered is not Instep", { status });
  return json;
}

function refusal(problem: Record<string, unknown>, { status, headers }: Response): Error {
  if (!isText(problem.code)) return new NoAnswerError(`HTTP ${status}, not of Instep`, { status });
  const message = isText(problem.message) ? problem.message : `HTTP ${status}`;
  const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
  return new SyncError(asErrorCode(problem.code), message, {
    errors: Array.isArray(problem.errors) ? problem.errors : [],
    ...(Number.isFinite(seconds) ? { retryAfter: seconds } : {}),
    ...positionIn(problem),
    ...(isRevision(problem.next) ? { next: problem.next } : {}),
  });
}

/** Where the document is now: null where there is none, nothing where the refusal does not say. */
export function positionIn({ epoch, revision }: Record<string, unknown>) {
  if (isText(epoch) && isRevision(revision)) return { at: { epoch, revision } };
  return epoch === null ? { at: null } : {};
}
