/** The headers with which every answer tells a browser what it may do: asked of helmet once for each name of ours, then set as they are. */
import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";
import type { Forwarded } from "../proxies/forwarded.js";

type Header = readonly [name: string, value: string];
type Helmet = ReturnType<typeof helmet>;

/** Anybody may send any name, before it is known whether it is one of ours. */
const NAMES_KEPT = 64;

export class SecurityHeaders {
  readonly #kept = new Map<string, readonly Header[]>();
  readonly #forwarded: Pick<Forwarded, "usableOf">;

  constructor(forwarded: Pick<Forwarded, "usableOf">) {
    this.#forwarded = forwarded;
  }

  set(request: IncomingMessage, response: ServerResponse): void {
    const host = this.#forwarded.usableOf(request)?.host ?? request.headers.host;
    for (const [name, value] of this.#headersFor(ownSockets(host))) response.setHeader(name, value);
    // A host's Express sets it.
    response.removeHeader("X-Powered-By");
  }

  #headersFor(sockets: string): readonly Header[] {
    const known = this.#kept.get(sockets);
    if (known) return known;
    const asked = headersOf(helmetFor(sockets));
    if (this.#kept.size >= NAMES_KEPT) this.#kept.clear();
    this.#kept.set(sockets, asked);
    return asked;
  }
}

/** Strict: nothing inline, nothing from elsewhere. Its own WebSocket is named, as older browsers do not count it as 'self' (https://github.com/w3c/webappsec-csp/issues/7). */
const helmetFor = (sockets: string): Helmet =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'", sockets],
        manifestSrc: ["'self'"],
        // The page has a <base> of its own, for the mount it is under.
        baseUri: ["'self'"],
        // No text becomes HTML or script, but for the address of the page's worker.
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["default"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: "same-origin" },
    frameguard: { action: "deny" },
    // On plain HTTP these would only break the page; behind TLS they are the proxy's to set.
    strictTransportSecurity: false,
  });

/** The headers that helmet sets, in its order. */
function headersOf(setAll: Helmet): readonly Header[] {
  const set: Header[] = [];
  const recorder = {
    setHeader: (name: string, value: string) => void set.push([name, value]),
    removeHeader: () => {},
  };
  setAll({} as IncomingMessage, recorder as unknown as ServerResponse, (error) => {
    if (error !== undefined) throw error;
  });
  return set;
}

/** The name is checked against ours before a page is sent; odd characters are dropped all the same. */
function ownSockets(host: string | undefined): string {
  const safe = host?.replaceAll(/[^A-Za-z0-9.:[\]-]/g, "") ?? "";
  return safe === "" ? "'self'" : `ws://${safe} wss://${safe}`;
}
