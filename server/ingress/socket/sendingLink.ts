/** Sends through one socket whole frames, past ws, which would frame each anew for every socket and write header and payload apart. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Frame } from "../../egress/frames.js";
import type { SendingSocket } from "../../egress/outbox.js";

/** With more than this at hand, waiting for the end of the turn saves nothing. */
const MOST_GATHERED_BYTES = 16 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * ws writes its own frames (pings, pongs, the close) to the same stream at once, as nothing it sends is compressed or a Blob: so all
 * frames leave in the order in which they were sent, and ws counts ours in `bufferedAmount`.
 */
export class SendingLink implements SendingSocket {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  #isGathering = false;

  /** `stream` is the one whose upgrade `socket` is. */
  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket;
    this.#stream = stream;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get waiting(): number {
    return this.#stream.writableLength;
  }

  gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#stream.cork();
    atEndOfTurn(this);
  }

  send(frame: Frame, sent?: (error?: Error | null) => void): void {
    this.#stream.write(frame, sent);
    if (this.#isGathering && this.#stream.writableLength > MOST_GATHERED_BYTES) this.letGo();
  }

  whenSent(sent: (error?: Error | null) => void): void {
    this.#stream.write(NOTHING, sent);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Frames that were gathered leave now. */
  letGo(): void {
    if (!this.#isGathering) return;
    this.#isGathering = false;
    this.#stream.uncork();
  }
}

let gathering: SendingLink[] = [];

function atEndOfTurn(link: SendingLink): void {
  gathering.push(link);
  // Promises go first: commands that were saved together are answered by some, one after the other.
  if (gathering.length === 1) queueMicrotask(() => process.nextTick(letAllGo));
}

function letAllGo(): void {
  const links = gathering;
  gathering = [];
  for (const link of links) link.letGo();
}
