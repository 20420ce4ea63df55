/** The parts that a connection is given, and the listener that it tells. */
import type { Clock } from "../../shared/clock.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import type { Contact } from "../wire/contact.js";
import type { HttpAnswer } from "./connectionEvents.js";
import type { LiveSocket } from "./socket.js";
import type { WakeSignals } from "./wakeSignals.js";

export interface ConnectionParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly wakeSignals: WakeSignals;
  readonly isLookedAt: () => boolean;
  readonly mount: URL;
  readonly contact: Contact;
  /** May throw, as a browser does for an address it will not open. */
  open(): LiveSocket;
  /** Asks whether HTTP answers; never rejects. */
  probe(signal: AbortSignal): Promise<HttpAnswer>;
}

export interface ConnectionListener {
  /** A new socket said hello: everything has to be asked again. */
  greeted(): void;
  /** Every frame after the hello, only from the present socket. */
  received(frame: ServerMessage): void;
  /** The present socket is gone. */
  lost(): void;
  /** The server closed the socket over a frame's size. True where that frame was found and taken back: coming back makes sense. */
  tooBig(): boolean;
  /** There is a new `view`. */
  changed(): void;
}
