/** Where the router is in a server of somebody else: that server is asked, so that sockets are taken where REST is, and nowhere else. */
import { IncomingMessage, type Server, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { RequestHandler } from "express";
import type { Clock } from "../../shared/clock.js";
import { LIVE_PATH } from "../../shared/messages.js";

/** How long the host may take to lead a call to us. */
const LEADS_WITHIN_MS = 5_000;
/** Calls of which it is not known yet where they lead. */
const MOST_ASKED = 200;

/** Of an upgrade: what makes one of it, and what belongs to the socket alone. */
const OF_UPGRADES = /^(upgrade|connection|sec-websocket-.*)$/i;

type Answer = (isHere: boolean) => void;

export class Mounts {
  readonly #clock: Clock;
  /** Calls that only ask, and are never answered. */
  readonly #asking = new WeakMap<object, Answer>();
  #asked = 0;
  #hasRouter = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For the first place in each router. */
  readonly handler: RequestHandler = (request, _response, next) => {
    const answer = this.#asking.get(request);
    if (!answer) return next();
    if (pathOf(request) === LIVE_PATH) answer(true);
    else next("router");
  };

  /** The host has a router of ours to mount. */
  routerTaken(): void {
    this.#hasRouter = true;
  }

  /**
   * Whether a GET of this upgrade's path, with its headers, comes to our router there. What the host's middleware refuses does not.
   * Before the host has taken a router, ours is at its root.
   */
  leadHere(server: Server, upgrade: IncomingMessage): boolean | Promise<boolean> {
    if (!this.#hasRouter) return pathOf(upgrade) === LIVE_PATH;
    if (this.#asked >= MOST_ASKED) return false;
    const call = asCall(upgrade);
    const response = new ServerResponse(call);
    let verdict: boolean | null = null;
    let tell: Answer = (isHere) => {
      verdict = isHere;
    };
    const answer: Answer = (isHere) => {
      if (!this.#asking.delete(call)) return;
      cancel();
      this.#asked--;
      tell(isHere);
      // Whoever waits for the end of this call has waited long enough.
      response.emit("close");
    };
    const cancel = this.#clock.after(LEADS_WITHIN_MS, () => answer(false));
    this.#asked++;
    this.#asking.set(call, answer);
    upgrade.socket.once("close", () => answer(false));
    neverSent(response, () => answer(false));
    try {
      server.emit("request", call, response);
    } catch {
      answer(false);
    }
    return (
      verdict ??
      new Promise((resolve) => {
        tell = resolve;
      })
    );
  }
}

function asCall({ url, headers, rawHeaders: raw, socket }: IncomingMessage): IncomingMessage {
  const call = new IncomingMessage(standIn(socket));
  const kept = Object.entries(headers).filter(([name]) => !OF_UPGRADES.test(name));
  const rawHeaders = raw.filter((_, i) => !OF_UPGRADES.test(raw[i - (i % 2)] ?? ""));
  Object.assign(call, { method: "GET", url, headers: Object.fromEntries(kept), rawHeaders });
  Object.assign(call, { httpVersion: "1.1", httpVersionMajor: 1, httpVersionMinor: 1 });
  call.complete = true;
  call.push(null);
  return call;
}

/** Whatever the host does with it, the socket itself is left alone. */
function standIn(socket: Socket & { encrypted?: boolean }): Socket {
  const { remoteAddress, remoteFamily, remotePort, localAddress, localPort, encrypted } = socket;
  const facts = { remoteAddress, remoteFamily, remotePort, localAddress, localPort, encrypted };
  const given = Object.entries(facts).filter(([, value]) => value !== undefined);
  const properties = given.map(([name, value]) => [name, { value }] as const);
  return Object.defineProperties(new Socket(), Object.fromEntries(properties));
}

function neverSent(response: ServerResponse, ended: () => void): void {
  const end = () => {
    ended();
    return response;
  };
  Object.assign(response, { write: () => true, end, destroy: end, flushHeaders: () => {} });
}

const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?", 1)[0] ?? "";
