/** One socket's sending side: what may be dropped when a tab cannot keep up, and what may not. */
import type { WebSocket } from "ws";
import { CloseCode } from "../../shared/closeCodes.js";
import type { Limits } from "../../shared/limits.js";
import type { ServerMessage } from "../../shared/messages.js";
import { type Audience, encodeFrame, type Frame } from "./frames.js";

/** The part of a `ws` socket that sending needs. */
export type SendingSocket = Pick<
  WebSocket,
  "send" | "close" | "bufferedAmount" | "readyState" | "OPEN"
>;

export class Outbox {
  readonly audience: Audience;
  readonly #socket: SendingSocket;
  readonly #limits: Pick<Limits, "slowBytes" | "stuckBytes">;
  /** Documents whose changes were dropped, and how to get a snapshot once there is room. */
  readonly #behind = new Map<string, () => Frame | null>();
  #snapshotBytes = 0;

  constructor(
    socket: SendingSocket,
    audience: Audience,
    limits: Pick<Limits, "slowBytes" | "stuckBytes">,
  ) {
    this.#socket = socket;
    this.audience = audience;
    this.#limits = limits;
  }

  /** An answer, or a sign of life: never dropped. A socket that lets answers pile up is closed and comes back. */
  reply(message: ServerMessage): void {
    this.replyFrame(encodeFrame(message));
  }

  replyFrame(frame: Frame): void {
    this.#send(frame);
    // A snapshot may be large by itself; only what waits beside it tells of a tab that does not read.
    if (this.#socket.bufferedAmount - this.#snapshotBytes > this.#limits.stuckBytes) {
      this.#behind.clear();
      this.#socket.close(CloseCode.tooSlow, "too slow");
    }
  }

  /** A change of a document: replaced by a later snapshot where this socket cannot keep up. */
  change(id: string, frame: Frame, snapshot: () => Frame | null): void {
    if (this.#behind.has(id)) return;
    if (this.isSlow) this.#behind.set(id, snapshot);
    else this.#send(frame);
  }

  /** The whole document, now or as soon as there is room; it takes the place of everything of that document still to come. */
  snapshot(id: string, snapshot: () => Frame | null): void {
    if (this.isSlow) {
      this.#behind.set(id, snapshot);
      return;
    }
    this.#behind.delete(id);
    const frame = snapshot();
    if (!frame) return;
    this.#snapshotBytes += frame.length;
    this.#send(frame, () => {
      this.#snapshotBytes -= frame.length;
    });
  }

  /** Nothing more of this document. */
  forget(id: string): void {
    this.#behind.delete(id);
  }

  /** More waits than a socket that keeps up would have waiting. */
  get isSlow(): boolean {
    return this.#socket.bufferedAmount > this.#limits.slowBytes;
  }

  #send(frame: Frame, sent?: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(frame, { binary: false }, () => {
      sent?.();
      this.#catchUp();
    });
  }

  #catchUp(): void {
    for (const [id, snapshot] of this.#behind) {
      if (this.isSlow || this.#socket.readyState !== this.#socket.OPEN) return;
      this.snapshot(id, snapshot);
    }
  }
}
