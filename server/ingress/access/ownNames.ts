/** By which names this server is reached, and from which pages: a browser sends requests for any site that a person visits. */
import type { IncomingMessage } from "node:http";
import { SyncError } from "../../../shared/errors.js";
import type { OwnPorts } from "./ownPorts.js";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

export class OwnNames {
  readonly #allowedHosts: ReadonlySet<string>;
  readonly #ownPorts: OwnPorts;

  /** `allowedHosts`: `name` or `name:port`, beside the loopback names at the server's own port. */
  constructor(allowedHosts: readonly string[], ownPorts: OwnPorts) {
    this.#allowedHosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
    this.#ownPorts = ownPorts;
  }

  /** The name the request came by. Throws SyncError `forbidden` where it is none of ours, `bad_message` where it is not told. */
  hostOf(request: IncomingMessage): string {
    const host = onlyHeader(request, "host")?.toLowerCase();
    // Node refuses a request without a host itself, but not an upgrade.
    if (host === undefined) throw new SyncError("bad_message", "there must be one host header");
    if (!this.#has(host, request)) throw new SyncError("forbidden", unknownName(host));
    return host;
  }

  /** Whether it came by a name of ours and from a page of ours, if from any. Throws SyncError `forbidden` or `bad_message`. */
  checkOrigin(request: IncomingMessage): void {
    const host = this.hostOf(request);
    const origin = onlyHeader(request, "origin");
    if (origin !== undefined && !this.#hasOrigin(origin, host, request))
      throw new SyncError("forbidden", otherSite(origin, host));
  }

  #has(host: string, request: IncomingMessage): boolean {
    if (this.#allowedHosts.has(host)) return true;
    // The port belongs to the name: another port on this machine is another server.
    const port = request.socket.localPort;
    return LOOPBACK_NAMES.some(
      (name) => host === `${name}:${port}` || (port === 80 && host === name),
    );
  }

  #hasOrigin(origin: string, host: string, request: IncomingMessage): boolean {
    const [, name] = /^https?:\/\/([^/?#@\\]+)$/.exec(origin) ?? [];
    if (name === undefined || !this.#has(name, request)) return false;
    // Another user's program may hold this port at the IPv6 loopback where we do not.
    const isOther = name.startsWith("[::1]") && name !== host && !this.#allowedHosts.has(name);
    return !isOther || this.#ownPorts.hasIpv6(request.socket.localPort ?? 0);
  }
}

export const OTHER_SITES = "requests from other sites are refused";
/** A name or an address, perhaps with a port. Nothing else of a header is said back. */
const HOST_NAME = /^[a-z0-9.:[\]_-]{1,255}$/;

/** Names both, and the setting of a proxy that passes on its own name: that is how most people get here. */
function otherSite(origin: string, host: string): string {
  const name = /^https?:\/\/(.*)$/.exec(origin)?.[1]?.toLowerCase();
  if (name === undefined || !HOST_NAME.test(name)) return OTHER_SITES;
  return `${OTHER_SITES}: this one is from a page at ${name} and was sent to ${host}. Is a proxy between them? Then let it pass on the name that was asked for (nginx: \`proxy_set_header Host $http_host;\`), and start Instep with \`--allow-host ${name}\`.`;
}

/** Names the flag that makes the host known: most people get here through a forwarded port or a proxy. */
function unknownName(host: string): string {
  // Other characters stand in no host name, so nothing of the header is said back.
  if (!HOST_NAME.test(host)) return "this server is not known by that host name";
  return `this server is not known as ${host}. Is it meant to be, through a forwarded port or a proxy? Then start it with \`--allow-host ${host}\`, or forward the port that it has itself.`;
}

/** Two values for one of these headers come from an attack or a broken proxy, so they are refused. */
function onlyHeader(request: IncomingMessage, name: string): string | undefined {
  const values: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name) values.push(request.rawHeaders[i + 1] ?? "");
  }
  if (values.length > 1) throw new SyncError("bad_message", `there must be one ${name} header`);
  return values[0];
}
