/** One HTTP call to Instep: with a deadline, a token, and every bad answer turned into the error it stands for. */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import { pause } from "../../shared/pause.js";
import { SERVED_BY_HEADER, STALE_HEADER } from "../../shared/wire/standing.js";
import { asStorageReason, STORAGE_HEADER } from "../../shared/wire/storage.js";
import type { Condition } from "../connection/connectionView.js";
import { delayBefore, FIRST_RETRY_MS } from "../wire/connectionTimes.js";
import { type Contact, FIRST_CONTACT_MS } from "../wire/contact.js";
import { checkSize } from "../wire/frameSize.js";
import { NoAnswerError } from "../wire/noAnswer.js";
import { IN_TIME, NotInstep, noInstepAt, strangerAt, unreachableAt } from "../wire/noInstep.js";
import { NOT_MODIFIED, readAnswer, readBytes, takeOfInstep } from "./httpAnswer.js";

const DEADLINE_MS = 10_000;

export interface HttpParts {
  readonly base: URL;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted when the client is closed: ends every call. */
  readonly closed: AbortSignal;
  /** Told of every answer of Instep, and of what came in place of one. */
  readonly contact: Contact;
  /** The server's time (ms) as the answer's `Date` header tells it. */
  measured(serverTime: number): void;
  /** How the server is, as an answer of Instep says. */
  told(condition: Condition): void;
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
  /** 10 s where missing, and 8 s as long as no Instep ever answered there. */
  readonly deadlineMs?: number | undefined;
  /** For how long the call is made again where nothing answers, or the refusal may pass. */
  readonly patienceMs?: number | undefined;
}

/** The body of an answer; null for 304, "you have that already". */
export type Answer = Record<string, unknown> | null;

/** An answer that is not JSON. */
export interface RawAnswer {
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Http {
  /** `read` makes of an answer what the caller promises, and throws NotInstep where nothing of Instep's is in it. */
  <T>(call: Call, read: (answer: Answer) => T): Promise<T>;
  raw<T>(call: Call, read: (answer: RawAnswer) => T): Promise<T>;
}

function conditionIn(headers: Headers): Condition {
  const reason = headers.get(STORAGE_HEADER);
  const staleSince = Date.parse(headers.get(STALE_HEADER) ?? "");
  return {
    cannotSave: reason === null ? null : asStorageReason(reason),
    staleSince: Number.isNaN(staleSince) ? null : staleSince,
    node: headers.get(SERVED_BY_HEADER),
  };
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
          redirect: "manual",
          signal,
          ...(body === undefined ? {} : { body }),
        });
        const date = Date.parse(response.headers.get("Date") ?? "");
        if (Number.isFinite(date)) parts.measured(date);
        if (response.ok || response.status === NOT_MODIFIED) {
          parts.told(conditionIn(response.headers));
        }
        try {
          return await takeOfInstep(response, take);
        } catch (error) {
          if (!(error instanceof NotInstep)) throw error;
          throw strangerAt(parts.base, call.path, response);
        }
      });
    const askAndTell = () => telling(parts, call, ask, isHere);
    return call.patienceMs
      ? withPatience(parts, call.patienceMs, call.signal, askAndTell)
      : askAndTell();
  };
  const isHere = ({ signal }: Call) => json({ method: "GET", path: ASKED_FIRST, signal }, () => {});
  const json = <T>(call: Call, read: (answer: Answer) => T) =>
    make(call, async (response) => read(await readAnswer(response)));
  const raw = <T>(call: Call, read: (answer: RawAnswer) => T) =>
    make(call, async (response) => read(await readBytes(response)));
  return Object.assign(json, { raw });
}

/** Tells the contact how a call fared. `isHere` rejects where Instep itself says that it is not at this address. */
async function telling<T>(
  { contact, base }: HttpParts,
  call: Call,
  ask: () => Promise<T>,
  isHere: (call: Call) => Promise<void>,
): Promise<T> {
  try {
    const answer = await ask();
    contact.made();
    return answer;
  } catch (error) {
    if (error instanceof NoAnswerError) contact.missed(error);
    if (!(error instanceof SyncError)) throw error;
    if (error.code === "not_found" && !contact.isMade) {
      // An Instep that has a port of its own answers at every path. One that is older than this client knows fewer calls.
      if (call.path !== ASKED_FIRST) await isHere(call);
      else {
        const elsewhere = noInstepAt(base, "there is one at another path", BESIDE);
        contact.missed(elsewhere);
        throw elsewhere;
      }
    }
    contact.made();
    if (error.code === "unauthorized" || error.code === "forbidden") contact.refused(error);
    throw error;
  }
}

/** Every Instep has something there. */
const ASKED_FIRST = "workflow/state/summary";
const BESIDE = { status: 404, mayPass: false };

/** Whether the same call may fare better later. */
export const mayTryAgain = (error: unknown): boolean =>
  error instanceof NoAnswerError || (error instanceof SyncError && error.canRetry);

async function withPatience<T>(
  { clock, random, closed, contact }: HttpParts,
  patienceMs: number,
  signal: AbortSignal | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  const until = clock.elapsed() + within(contact, patienceMs);
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const delay = Math.max(FIRST_RETRY_MS, delayBefore(attempt, random()));
      const isOver = closed.aborted || clock.elapsed() + delay > until;
      const isHopeless = error instanceof NoAnswerError && !error.mayPass && !contact.isMade;
      if (isOver || isHopeless || !mayTryAgain(error)) throw error;
      await pause(clock, delay, signal ? AbortSignal.any([signal, closed]) : closed);
    }
  }
}

/** An address where none ever answered is not waited at for long. */
const within = ({ isMade }: Contact, ms: number): number =>
  isMade ? ms : Math.min(ms, FIRST_CONTACT_MS);

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
  { base, clock, closed, contact }: HttpParts,
  { signal, deadlineMs = within(contact, DEADLINE_MS) }: Call,
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
    if (giveUp.signal.aborted) throw noInstepAt(base, IN_TIME);
    throw unreachableAt(base, cause);
  } finally {
    cancel();
    signal?.removeEventListener("abort", abort);
    closed.removeEventListener("abort", abort);
  }
}
