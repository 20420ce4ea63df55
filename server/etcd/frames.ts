/** gRPC's frame around a message: one byte that says whether it is compressed, and four with its length. */
import { Malformed } from "./protobuf.js";

const HEAD_BYTES = 5;

/** A message as it travels; never compressed. */
export function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** A message that is longer than is taken. */
export class Oversized extends Error {
  override readonly name = "Oversized";
}

/** Cuts a stream into messages, of which each is bounded. */
export class Frames {
  readonly #mostBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** How many bytes the next frame needs, as far as is known. */
  #needed = HEAD_BYTES;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The messages that are whole with this piece. Throws Oversized or Malformed; then nothing more is to be taken. */
  take(piece: Buffer): Buffer[] {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    if (this.#waitingBytes < this.#needed) return [];
    let rest = Buffer.concat(this.#waiting);
    const messages: Buffer[] = [];
    for (;;) {
      this.#needed = HEAD_BYTES;
      if (rest.length < HEAD_BYTES) break;
      if (rest[0] !== 0) throw new Malformed("a compressed message, which nobody asked for");
      const length = rest.readUInt32BE(1);
      if (length > this.#mostBytes) throw new Oversized(`a message of ${length} bytes`);
      this.#needed = HEAD_BYTES + length;
      if (rest.length < this.#needed) break;
      messages.push(rest.subarray(HEAD_BYTES, this.#needed));
      rest = rest.subarray(this.#needed);
    }
    this.#waiting = rest.length === 0 ? [] : [rest];
    this.#waitingBytes = rest.length;
    return messages;
  }
}
