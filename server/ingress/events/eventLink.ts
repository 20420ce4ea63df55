/** The sending side of one stream of events: what an outbox needs of a socket, over an HTTP answer. */
import type { ServerResponse } from "node:http";
import type { Frame } from "../../egress/frames.js";
import type { SendingSocket } from "../../egress/outbox.js";
import { eventOf } from "./eventFrame.js";

const NOTHING = Buffer.alloc(0);

export class EventLink implements SendingSocket {
  readonly #response: ServerResponse;
  /** The document whose `closed` ends the stream; null for a subject that goes on with another one. */
  readonly #endsWith: string | null;

  constructor(response: ServerResponse, endsWith: string | null) {
    this.#response = response;
    this.#endsWith = endsWith;
  }

  get isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  get waiting(): number {
    return this.#response.writableLength;
  }

  gather(): void {
    // Events of one turn leave one by one: an answer has no frames of replies that would be worth joining.
  }

  send(frame: Frame, sent?: (error?: Error | null) => void): void {
    const { type, bytes } = eventOf(frame);
    this.#response.write(bytes, sent);
    // An open stream that has nothing more to tell would look live.
    if (type === "closed" && this.#endsWith !== null) this.#response.end();
  }

  whenSent(sent: (error?: Error | null) => void): void {
    this.#response.write(NOTHING, sent);
  }

  /** An answer has no codes: it is cut, and the reader comes back with the last id it has. */
  close(): void {
    this.#response.destroy();
  }
}
