/** The gate that lets a request in, and what the request may do from then on. */
import type { IncomingMessage } from "node:http";
import { SyncError } from "../../../shared/errors.js";
import { TOKEN_SUBPROTOCOL } from "../../../shared/names.js";
import type { Permission } from "../../../shared/wire/serverMessages.js";
import { Forwarded } from "../proxies/forwarded.js";
import { isNavigation } from "../request/navigation.js";
import { peerOf } from "./addresses.js";
import { ForeignPages } from "./foreignPages.js";
import type { Grant, Grants } from "./grants.js";
import type { HostHook } from "./hostHook.js";
import { OTHER_SITES } from "./nameRefusals.js";
import type { NodeGate } from "./nodeGate.js";
import type { OwnNames } from "./ownNames.js";
import type { Shares } from "./shares.js";
import type { WrongTokens } from "./wrongTokens.js";

export interface Access {
  readonly can: readonly Permission[];
  /** Under which name this client's commands are counted: the hash of its token, or its address. */
  readonly client: string;
  readonly grant: Grant;
  /** The node of the cluster that calls; such a call is never sent on to a third one. Missing where it is somebody else. */
  readonly node?: string;
}

/** Whether its commands are taken, and what watchers do not get to see is shown to it. */
export const mayDrive = ({ can }: Access): boolean => can.includes("drive");

/** Whether it may do what concerns others, too. */
export const mayAdminister = ({ can }: Access): boolean => can.includes("admin");

/** Throws SyncError `forbidden` for a token that may only watch. */
export function checkMayDrive(access: Access): void {
  if (!mayDrive(access)) throw new SyncError("forbidden", "this token may only watch");
}

export interface GateParts {
  readonly names: OwnNames;
  readonly grants: Grants;
  readonly wrongTokens: WrongTokens;
  /** Null where there are no other nodes. */
  readonly nodes?: Pick<NodeGate, "accessOf"> | null;
  /** @default no proxy is trusted */
  readonly forwarded?: Forwarded;
  /** @default no other origin is let in */
  readonly foreign?: ForeignPages;
  /** Null where the host has no word in it. */
  readonly host?: Pick<HostHook, "ask"> | null;
  /** The links that let somebody in. */
  readonly shares?: Pick<Shares, "isShare" | "grantOf">;
}

/** One verdict for HTTP and for upgrades, so that neither door is forgotten. */
export class Gate {
  readonly #parts: GateParts;
  /** Knows what trusted proxies tell of a request. */
  readonly forwarded: Forwarded;
  /** Knows the pages of other origins that may call. */
  readonly foreign: ForeignPages;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.forwarded = parts.forwarded ?? new Forwarded();
    this.foreign = parts.foreign ?? new ForeignPages();
  }

  /** Whether everybody is let in who comes by a name of ours. */
  get isOpen(): boolean {
    return this.#parts.grants.open !== null;
  }

  /** Whether somebody may be let in who brings no token. */
  get takesTokenless(): boolean {
    return this.#parts.grants.open !== null || this.#parts.host != null;
  }

  /** Whether the request came by a name of ours. Throws SyncError `forbidden` or `bad_message`. */
  checkHost(request: IncomingMessage): void {
    this.#parts.names.hostOf(request);
  }

  /** Whether the request came by a name of ours, from a page of ours and not of another origin that was named. Throws SyncError `forbidden` or `bad_message`. */
  checkOrigin(request: IncomingMessage): void {
    this.#parts.names.checkOrigin(request);
  }

  /**
   * The origin, and what the token or the host allows. At once, but where the host takes its time. Throws or rejects also with `unauthorized`,
   * with `rate_limited` for one wrong token too many, and as `HostHook.ask`.
   */
  authorize(request: IncomingMessage): Access | Promise<Access> {
    const access = this.authorizeScrape(request);
    return access instanceof Promise ? access.then(mustWatch) : mustWatch(access);
  }

  /** The same for reading metrics, which is all that some tokens may. */
  authorizeScrape(request: IncomingMessage): Access | Promise<Access> {
    const fromNode = this.#parts.nodes?.accessOf(request);
    if (fromNode) return fromNode;
    if (this.#parts.names.checkOrigin(request, this.foreign)) checkSite(request);
    else leaveOutCookies(request);
    const address = peerOf(this.forwarded.addressOf(request));
    const { open } = this.#parts.grants;
    if (open) return { can: open.can, client: address, grant: open };
    const token = offeredToken(request);
    const grant = this.#grantOf(request, token);
    if (grant instanceof Promise)
      return grant.then((given) => this.#accessBy(given, address, token));
    return this.#accessBy(grant, address, token);
  }

  /** A token that we know wins. Any other is the host's to judge, as is a request without one. */
  #grantOf(request: IncomingMessage, token: string | null): Grant | null | Promise<Grant | null> {
    const { grants, host, shares } = this.#parts;
    const known = token === null ? null : grants.find(token);
    if (!known && token !== null && shares?.isShare(token)) return shares.grantOf(token);
    return known ?? host?.ask(request) ?? null;
  }

  #accessBy(grant: Grant | null, address: string, token: string | null): Access {
    if (grant === null) throw this.#unknown(address, token);
    const client = `${grant.hash?.toString("base64url") ?? `user ${grant.user} `}${address}`;
    return { can: grant.can, client, grant };
  }

  #unknown(address: string, token: string | null): SyncError {
    const { grants, wrongTokens, host } = this.#parts;
    if (token === null)
      return new SyncError("unauthorized", host ? "sign in first" : "a token is needed");
    // A token that was taken away is not a guess: a tab may come back with it.
    if (!grants.wasKnown(token)) wrongTokens.count(address);
    return new SyncError("unauthorized", "this token is not known");
  }
}

function mustWatch(access: Access): Access {
  if (!access.can.includes("watch"))
    throw new SyncError("forbidden", "this token may only read metrics");
  return access;
}

/** As the browser says it (Fetch Metadata): a person who follows a link to us comes from another site, too, and is let in. */
function checkSite(request: IncomingMessage): void {
  const site = request.headers["sec-fetch-site"];
  const isOtherSite = site !== undefined && site !== "same-origin" && site !== "none";
  if (isOtherSite && !isNavigation(request)) throw new SyncError("forbidden", OTHER_SITES);
}

/**
 * A browser brings a person's cookies along with a socket of any page, and with a call where the page wishes it. They say who signed in here,
 * and not that this page may act for them: such a page brings a token.
 */
function leaveOutCookies({ headers, rawHeaders }: IncomingMessage): void {
  delete headers.cookie;
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2)
    if (rawHeaders[i]?.toLowerCase() === "cookie") rawHeaders.splice(i, 2);
}

/** Read from `Authorization: Bearer`, or from the subprotocol of a socket: a page in a browser can set no header for that. */
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
