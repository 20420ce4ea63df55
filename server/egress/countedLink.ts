/** A connection whose frames are counted on their way out. Without metrics nobody has one. */
import type { SendingSocket } from "./outbox.js";

/** Told of what is sent, and of what is not. */
export interface FanOut {
  frameSent(bytes: number): void;
  changeLeftOut(): void;
}

/** The link itself where nobody counts. */
export const countedLink = (link: SendingSocket, counter: FanOut | null): SendingSocket =>
  counter === null ? link : new CountedLink(link, counter);

class CountedLink implements SendingSocket {
  readonly #link: SendingSocket;
  readonly #counter: FanOut;

  constructor(link: SendingSocket, counter: FanOut) {
    this.#link = link;
    this.#counter = counter;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  get waiting(): number {
    return this.#link.waiting;
  }

  gather(): void {
    this.#link.gather();
  }

  send(...[frame, sent]: Parameters<SendingSocket["send"]>): void {
    this.#counter.frameSent(frame.length);
    this.#link.send(frame, sent);
  }

  whenSent(sent: Parameters<SendingSocket["whenSent"]>[0]): void {
    this.#link.whenSent(sent);
  }

  close(code: number, reason: string): void {
    this.#link.close(code, reason);
  }

  leftOut(): void {
    this.#counter.changeLeftOut();
  }
}
