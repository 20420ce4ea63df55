/** The one socket to another node, for all outputs that are followed there: made again where it breaks, and closed where nobody follows. */
import type { Clock } from "../../../shared/clock.js";
import type { ClientMessage } from "../../../shared/schema/clientMessages.js";
import type { PeerSocket, Peers } from "../../cluster/cluster.js";
import { type FarFrame, readFarFrame } from "./farFrames.js";

export interface PeerLinkParts {
  readonly node: string;
  readonly peers: Pick<Peers, "open">;
  readonly clock: Clock;
  /** How late a sign of life may be. */
  readonly graceMs: number;
  /** The other side has greeted us: everything is asked from here on. */
  readonly up: () => void;
  /** It was not reached for some time: since when, RFC 3339. Told once, until it is up again. */
  readonly away: (since: string) => void;
  readonly received: (frame: FarFrame) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;
const GREETING_MS = 5_000;
/** A link that is down for less is nobody's news. */
const AWAY_AFTER_MS = 3_000;

export class PeerLink {
  readonly #parts: PeerLinkParts;
  #socket: Pick<PeerSocket, "send" | "close"> | null = null;
  /** The number of the socket that is `#socket`: one may be closed before it is there. */
  #turn = 0;
  #isUp = false;
  #awaySince: string | null = null;
  #heartbeatMs = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #cancelNext = () => {};
  #cancelWatch = () => {};
  #cancelAway: (() => void) | null = null;
  #isClosed = false;

  constructor(parts: PeerLinkParts) {
    this.#parts = parts;
    this.#open();
  }

  /** Since when it was not reached, where that is for some time; RFC 3339. */
  get awaySince(): string | null {
    return this.#awaySince;
  }

  /** Whether it was sent; where not, `up` comes when it can be. */
  send(message: ClientMessage): boolean {
    if (!this.#isUp || !this.#socket) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The node has come, or has left: a socket to it from before may be dead. */
  tryAnew(): void {
    if (this.#isClosed) return;
    this.#giveUp();
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#cancelNext();
    this.#open();
  }

  close(): void {
    this.#isClosed = true;
    this.#turn += 1;
    this.#cancelNext();
    this.#cancelWatch();
    this.#cancelAway?.();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #open(): void {
    const { peers, node } = this.#parts;
    this.#expectAway();
    this.#watch(GREETING_MS);
    const turn = ++this.#turn;
    this.#socket = NONE;
    const socket = peers.open(node, {
      opened: () => {},
      message: (text) => {
        if (this.#turn === turn) this.#hear(text);
      },
      closed: () => {
        if (this.#turn === turn) this.#lost();
      },
    });
    if (this.#turn === turn) this.#socket = socket;
  }

  #hear(text: string): void {
    const frame = readFarFrame(text);
    if (!frame) return this.#giveUp();
    if (frame.type === "hello") this.#heartbeatMs = frame.heartbeatMs;
    if (this.#heartbeatMs > 0) this.#watch(this.#heartbeatMs + this.#parts.graceMs);
    if (frame.type !== "hello") return this.#isUp ? this.#parts.received(frame) : undefined;
    this.#isUp = true;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#cancelAway?.();
    this.#cancelAway = null;
    this.#awaySince = null;
    this.#parts.up();
  }

  #watch(ms: number): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#parts.clock.after(ms, () => this.#giveUp());
  }

  #giveUp(): void {
    const socket = this.#socket;
    this.#lost();
    socket?.close();
  }

  #lost(): void {
    if (this.#isClosed || !this.#socket) return;
    this.#turn += 1;
    this.#socket = null;
    this.#isUp = false;
    this.#heartbeatMs = 0;
    this.#cancelWatch();
    this.#expectAway();
    this.#cancelNext = this.#parts.clock.after(this.#pauseMs, () => this.#open());
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #expectAway(): void {
    const { clock, away } = this.#parts;
    const since = new Date(clock.now()).toISOString();
    this.#cancelAway ??= clock.after(AWAY_AFTER_MS, () => {
      this.#awaySince = since;
      away(since);
    });
  }
}

const NONE: Pick<PeerSocket, "send" | "close"> = { send: () => {}, close: () => {} };
