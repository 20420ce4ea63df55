/** Where a request came from before its proxies: what `X-Forwarded-*` or `Forwarded` says, as far as a trusted proxy says it. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { invalid } from "../../../shared/errors.js";
import { readBasePath } from "../request/base.js";
import { type Hop, readForwarded } from "./forwardedHeader.js";
import { plainAddress, TrustedProxies } from "./trustedProxies.js";

/** The word of a trusted proxy about a request that it passes on. */
export interface Told {
  /** The name that was asked for, in small letters; null where it does not say. It may be anybody's: it has to be one of ours all the same. */
  readonly host: string | null;
  readonly scheme: "http" | "https" | null;
  /** The path that it took off the front: empty, or `/…` without a slash at its end. It can lead to no other site. */
  readonly prefix: string;
}

export class Forwarded {
  readonly #trusted: TrustedProxies;
  readonly #told = new WeakMap<IncomingMessage, Told>();

  /** `trusted` as `--trust-proxy` has them. Throws an Error that names `trustProxy` where one is no address. */
  constructor(trusted: readonly string[] = []) {
    this.#trusted = new TrustedProxies(trusted);
  }

  /** Null where no trusted proxy brought the request. Throws SyncError `bad_message`, naming the header, where it says what nobody can use. */
  toldOf(request: IncomingMessage): Told | null {
    if (!this.#trusted.has(request.socket.remoteAddress)) return null;
    const known = this.#told.get(request);
    if (known) return known;
    const hops = this.#hopsOf(request);
    const said = (name: "host" | "proto") => hops?.find((hop) => hop[name] !== undefined)?.[name];
    const told = {
      host: hops ? hostIn(said("host"), FORWARDED) : hostIn(one(request, HOST)),
      scheme: hops ? schemeIn(said("proto"), FORWARDED) : schemeIn(one(request, SCHEME)),
      prefix: prefixIn(one(request, PREFIX)),
    };
    this.#told.set(request, told);
    return told;
  }

  /** As `toldOf`, for what is sent beside a refusal, too: null where it cannot be used. */
  usableOf(request: IncomingMessage): Told | null {
    try {
      return this.toldOf(request);
    } catch {
      return null;
    }
  }

  /** In front of every path that leads a caller to us: empty, where no trusted proxy has taken a usable one off. */
  prefixOf(request: IncomingMessage): string {
    return this.usableOf(request)?.prefix ?? "";
  }

  /**
   * The address of the client: the last one that a trusted proxy names and that is no trusted proxy itself. Whatever stands before it
   * the client may have written. Without a word of a trusted proxy it is the peer's. Undefined where the link has none, or is gone.
   */
  addressOf(request: IncomingMessage): string | undefined {
    let address = request.socket.remoteAddress;
    if (!this.#trusted.has(address)) return address;
    const names = this.#clientsOf(request);
    for (const name of names.slice(-MOST_HOPS).reverse()) {
      const told = addressIn(name.trim());
      if (told === null) return address;
      address = told;
      if (!this.#trusted.has(address)) return address;
    }
    return address;
  }

  #clientsOf(request: IncomingMessage): readonly string[] {
    try {
      const hops = this.#hopsOf(request);
      if (hops) return hops.map((hop) => hop.for ?? "");
    } catch {
      // Nobody's address can be read out of it; the request is refused for it elsewhere.
      return [];
    }
    return String(request.headers[FOR] ?? "").split(",");
  }

  /**
   * The elements of `Forwarded` that trusted proxies wrote, the client's first: whatever stands before them the client may have written. Null
   * where one of `X-Forwarded-*` says the same things, which wins: a proxy that writes those passes on a client's `Forwarded` as it came.
   */
  #hopsOf({ headers }: IncomingMessage): readonly Hop[] | null {
    const { forwarded } = headers;
    if (forwarded === undefined) return null;
    if ([HOST, SCHEME, FOR].some((name) => headers[name] !== undefined)) return null;
    const hops = readForwarded(String(forwarded)).slice(-MOST_HOPS);
    const isOfProxy = (hop: Hop | undefined) =>
      this.#trusted.has(addressIn(hop?.for ?? "") ?? undefined);
    let first = Math.max(0, hops.length - 1);
    while (first > 0 && isOfProxy(hops[first])) first -= 1;
    return hops.slice(first);
  }

  /** Whether a peer that is no trusted proxy says which path it took off: it may be a proxy that nobody named. */
  isPrefixIgnored(request: IncomingMessage): boolean {
    return request.headers[PREFIX] !== undefined && !this.trusts(request);
  }

  /** Whether a trusted proxy brought the request. */
  trusts({ socket }: Pick<IncomingMessage, "socket">): boolean {
    return this.#trusted.has(socket.remoteAddress);
  }

  /** Whether what is answered depends on these headers. */
  get isRead(): boolean {
    return !this.#trusted.isEmpty;
  }
}

const HOST = "x-forwarded-host";
const SCHEME = "x-forwarded-proto";
const PREFIX = "x-forwarded-prefix";
const FOR = "x-forwarded-for";
const FORWARDED = "Forwarded";
/** As it is written in documents. */
const SPELLED = {
  [HOST]: "X-Forwarded-Host",
  [SCHEME]: "X-Forwarded-Proto",
  [PREFIX]: "X-Forwarded-Prefix",
};
/** So many proxies one behind another; what a client wrote in front of more is not looked at. */
const MOST_HOPS = 32;

type Single = keyof typeof SPELLED;

/** Undefined where it is missing or empty. Two values, in one line or in two, are those of two senders, and nothing tells which is the client. */
function one({ headers }: IncomingMessage, name: Single): string | undefined {
  const value = headers[name];
  if (value === undefined) return undefined;
  const text = String(value).trim();
  if (text.includes(",")) throw invalid(SPELLED[name], "must be one value");
  return text === "" ? undefined : text;
}

function hostIn(text: string | undefined, header: string = SPELLED[HOST]): string | null {
  if (text === undefined) return null;
  const host = text.toLowerCase();
  if (/^[a-z0-9.:[\]_-]{1,255}$/.test(host)) return host;
  throw invalid(header, "must be a name, perhaps with a port");
}

/** Some proxies name the scheme of a socket. */
function schemeIn(text: string | undefined, header: string = SPELLED[SCHEME]): Told["scheme"] {
  if (text === undefined) return null;
  if (/^(http|ws)$/i.test(text)) return "http";
  if (/^(https|wss)$/i.test(text)) return "https";
  throw invalid(header, "must be http or https");
}

/** It begins the page's addresses: by the rule for a base path there is nothing in it that a browser reads as another host, a step up, or an escape for one. */
function prefixIn(text: string | undefined): string {
  try {
    return readBasePath(text ?? "");
  } catch (error) {
    throw invalid(SPELLED[PREFIX], (error as Error).message);
  }
}

/** Some proxies add the port of the client, or a name in its place. Null where it is no address. */
function addressIn(text: string): string | null {
  const [, v6, v4] =
    /^(?:\[([^\]]+)\](?::[\w.-]+)?|(\d+\.\d+\.\d+\.\d+):[\w.-]+)$/.exec(text) ?? [];
  const address = plainAddress(v6 ?? v4 ?? text);
  return isIP(address) === 0 ? null : address;
}
