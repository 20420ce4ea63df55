/** Who may come in: one verdict for HTTP and for upgrades, so that neither door is forgotten. */
import type { IncomingMessage } from "node:http";
import { SyncError } from "../../../shared/errors.js";
import { TOKEN_SUBPROTOCOL } from "../../../shared/names.js";
import type { Permission } from "../../../shared/wire/serverMessages.js";
import { isNavigation } from "../request/navigation.js";
import { peerOf } from "./addresses.js";
import type { Grant, Grants } from "./grants.js";
import type { OwnPorts } from "./ownPorts.js";
import type { WrongTokens } from "./wrongTokens.js";

export interface AccessOptions {
  readonly grants: Grants;
  /** `name` or `name:port`, beside the loopback names at the server's own port. */
  readonly allowedHosts: readonly string[];
  readonly wrongTokens: WrongTokens;
  readonly ownPorts: OwnPorts;
}

export interface Access {
  readonly can: readonly Permission[];
  /** For counting a client's commands: the token's hash, or the address. */
  readonly client: string;
  readonly grant: Grant;
}

export interface Gate {
  /** Whether the request came by a name of ours. Throws SyncError `forbidden` or `bad_message`. */
  checkHost(request: IncomingMessage): void;
  /** Whether the request came by a name of ours, from a page of ours. Throws SyncError `forbidden` or `bad_message`. */
  checkOrigin(request: IncomingMessage): void;
  /** The origin, and what the token allows. Throws also `unauthorized`, and `rate_limited` for one wrong token too many. */
  authorize(request: IncomingMessage): Access;
}

/** Whether commands are taken from it, too, and secrets shown to it. */
export const mayDrive = ({ can }: Access): boolean => can.includes("drive");

/** Throws SyncError `forbidden` for a token that may only watch. */
export function checkMayDrive(access: Access): void {
  if (!mayDrive(access)) throw new SyncError("forbidden", "this token may only watch");
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

export function createGate({ grants, allowedHosts, wrongTokens, ownPorts }: AccessOptions): Gate {
  const hosts = new Set(allowedHosts.map((host) => host.toLowerCase()));

  const isOurs = (host: string, request: IncomingMessage): boolean => {
    if (hosts.has(host)) return true;
    // The port belongs to the name: another port on this machine is another server.
    const port = request.socket.localPort;
    return LOOPBACK_NAMES.some(
      (name) => host === `${name}:${port}` || (port === 80 && host === name),
    );
  };

  const isOurOrigin = (origin: string, host: string, request: IncomingMessage): boolean => {
    const [, name] = /^https?:\/\/([^/?#@\\]+)$/.exec(origin) ?? [];
    if (name === undefined || !isOurs(name, request)) return false;
    // Another user's program may hold this port at the IPv6 loopback where we do not.
    const isOther = name.startsWith("[::1]") && name !== host && !hosts.has(name);
    return !isOther || ownPorts.hasIpv6(request.socket.localPort ?? 0);
  };

  const ownHost = (request: IncomingMessage): string => {
    const host = onlyHeader(request, "host")?.toLowerCase();
    // Node refuses such requests itself, but not such upgrades.
    if (host === undefined) throw new SyncError("bad_message", "there must be one host header");
    if (!isOurs(host, request)) {
      throw new SyncError("forbidden", unknownName(host));
    }
    return host;
  };

  const checkOrigin = (request: IncomingMessage): void => {
    const host = ownHost(request);
    const origin = onlyHeader(request, "origin");
    if (origin !== undefined && !isOurOrigin(origin, host, request)) {
      throw new SyncError("forbidden", otherSite(origin, host));
    }
  };

  const authorize = (request: IncomingMessage): Access => {
    checkOrigin(request);
    const site = request.headers["sec-fetch-site"];
    const isOtherSite = site !== undefined && site !== "same-origin" && site !== "none";
    if (isOtherSite && !isNavigation(request)) {
      throw new SyncError("forbidden", OTHER_SITES);
    }
    const address = peerOf(request.socket.remoteAddress);
    const { open } = grants;
    if (open) return { can: open.can, client: address, grant: open };
    const offered = offeredToken(request);
    if (offered === null) throw new SyncError("unauthorized", "a token is needed");
    const grant = grants.find(offered);
    if (!grant) {
      // A tab that comes back with a token that was taken away is no guesser.
      if (!grants.wasKnown(offered)) wrongTokens.count(request.socket.remoteAddress);
      throw new SyncError("unauthorized", "this token is not known");
    }
    return { can: grant.can, client: `${grant.hash?.toString("base64url")}${address}`, grant };
  };

  return { checkHost: (request) => void ownHost(request), checkOrigin, authorize };
}

const OTHER_SITES = "requests from other sites are refused";
/** A name or an address, perhaps with a port: all that is worth saying back of a header. */
const HOST_NAME = /^[a-z0-9.:[\]_-]{1,255}$/;

/** With both names, and what a proxy has to do that gave the server its own: the usual way here is one that nobody set up for it. */
function otherSite(origin: string, host: string): string {
  const name = /^https?:\/\/(.*)$/.exec(origin)?.[1]?.toLowerCase();
  if (name === undefined || !HOST_NAME.test(name)) return OTHER_SITES;
  return `${OTHER_SITES}: this one is from a page at ${name} and was sent to ${host}. Is a proxy between them? Then let it pass on the name that was asked for (nginx: \`proxy_set_header Host $http_host;\`), and start Instep with \`--allow-host ${name}\`.`;
}

/** With the flag that would make it known, as it is to be typed: the usual way here is a forwarded port or a proxy. */
function unknownName(host: string): string {
  // Whatever else stands in the header is not worth saying back.
  if (!HOST_NAME.test(host)) return "this server is not known by that host name";
  return `this server is not known as ${host}. Is it meant to be, through a forwarded port or a proxy? Then start it with \`--allow-host ${host}\`, or forward the port that it has itself.`;
}

/** Two values for one of these headers are an attack or a broken proxy, never a wish. */
function onlyHeader(request: IncomingMessage, name: string): string | undefined {
  const values: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name) values.push(request.rawHeaders[i + 1] ?? "");
  }
  if (values.length > 1) throw new SyncError("bad_message", `there must be one ${name} header`);
  return values[0];
}

function offeredToken(request: IncomingMessage): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "");
  if (bearer?.[1]) return bearer[1];
  for (const protocol of (request.headers["sec-websocket-protocol"] ?? "").split(",")) {
    const name = protocol.trim();
    if (name.startsWith(TOKEN_SUBPROTOCOL)) {
      return Buffer.from(name.slice(TOKEN_SUBPROTOCOL.length), "base64url").toString();
    }
  }
  return null;
}
