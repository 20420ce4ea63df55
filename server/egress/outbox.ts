/** One socket's sending side: changes may be dropped where a tab cannot keep up, answers may not. */
import type { WebSocket } from "ws";
import type { Limits } from "../../shared/limits.js";
import { CloseCode } from "../../shared/wire/closeCodes.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { EVERYTHING, type Scope } from "../state/scope.js";
import { type Audience, encodeFrame, type Frame } from "./frames.js";

/** The part of a `ws` socket that sending needs. */
export type SendingSocket = Pick<
  WebSocket,
  "send" | "close" | "bufferedAmount" | "readyState" | "OPEN"
>;

/** A socket with no more than this waiting counts as empty: a ping or two may wait, and nobody tells when a ping has left. */
const EMPTY_BYTES = 256;

export class Outbox {
  readonly audience: Audience;
  /** The workflows that it may be told of. */
  readonly scope: Scope;
  readonly #socket: SendingSocket;
  readonly #limits: Pick<Limits, "slowBytes" | "stuckBytes">;
  /** Documents whose changes were dropped, and how to get a snapshot once there is room. */
  readonly #behind = new Map<string, () => Frame | null>();
  #snapshotBytes = 0;
  #outputBytes = 0;
  #waitingForRoom: (() => void)[] = [];

  constructor(
    socket: SendingSocket,
    audience: Audience,
    limits: Pick<Limits, "slowBytes" | "stuckBytes">,
    scope: Scope = EVERYTHING,
  ) {
    this.scope = scope;
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
    // A snapshot may be large by itself; only bytes that wait beside it show a tab that does not read.
    const waiting = this.#socket.bufferedAmount - this.#snapshotBytes - this.#outputBytes;
    if (waiting > this.#limits.stuckBytes) {
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

  /** A document of this socket can neither be told nor sent: the socket is closed, as no state is better than one that is not true. */
  fail(): void {
    this.#behind.clear();
    this.#socket.close(CloseCode.serverFault, "a fault of the server");
  }

  /** Nothing more of this document. */
  forget(id: string): void {
    this.#behind.delete(id);
  }

  /**
   * Output, which waits its turn and can be read again: resolves when the frame left for the network, false where the socket is gone. One
   * at a time, so that whatever else comes up never stands behind more than one such frame.
   */
  output(frame: Frame): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false);
    this.#outputBytes += frame.length;
    return new Promise((resolve) => {
      this.#send(frame, (error) => {
        this.#outputBytes -= frame.length;
        resolve(!error);
      });
    });
  }

  /** Resolves when nothing else of note waits in this socket; never, where it is closed before. */
  async room(): Promise<void> {
    while (this.#socket.bufferedAmount > EMPTY_BYTES || this.#behind.size > 0)
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** Whether more bytes wait than in a socket that keeps up. */
  get isSlow(): boolean {
    return this.#socket.bufferedAmount - this.#outputBytes > this.#limits.slowBytes;
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #send(frame: Frame, sent?: (error?: Error | null) => void): void {
    if (!this.#isOpen) return;
    this.#socket.send(frame, { binary: false }, (error) => {
      sent?.(error);
      this.#catchUp();
      for (const resolve of this.#waitingForRoom.splice(0)) resolve();
    });
  }

  #catchUp(): void {
    for (const [id, snapshot] of this.#behind) {
      if (this.isSlow || !this.#isOpen) return;
      this.snapshot(id, snapshot);
    }
  }
}
