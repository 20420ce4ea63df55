/** The frames of one socket on their way in: each waits for its turn, pays its price, and is read and checked before anything is done for it. */
import type { RawData, WebSocket } from "ws";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { ClientMessage } from "../../../shared/schema/clientMessages.js";
import { plainMessage } from "../../../shared/schema/plainMessages.js";
import { CloseCode } from "../../../shared/wire/closeCodes.js";
import { checkJson, parseWith } from "../json/strictJson.js";
import type { Pace, RateLimiter } from "../pace/rateLimit.js";
import { inTurns, LARGE_BYTES, type Lane, type Steps, type Turns } from "../pace/turns.js";
import { type Asked, askedIn, readJson } from "./asked.js";

export interface IncomingFramesParts {
  readonly socket: WebSocket;
  readonly pace: Pace;
  readonly rates: Pick<RateLimiter, "tooFast">;
  readonly turns: Turns;
  readonly limits: Limits;
  /** Does what a message asks for; a command resolves once it is answered, and never rejects. What it throws goes to `refuse`. */
  readonly handle: (message: ClientMessage, bytes: number) => void | Promise<void>;
  /** Resolves once it is known whether there is what a message is about; null where that is so already. Never rejects. */
  readonly hears: (message: ClientMessage) => Promise<void> | null;
  /** Whether a frame is a report of a driver with a lease. Is given whatever came. */
  readonly isReport: (json: unknown) => boolean;
  readonly refuse: (error: unknown, asked: Asked) => void;
}

/** So many commands of one socket are at work at once, or commands of so many bytes; its next frames wait, unread. All are reduced in one piece. */
const MOST_AT_WORK = 256;
const MOST_BYTES_AT_WORK = 1024 * 1024;

export class IncomingFrames {
  readonly #parts: IncomingFramesParts;
  readonly #lane: Lane;
  #atWork = 0;
  #bytesAtWork = 0;
  #isAsking = false;
  #isStopped = false;

  constructor(parts: IncomingFramesParts) {
    const { socket, turns } = parts;
    this.#parts = parts;
    // Reading pauses while a frame waits, so that no more waits than what came in one read.
    this.#lane = turns.lane((waits) => {
      if (waits) socket.pause();
      else if (!this.#isStopped) socket.resume();
    });
  }

  /** Once true, nothing that still comes is read. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether answers are waited for before anything more is read. */
  get isHeld(): boolean {
    return this.#lane.isHeld;
  }

  receive(data: RawData, isBinary: boolean): void {
    if (isBinary) this.#lane.do(() => this.#refuseBinary());
    else this.#lane.do(inTurns(this.#readText(data as Buffer)));
  }

  /** Answered here rather than by ws (`autoPong` is off): a ping is a frame and has a price, too. */
  receivePing(data: Buffer): void {
    this.#lane.do(() => {
      const { socket, pace } = this.#parts;
      if (pace.take(data.length)) socket.pong(data);
      else if (!pace.refuse(data.length)) this.#cutOff();
      return undefined;
    });
  }

  /** Frames that wait are forgotten, and later ones are not read. */
  stop(): void {
    this.#isStopped = true;
    this.#lane.end();
  }

  /** A large frame has a turn for each step (reading, checking, parsing, doing); a small one goes through all in one turn. */
  *#readText(data: Buffer): Steps {
    const { pace, rates, limits, handle, isReport, refuse } = this.#parts;
    let bytes = data.length;
    const isLarge = bytes > LARGE_BYTES;
    const text = data.toString();
    const json = readJson(text);
    // Taken of every frame: one that turns out to be unreadable has cost its reading.
    const isInTime = isReport(json) ? pace.takeReport(bytes) : pace.take(bytes);
    const asked = askedIn(json);
    if (!isInTime) return this.#blame(rates.tooFast(), asked, bytes);
    if (isLarge) yield;
    let message: ClientMessage;
    try {
      if (json === undefined) throw new SyncError("bad_message", "the frame is not JSON");
      const { grown } = checkJson(json, limits, text);
      bytes += grown;
      if (isLarge) yield;
      message = plainMessage(json) ?? parseWith(ClientMessage, json);
    } catch (error) {
      if (error instanceof SyncError) return this.#blame(error, asked, bytes);
      return refuse(error, asked);
    }
    const heard = this.#parts.hears(message);
    if (heard) this.#holdFor(heard);
    if (isLarge || heard) yield;
    try {
      const answered = handle(message, bytes);
      if (answered) this.#await(answered, bytes);
    } catch (error) {
      refuse(error, asked);
    }
  }

  /** Later frames wait, too: they are done in their order. */
  #holdFor(heard: Promise<void>): void {
    this.#isAsking = true;
    this.#lane.hold();
    void heard.then(() => {
      this.#isAsking = false;
      if (!this.#isFull) this.#lane.release();
    });
  }

  #await(answered: Promise<void>, bytes: number): void {
    this.#atWork += 1;
    this.#bytesAtWork += bytes;
    if (this.#isFull) this.#lane.hold();
    void answered.then(() => {
      this.#atWork -= 1;
      this.#bytesAtWork -= bytes;
      if (!this.#isFull && !this.#isAsking) this.#lane.release();
    });
  }

  get #isFull(): boolean {
    return this.#atWork >= MOST_AT_WORK || this.#bytesAtWork >= MOST_BYTES_AT_WORK;
  }

  /** A refusal that is the sender's fault. The socket is cut off after too many of them. */
  #blame(error: SyncError, asked: Asked, bytes: number): void {
    if (this.#parts.pace.refuse(bytes)) this.#parts.refuse(error, asked);
    else this.#cutOff();
  }

  /** Reading stops at once: a close that waited for its answer would go on paying for the flood. */
  #cutOff(): void {
    const { socket } = this.#parts;
    this.stop();
    socket.close(CloseCode.tooManyFrames, "too many frames");
    socket.pause();
  }

  #refuseBinary(): undefined {
    this.#parts.socket.close(CloseCode.textOnly, "text only");
  }
}
