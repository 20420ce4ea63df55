/** Finds where the router is in a server of somebody else, by asking that server: sockets are taken where REST is, and nowhere else. */
import type { IncomingMessage, Server } from "node:http";
import type { RequestHandler } from "express";
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import { LIVE_PATH } from "../../../shared/names.js";
import { standInFor } from "./standIn.js";

/** How long the host may take to lead a call to us. */
const LEADS_WITHIN_MS = 5_000;
/** Calls of which it is not known yet where they lead. */
const MOST_ASKED = 200;
const TOO_MANY = "too many sockets are being opened at once";

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
   * Before the host has taken a router, ours is at its root. Throws where the host has too many of them to lead already.
   */
  leadHere(server: Server, upgrade: IncomingMessage): boolean | Promise<boolean> {
    if (!this.#hasRouter) return pathOf(upgrade) === LIVE_PATH;
    if (this.#asked >= MOST_ASKED) throw new SyncError("too_many", TOO_MANY, { retryAfter: 5 });
    let verdict: boolean | null = null;
    let tell: Answer = (isHere) => {
      verdict = isHere;
    };
    const no = () => answer(false);
    const { call, response, end } = standInFor(upgrade, no);
    const answer: Answer = (isHere) => {
      if (!this.#asking.delete(call)) return;
      cancel();
      upgrade.socket.off("close", no);
      this.#asked--;
      tell(isHere);
      end();
    };
    const cancel = this.#clock.after(LEADS_WITHIN_MS, no);
    this.#asked++;
    this.#asking.set(call, answer);
    upgrade.socket.once("close", no);
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

const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?", 1)[0] ?? "";
