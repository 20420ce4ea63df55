/** By which names this server is reached, and from which pages: a browser sends requests for any site that a person visits. */
import type { IncomingMessage } from "node:http";
import { SyncError } from "../../../shared/errors.js";
import { Forwarded, type Told } from "../proxies/forwarded.js";
import type { ForeignPages } from "./foreignPages.js";
import { otherSite, unknownName, withoutTls } from "./nameRefusals.js";
import type { OwnPorts } from "./ownPorts.js";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

export class OwnNames {
  /** As they were given, in small letters. */
  readonly #allowedHosts: ReadonlySet<string>;
  /** Those that were given without a port. */
  readonly #atAnyPort: ReadonlySet<string>;
  readonly #ownPorts: OwnPorts;
  readonly #forwarded: Forwarded;

  /** `allowedHosts`: `name`, at any port, or `name:port`, beside the loopback names at the server's own port. */
  constructor(allowedHosts: readonly string[], ownPorts: OwnPorts, forwarded = new Forwarded()) {
    const names = allowedHosts.map((host) => host.toLowerCase());
    this.#allowedHosts = new Set(names);
    this.#atAnyPort = new Set(names.filter((name) => withoutPort(name) === name));
    this.#ownPorts = ownPorts;
    this.#forwarded = forwarded;
  }

  /** The name the request came by. Throws SyncError `forbidden` where it is none of ours, `bad_message` where it is not told. */
  hostOf(request: IncomingMessage): string {
    return this.#cameBy(request).host;
  }

  /**
   * Whether it came by a name of ours, and from a page of ours, if from any: false where the page is one of `others`. Throws SyncError
   * `forbidden` or `bad_message`.
   */
  checkOrigin(request: IncomingMessage, others?: Pick<ForeignPages, "has">): boolean {
    const { host, scheme } = this.#cameBy(request);
    const origin = onlyHeader(request, "origin");
    if (origin === undefined) return true;
    const isOurs = this.#hasOrigin(origin, { host, scheme }, request);
    const isWithoutTls = isOurs && scheme === "https" && !origin.startsWith("https:");
    if (isOurs && !isWithoutTls) return true;
    if (others?.has(request)) return false;
    throw new SyncError("forbidden", isWithoutTls ? withoutTls(origin) : otherSite(origin, host));
  }

  /**
   * The name in `Host`, or the one that a trusted proxy tells. Both have to be ours: a browser on this machine is a peer like a proxy
   * there, and a page of another name that leads here can send any such header, but not our name in `Host`.
   */
  #cameBy(request: IncomingMessage): CameBy {
    const own = onlyHeader(request, "host")?.toLowerCase();
    // Node refuses a request without a host itself, but not an upgrade.
    if (own === undefined) throw new SyncError("bad_message", "there must be one host header");
    const told = this.#forwarded.toldOf(request);
    const host = told?.host ?? own;
    for (const name of [own, host])
      if (!this.#has(name, request))
        throw new SyncError("forbidden", unknownName(name, request.socket.localPort));
    return { host, scheme: told?.scheme ?? null };
  }

  #has(host: string, request: IncomingMessage): boolean {
    return (
      this.#allowedHosts.has(host) ||
      this.#atAnyPort.has(withoutPort(host)) ||
      isLoopbackName(host, request)
    );
  }

  #hasOrigin(origin: string, { host, scheme }: CameBy, request: IncomingMessage): boolean {
    const [, by = "", name] = /^(https?):\/\/([^/?#@\\]+)$/.exec(origin) ?? [];
    if (name === undefined) return false;
    if (withPort(name, by) === withPort(host, scheme ?? by)) return true;
    // Of a name that is ours at any port, the pages at its other ports may be somebody else's.
    if (!isLoopbackName(host, request) && !this.#allowedHosts.has(host)) return false;
    if (this.#allowedHosts.has(name)) return true;
    if (!isLoopbackName(name, request)) return false;
    // Another user's program may hold this port at the IPv6 loopback where we do not.
    return !name.startsWith("[::1]") || this.#ownPorts.hasIpv6(request.socket.localPort ?? 0);
  }
}

interface CameBy {
  readonly host: string;
  readonly scheme: Told["scheme"];
}

/** The port belongs to the name: another port on this machine is another server. */
function isLoopbackName(host: string, { socket: { localPort } }: IncomingMessage): boolean {
  return LOOPBACK_NAMES.some(
    (name) => host === `${name}:${localPort}` || (localPort === 80 && host === name),
  );
}

const withoutPort = (host: string): string => host.replace(/:\d{1,5}$/, "");

/** A browser leaves out the port that the scheme has by itself; some proxies write it. */
const withPort = (host: string, scheme: string): string =>
  /:\d{1,5}$/.test(host) ? host : `${host}:${scheme === "https" ? 443 : 80}`;

/** Two values for one of these headers come from an attack or a broken proxy, so they are refused. */
function onlyHeader(request: IncomingMessage, name: string): string | undefined {
  const values: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name) values.push(request.rawHeaders[i + 1] ?? "");
  }
  if (values.length > 1) throw new SyncError("bad_message", `there must be one ${name} header`);
  return values[0];
}
