/** Reports the updates of a peer's one workflow, so many in flight at most. */
import { updateOf } from "../scene.mjs";
import { FrameSocket } from "./frameSocket.mjs";
import { within } from "./within.mjs";

export class Driver {
  /** The number of the newest update that was sent, and how many were accepted. */
  sent = 0;
  accepted = 0;
  #peer;
  #speaking;
  #socket;
  #failure = null;
  #onAccepted = () => {};

  constructor(peer) {
    this.#peer = peer;
  }

  async join() {
    const { speech, port, name } = this.#peer;
    const ready = new Promise((resolve, reject) => {
      this.#speaking = speech.driver({
        send: (data) => this.#socket.send(data),
        ready: resolve,
        /** Everything up to here, or so many more. */
        acceptedUpTo: (number) => this.#progress(number),
        acceptedOne: () => this.#progress(this.accepted + 1),
        failed: (reason) => this.#fail(new Error(reason)),
      });
      speech.address(port).then((address) => {
        this.#socket = new FrameSocket(
          { port, ...address },
          (buffer, start, end, isText) => this.#receive(buffer, start, end, isText),
          (reason) => {
            this.#fail(new Error(`the driver lost its socket: ${reason}`));
            reject(this.#failure);
          },
        );
        this.#socket.opened.then(() => this.#speaking.begin?.(), reject);
      }, reject);
    });
    await within(30, `${name}: the driver joins`, ready);
  }

  #receive(buffer, start, end, isText) {
    try {
      this.#speaking.receive(
        isText ? buffer.toString("utf8", start, end) : Buffer.from(buffer.subarray(start, end)),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #progress(accepted) {
    if (accepted <= this.accepted) return;
    this.accepted = accepted;
    this.#onAccepted();
  }

  #fail(error) {
    this.#failure ??= new Error(`${this.#peer.name}: ${error.message}`, { cause: error });
    this.#onAccepted();
  }

  send() {
    this.sent++;
    this.#speaking.report(this.sent, updateOf(this.sent));
  }

  /** Sends for so long, with at most so many in flight; resolves once all are accepted. */
  async flood(seconds, inFlight) {
    const end = performance.now() + seconds * 1000;
    const all = new Promise((resolve, reject) => {
      this.#onAccepted = () => {
        if (this.#failure) reject(this.#failure);
        const isOver = performance.now() >= end;
        while (!isOver && this.sent - this.accepted < inFlight) this.send();
        if (isOver && this.accepted === this.sent) resolve();
      };
    });
    this.#onAccepted();
    await within(seconds + 60, `${this.#peer.name}: every update is accepted`, all);
    this.#onAccepted = () => {};
  }

  /** Sends at a steady pace; what a late timer missed is made up for at once. `onSend` comes before each. */
  async pace(seconds, everyMs, onSend = () => {}) {
    const begin = performance.now();
    const count = Math.round((seconds * 1000) / everyMs);
    for (let done = 0; done < count; ) {
      const due = Math.min(count, Math.floor((performance.now() - begin) / everyMs) + 1);
      for (; done < due; done++) {
        onSend();
        this.send();
      }
      const next = begin + done * everyMs - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next)));
      if (this.#failure) throw this.#failure;
    }
  }

  /** Resolves once all that was sent is accepted. */
  settle() {
    return this.flood(0, 1);
  }

  leave() {
    this.#socket?.destroy();
    if (this.#failure) throw this.#failure;
  }
}
