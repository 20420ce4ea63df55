/** Sends one POST to an address that strangers may have a say in: no redirects, no address that is not allowed, a bound on time and bytes. */
import { lookup as systemLookup } from "node:dns";
import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { isIP, type LookupFunction } from "node:net";
import type { Clock } from "../../shared/clock.js";
import { certificateFault } from "../machine/certificateFault.js";
import { addressProblem } from "./addresses.js";

export interface PostOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivate: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** As that of node:dns with `all`. @default the system's */
  readonly resolve?: Resolve;
}

/** Gives all addresses of a name. */
export type Resolve = (
  name: string,
  done: (error: Error | null, addresses: readonly { address: string; family: number }[]) => void,
) => void;

/** The outcome. `code` is null where nobody answered; then `error` says why. */
export interface Posted {
  readonly code: number | null;
  readonly error: string | null;
  /** How the answer begins. */
  readonly answer: string;
  readonly retryAfter: string | undefined;
}

/** From the beginning: until the connection stands, with TLS; until the head of the answer is there; until all is over. */
export const CONNECT_MS = 5_000;
export const HEAD_MS = 8_000;
export const WHOLE_MS = 10_000;
const ANSWER_BYTES = 8_192;
const HEAD_BYTES = 16_384;

const resolveBySystem: Resolve = (name, done) =>
  systemLookup(name, { all: true, verbatim: true }, (error, addresses) =>
    done(error, addresses ?? []),
  );

/** Never rejects, and leaves nothing open. */
export async function post(options: PostOptions): Promise<Posted> {
  const { url } = options;
  const isSecured = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // Node looks up names only: an address that stands there itself is looked at here.
  const problem = isIP(host) === 0 ? null : addressProblem(host, { ...options, isSecured });
  if (problem !== null) return failed(problem);
  if (options.signal.aborted) return failed("the server was stopping");
  const request = isSecured ? (await import("node:https")).request : plainRequest;
  return exchange(options, (onAnswer) =>
    request(
      url,
      {
        method: "POST",
        // One connection for each: none stays open, and none is taken that was made for somebody else.
        agent: false,
        lookup: checkedLookup(options, isSecured),
        maxHeaderSize: HEAD_BYTES,
        insecureHTTPParser: false,
        headers: {
          ...options.headers,
          "content-length": Buffer.byteLength(options.body),
          "user-agent": "Instep",
        },
      },
      onAnswer,
    ),
  );
}

/** The addresses that a connection may be made to are those that were looked at: nobody asks again in between. One that is not allowed rules all out. */
function checkedLookup(
  { resolve = resolveBySystem, allowPrivate }: PostOptions,
  isSecured: boolean,
): LookupFunction {
  return (name, wanted, done) => {
    resolve(name, (error, addresses) => {
      const first = addresses[0];
      if (error || !first) return done(error ?? new Error(`${name} has no address`), "", 0);
      for (const { address } of addresses) {
        const why = addressProblem(address, { isSecured, allowPrivate });
        if (why !== null) return done(new Error(`${name}: ${why}`), "", 0);
      }
      if (wanted.all) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}

function exchange(
  { body, clock, signal }: PostOptions,
  open: (onAnswer: (answer: IncomingMessage) => void) => ClientRequest,
): Promise<Posted> {
  return new Promise((resolve) => {
    const timers = new Set<() => void>();
    const began = clock.elapsed();
    let isOver = false;
    const end = (posted: Posted) => {
      if (isOver) return;
      isOver = true;
      for (const cancel of timers) cancel();
      signal.removeEventListener("abort", stop);
      sent.destroy();
      resolve(posted);
    };
    const within = (ms: number, run: () => void) => {
      const cancel = clock.after(ms, run);
      timers.add(cancel);
      return cancel;
    };
    const late = (what: string, ms: number) => () => end(failed(`${what} within ${ms / 1_000} s`));
    const stop = () => end(failed("the server was stopping"));
    const sent = open((answer) => {
      headInTime();
      // Its head says what became of it: what comes late behind that changes nothing.
      within(Math.max(0, WHOLE_MS - (clock.elapsed() - began)), readAnswer(answer, end));
    });
    const connectInTime = within(CONNECT_MS, late("no connection", CONNECT_MS));
    const headInTime = within(HEAD_MS, late("no answer", HEAD_MS));
    sent.once("socket", (socket) => {
      const isSecured = "encrypted" in socket;
      socket.once(isSecured ? "secureConnect" : "connect", connectInTime);
    });
    sent.on("error", (error) => end(failed(wordsOf(error))));
    sent.on("upgrade", () => end(failed("it answered with another protocol")));
    signal.addEventListener("abort", stop, { once: true });
    sent.end(body);
  });
}

/** Reads how an answer begins; the returned function takes what is there by then for all of it. */
function readAnswer(answer: IncomingMessage, end: (posted: Posted) => void): () => void {
  const parts: Buffer[] = [];
  let bytes = 0;
  const cut = () =>
    end({
      code: answer.statusCode ?? null,
      error: null,
      answer: Buffer.concat(parts).toString("utf8", 0, ANSWER_BYTES),
      retryAfter: answer.headers["retry-after"],
    });
  answer.on("data", (part: Buffer) => {
    parts.push(part);
    bytes += part.length;
    if (bytes >= ANSWER_BYTES) cut();
  });
  for (const over of ["end", "error", "close"]) answer.once(over, cut);
  return cut;
}

const failed = (error: string): Posted => ({
  code: null,
  error,
  answer: "",
  retryAfter: undefined,
});

/** Of several addresses that were tried, what was wrong with the first. */
function wordsOf(error: Error): string {
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  const fault = certificateFault(first);
  if (fault !== null) return `its certificate ${fault}`;
  return first.message || error.message || "the connection failed";
}
