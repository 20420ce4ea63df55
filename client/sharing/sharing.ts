/** A tab's side of a connection that all tabs of a browser share: asks the holder for a link, and goes its own way where none comes. */
import type { Clock } from "../../shared/clock.js";
import type { LiveSocket } from "../connection/socket.js";
import { Timer } from "../wire/timer.js";
import type { WatchLife } from "./holderLife.js";
import { HolderWatch } from "./holderWatch.js";
import type { Leaving } from "./leaving.js";
import { asHolderMessage, type HolderMessage, type Port, type TabMessage } from "./portMessages.js";
import { TabSocket } from "./tabSocket.js";

/** The part of a SharedWorker that a tab uses. */
export interface SharedWorkerLike {
  readonly port: Port;
  addEventListener(type: "error", listener: () => void): void;
}

/** Opens the worker that holds the socket; may throw, as browsers do where it is forbidden. */
export type OpenSharedWorker = () => SharedWorkerLike;

export interface SharingParts {
  readonly clock: Clock;
  readonly url: string;
  readonly protocols: readonly string[];
  /** May throw. */
  readonly openWorker: OpenSharedWorker;
  /** A socket of this tab alone; may throw. */
  readonly openOwn: () => LiveSocket;
  readonly onLeaving: Leaving;
  readonly watchLife: WatchLife;
  /** Whether somebody looks at this tab. */
  readonly isLookedAt: () => boolean;
  /** A new try makes sense now: others have reached the server, or it is another way. */
  readonly up: () => void;
}

/**
 * How long a holder may take for its first word before the tab opens a socket of its own beside: less for one that is to replace a silent
 * one, for the tab has waited already, and no time once that one said nothing either.
 */
const WELCOME_MS = [1_000, 400, 0] as const;
/** A browser may lead to a worker that is dead for a moment longer: then it is asked again, so many times. */
const KNOCK_MS = 150;
const KNOCKS = 3;
/** When a tab that came by a socket of its own changes over to the shared one: soon where nobody sees it, later where somebody looks. */
const RETURN_UNSEEN_MS = 5_000;
const RETURN_MS = 30_000;

export class Sharing {
  readonly #parts: SharingParts;
  readonly #watch: HolderWatch;
  readonly #welcome: Timer;
  #port: Port | null = null;
  #isHolderHere = false;
  /** Holders in a row that said nothing in time. */
  #silent = 0;
  /** How often another holder is still asked for, in place of one that died. */
  #knocks = 0;
  #isAlone = false;
  #links = 0;
  #socket: TabSocket | null = null;
  #stopLeaving: (() => void) | null = null;
  #stopWatchingLife: (() => void) | null = null;
  readonly #returning: Timer;

  constructor(parts: SharingParts) {
    this.#parts = parts;
    this.#welcome = new Timer(parts.clock);
    this.#returning = new Timer(parts.clock);
    this.#watch = new HolderWatch(parts.clock, {
      look: () => this.#post({ type: "look" }),
      silent: () => this.#holderLost("silent"),
    });
  }

  /** Whether the present socket is one that other tabs may use, too. */
  get isShared(): boolean {
    return this.#socket?.isShared ?? false;
  }

  /** Throws where the tab is alone and the browser will not open the address. */
  open(): LiveSocket {
    this.#stopLeaving ??= this.#parts.onLeaving(() => this.#leave());
    const port = this.#isAlone ? null : this.#ensurePort();
    if (!port) return this.#parts.openOwn();
    const link = ++this.#links;
    const socket = new TabSocket({
      openOwn: this.#parts.openOwn,
      send: (text) => this.#post({ type: "send", link, text }),
      close: (code) => this.#post({ type: "close", link, code }),
      settled: () => this.#settled(socket),
    });
    this.#socket = socket;
    this.#knock(socket, link);
    return socket;
  }

  /** From here on by a socket of this tab alone: a lease belongs to the socket it was claimed on. */
  goAlone(): void {
    if (this.#isAlone) return;
    this.#isAlone = true;
    const socket = this.#socket;
    this.#dropPort();
    if (socket?.isShared) socket.lose();
    this.#tryAgainAtOnce();
  }

  stop(): void {
    this.#stopLeaving?.();
    this.#stopLeaving = null;
    this.#dropPort();
  }

  #ensurePort(): Port | null {
    if (!this.#isHolderHere) this.#dropPort();
    if (this.#port) return this.#port;
    try {
      const worker = this.#parts.openWorker();
      const { port } = worker;
      worker.addEventListener("error", () => {
        if (this.#port === port) this.#holderLost("silent");
      });
      port.onmessage = ({ data }) => {
        const message = asHolderMessage(data);
        if (message && this.#port === port) this.#hear(message);
      };
      this.#port = port;
      this.#isHolderHere = false;
      return port;
    } catch {
      // No SharedWorker here, or a policy or a setting that forbids it.
      return null;
    }
  }

  #knock(socket: TabSocket, link: number): void {
    const { url, protocols } = this.#parts;
    this.#post({ type: "open", link, url, protocols });
    if (this.#isHolderHere) return this.#watch.start();
    const mayKnockAgain = this.#knocks > 0;
    this.#welcome.set(mayKnockAgain ? KNOCK_MS : (WELCOME_MS[this.#silent] ?? 0), () => {
      if (mayKnockAgain && this.#ensurePort()) {
        this.#knocks--;
        return this.#knock(socket, link);
      }
      this.#silent++;
      socket.tryOwn();
    });
  }

  #hear(message: HolderMessage): void {
    this.#watch.heard();
    switch (message.type) {
      case "here":
        this.#isHolderHere = true;
        this.#silent = 0;
        this.#knocks = 0;
        this.#welcome.cancel();
        if (message.life !== null)
          this.#stopWatchingLife ??= this.#parts.watchLife(message.life, () =>
            this.#holderLost("dead"),
          );
        if (this.#socket?.isShared) this.#watch.start();
        else if (this.#socket && !this.#returning.isSet) this.#returnIn(0);
        return;
      case "message":
        this.#post({ type: "taken", link: message.link, characters: message.text.length });
        if (message.link === this.#links) this.#socket?.heard(message.text);
        return;
      case "closed":
        if (message.link === this.#links) this.#socket?.closed(message.code);
        return;
      case "unfit":
        if (message.link === this.#links) this.goAlone();
        return;
      case "up":
        return this.#tryAgainAtOnce();
    }
  }

  /** The socket found its way, or has ended. */
  #settled(socket: TabSocket): void {
    if (socket !== this.#socket) return;
    if (!socket.isShared) {
      this.#watch.stop();
      this.#welcome.cancel();
    }
    if (!socket.isOpen) this.#socket = null;
  }

  /** The server was not the reason, or is back: there is nothing to wait for. */
  #tryAgainAtOnce(): void {
    if (!this.#socket?.isOpen) this.#parts.up();
  }

  /** The holder came late, and this tab has a socket of its own by now. */
  #returnIn(waitedMs: number): void {
    this.#returning.set(RETURN_UNSEEN_MS, () => {
      const socket = this.#socket;
      if (!socket || socket.isShared) return;
      const hasWaitedMs = waitedMs + RETURN_UNSEEN_MS;
      if (this.#parts.isLookedAt() && hasWaitedMs < RETURN_MS) return this.#returnIn(hasWaitedMs);
      socket.lose();
      this.#tryAgainAtOnce();
    });
  }

  /** The next try asks for another holder, which the browser starts where this one is gone. */
  #holderLost(how: "dead" | "silent"): void {
    const socket = this.#socket;
    if (how === "silent") this.#silent++;
    else [this.#silent, this.#knocks] = [2, KNOCKS];
    this.#dropPort();
    socket?.holderLost();
    this.#tryAgainAtOnce();
  }

  #leave(): void {
    const socket = this.#socket;
    this.#dropPort();
    socket?.lose();
  }

  #dropPort(): void {
    this.#watch.stop();
    this.#welcome.cancel();
    this.#returning.cancel();
    this.#stopWatchingLife?.();
    this.#stopWatchingLife = null;
    this.#post({ type: "bye" });
    this.#port?.close();
    this.#port = null;
    this.#isHolderHere = false;
  }

  #post(message: TabMessage): void {
    this.#port?.postMessage(message);
  }
}
