/** Pages of other origins that were named: what a browser is told so that they may call REST and read the answers (CORS). */
import type { IncomingMessage, ServerResponse } from "node:http";
import { LOG_HEADERS, TOKEN_HEADER } from "../../../shared/wire/rest.js";
import { SERVED_BY_HEADER, STALE_HEADER } from "../../../shared/wire/standing.js";
import { STORAGE_HEADER } from "../../../shared/wire/storage.js";
import { vary } from "../answer/vary.js";
import { REQUEST_ID_HEADER } from "../request/requestId.js";
import { readOrigin } from "./origin.js";

/** REST, probes and the script of the web component. Neither the page nor `/metrics` is among them, and no path of a host's. */
const OPEN_PATHS = /^\/(?:workflow\/.*|workflows|healthz|readyz|instep-workflow\.js)\/?$/i;

const METHODS = "GET, HEAD, POST, PATCH, DELETE";
/** Everything that a call may bring and that a browser asks about first. */
const SENT = [
  ...["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"],
  ...[TOKEN_HEADER, "Last-Event-ID", "Range", REQUEST_ID_HEADER, "Traceparent", "Tracestate"],
].join(", ");
/** Everything that an answer says in headers; a browser hides all but a few of them. */
const READ = [
  ...["ETag", "Date", "Allow", "Retry-After", "WWW-Authenticate", "Upgrade"],
  ...["Accept-Ranges", "Content-Range", ...Object.values(LOG_HEADERS)],
  ...[STORAGE_HEADER, SERVED_BY_HEADER, STALE_HEADER, REQUEST_ID_HEADER],
].join(", ");
/** For so long (s) a browser may take the answer to its question for the next one. */
const KEPT_FOR = "600";

/**
 * Nothing is ever said of credentials: a browser lets no such page read an answer to a call with cookies. A page that was not named is told
 * nothing, and its calls are refused at the gate.
 */
export class ForeignPages {
  readonly #origins: ReadonlySet<string>;

  /** Takes entries as `--allow-origin` does. Throws an Error that names `allowedOrigins` and what is wrong with one. */
  constructor(origins: readonly string[] = []) {
    try {
      this.#origins = new Set(origins.map(readOrigin));
    } catch (error) {
      throw new Error(`allowedOrigins: ${(error as Error).message}`);
    }
  }

  /** Whether the request is from a page of one of them. Never where it has two origins: Node joins them to a text that is none. */
  has({ headers: { origin } }: Pick<IncomingMessage, "headers">): boolean {
    return origin !== undefined && this.#origins.has(origin);
  }

  /** Tells a browser whose page may read the answer, whatever it will be. Nothing where the path is not open to them. */
  tell(request: IncomingMessage, response: ServerResponse): void {
    // Asked of every request: where no site was named, nothing is looked at.
    if (this.#origins.size === 0) return;
    if (OPEN_PATHS.test(pathOf(request))) this.tellAnywhere(request, response);
  }

  /** The same at any path: for a refusal that says where Instep is. */
  tellAnywhere(request: IncomingMessage, response: ServerResponse): void {
    if (this.#origins.size === 0) return;
    // Also on answers to others: a cache must give theirs to nobody else.
    vary(response, "Origin");
    if (!this.has(request)) return;
    response.setHeader("Access-Control-Allow-Origin", String(request.headers.origin));
    if (!isQuestion(request)) {
      response.setHeader("Access-Control-Expose-Headers", READ);
      return;
    }
    response.setHeader("Access-Control-Allow-Methods", METHODS);
    response.setHeader("Access-Control-Allow-Headers", SENT);
    response.setHeader("Access-Control-Max-Age", KEPT_FOR);
  }

  /** Whether a browser asks for such a page if a call of it will be taken. It brings no token, so it is answered before the gate. */
  isPreflight(request: IncomingMessage): boolean {
    return isQuestion(request) && this.has(request) && OPEN_PATHS.test(pathOf(request));
  }
}

const isQuestion = ({ method, headers }: IncomingMessage): boolean =>
  method === "OPTIONS" && headers["access-control-request-method"] !== undefined;

const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?", 1)[0] ?? "";
