/** One socket's sending side: changes may be dropped where a tab cannot keep up, answers may not. */
import type { Limits } from "../../shared/limits.js";
import { CloseCode } from "../../shared/wire/closeCodes.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { EVERYTHING, type Scope } from "../state/scope.js";
import { type Audience, encodeFrame, type Form, type Frame, type Reader } from "./frames.js";

/** Hears that what was sent before has left this process, or never will. */
type Sent = (error?: Error | null) => void;

/** The part of a socket that sending needs. */
export interface SendingSocket {
  readonly isOpen: boolean;
  /** How many bytes wait in this process. */
  readonly waiting: number;
  /** Frames that are sent in the rest of this turn leave together. */
  gather(): void;
  send(frame: Frame, sent?: Sent): void;
  /** Tells once all that waits now has left; where the socket is gone, too. */
  whenSent(sent: Sent): void;
  close(code: number, reason: string): void;
  /** A change is not sent, as a snapshot will take its place. Missing where nobody counts them. */
  leftOut?(): void;
}

/** The newest state of a document for a socket that has room for it; null for one that is to be told nothing. */
export type SnapshotFor = (outbox: Outbox) => Frame | null;

/** A socket with no more than this waiting counts as empty: a ping or two may wait. */
const EMPTY_BYTES = 256;

export class Outbox implements Reader {
  readonly audience: Audience;
  readonly form: Form;
  /** The workflows that it may be told of. */
  readonly scope: Scope;
  readonly #socket: SendingSocket;
  readonly #limits: Pick<Limits, "slowBytes" | "stuckBytes">;
  /** Documents whose changes were dropped, and how to get a snapshot once there is room. */
  readonly #behind = new Map<string, SnapshotFor>();
  #snapshotBytes = 0;
  #outputBytes = 0;
  #owed = 0;
  #waitingForRoom: (() => void)[] = [];
  #isWatched = false;

  constructor(
    socket: SendingSocket,
    { audience, form }: Reader,
    limits: Pick<Limits, "slowBytes" | "stuckBytes">,
    scope: Scope = EVERYTHING,
  ) {
    this.scope = scope;
    this.#socket = socket;
    this.audience = audience;
    this.form = form;
    this.#limits = limits;
  }

  /** An answer will follow, likely in the turn of a change: both then leave together. */
  owe(): void {
    this.#owed += 1;
  }

  /** It was given. */
  settle(): void {
    this.#owed -= 1;
  }

  /** An answer, or a sign of life: never dropped. A socket that lets answers pile up is closed and comes back. */
  reply(message: ServerMessage): void {
    this.replyFrame(encodeFrame(message));
  }

  replyFrame(frame: Frame): void {
    if (!this.#socket.isOpen) return;
    this.#socket.gather();
    this.#socket.send(frame);
    // A snapshot may be large by itself; only bytes that wait beside it show a tab that does not read.
    const waiting = this.#socket.waiting - this.#snapshotBytes - this.#outputBytes;
    if (waiting > this.#limits.stuckBytes) {
      this.#behind.clear();
      this.#socket.close(CloseCode.tooSlow, "too slow");
    }
  }

  /** A change of a document: replaced by a later snapshot where this socket cannot keep up. */
  change(id: string, frame: Frame, snapshotFor: SnapshotFor): void {
    if (this.#behind.size > 0 && this.#behind.has(id)) return this.#socket.leftOut?.();
    if (this.isSlow) {
      this.#socket.leftOut?.();
      return this.#fallBehind(id, snapshotFor);
    }
    if (!this.#socket.isOpen) return;
    if (this.#owed > 0) this.#socket.gather();
    this.#socket.send(frame);
  }

  /** The whole document, now or as soon as there is room; it takes the place of everything of that document still to come. */
  snapshot(id: string, snapshotFor: SnapshotFor): void {
    if (this.isSlow) return this.#fallBehind(id, snapshotFor);
    this.#behind.delete(id);
    const frame = snapshotFor(this);
    if (!frame || !this.#socket.isOpen) return;
    this.#snapshotBytes += frame.length;
    this.#socket.send(frame, () => {
      this.#snapshotBytes -= frame.length;
      this.#sent();
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
    if (!this.#socket.isOpen) return Promise.resolve(false);
    this.#outputBytes += frame.length;
    return new Promise((resolve) => {
      this.#socket.send(frame, (error) => {
        this.#outputBytes -= frame.length;
        resolve(!error);
        this.#sent();
      });
    });
  }

  /** Resolves when nothing else of note waits in this socket; never, where it is closed before. */
  async room(): Promise<void> {
    while (this.#socket.waiting > EMPTY_BYTES || this.#behind.size > 0)
      await new Promise<void>((resolve) => {
        this.#waitingForRoom.push(resolve);
        this.#watch();
      });
  }

  /** Whether more bytes wait than in a socket that keeps up. */
  get isSlow(): boolean {
    return this.#socket.waiting - this.#outputBytes > this.#limits.slowBytes;
  }

  #fallBehind(id: string, snapshotFor: SnapshotFor): void {
    this.#behind.set(id, snapshotFor);
    this.#watch();
  }

  /** Only while somebody waits for room does anybody hear when frames have left. */
  #watch(): void {
    if (this.#isWatched || !this.#socket.isOpen) return;
    this.#isWatched = true;
    this.#socket.whenSent(() => {
      this.#isWatched = false;
      this.#sent();
    });
  }

  #sent(): void {
    for (const [id, snapshotFor] of this.#behind) {
      if (this.isSlow || !this.#socket.isOpen) break;
      this.snapshot(id, snapshotFor);
    }
    for (const resolve of this.#waitingForRoom.splice(0)) resolve();
    if (this.#behind.size > 0) this.#watch();
  }
}
