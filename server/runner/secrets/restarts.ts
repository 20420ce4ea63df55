/** A stream of masked bytes that can be begun anew in the middle: it knows from which byte on, and how much of that was given out already. */
import type { RedactedStream } from "./redaction.js";

/** Where a new stream may begin to go on exactly as the old one would. */
export interface Restart {
  /** So many bytes before the end of what was added. */
  readonly back: number;
  /** So many bytes of what the new one gives were given out by the old one. */
  readonly skip: number;
}

export interface RestartableStream extends RedactedStream {
  restart(): Restart;
}

/** A stream that can be compared with another one. */
export interface ComparedStream extends RedactedStream {
  /** Two with the same state give the same from there on. */
  state(): string;
  /** It gives what a new one would. */
  isFresh(): boolean;
  /** At least so many of its last bytes made its state what it is. */
  openLength(): number;
}

/**
 * No restart is farther back. What is found nowhere nearer was made for it: letters that are taken back for ever, each of them
 * the beginning of a secret. There the new stream hides all secrets that lie behind its beginning, but some bytes around it may be given twice, or left out.
 */
const FARTHEST = 64 * 1024;
const NEARER = [256, 1_024, 4_096, 16_384];
const NOTHING = Buffer.alloc(0);

/** `skip`: so many bytes that it gives first were given out already. */
export function restartable(make: () => ComparedStream, skip: number): RestartableStream {
  const stream = make();
  let owed = skip;
  const recent = new Recent();

  const unowed = (bytes: Buffer): Buffer => {
    const known = Math.min(owed, bytes.length);
    owed -= known;
    return known === 0 ? bytes : bytes.subarray(known);
  };

  return {
    add(bytes) {
      const clean = unowed(stream.add(bytes));
      if (stream.isFresh()) recent.keepLast(0);
      else recent.add(bytes);
      return clean;
    },
    end: () => unowed(stream.end()),
    restart() {
      if (recent.length === 0) return { back: 0, skip: owed };
      const wanted = stream.state();
      const near = [stream.openLength(), ...NEARER].filter((back) => back < recent.length);
      for (const back of [...near, recent.length]) {
        const other = make();
        const given = other.add(recent.last(back)).length;
        if (other.state() !== wanted && back < recent.length) continue;
        recent.keepLast(back);
        return { back, skip: given + owed };
      }
      throw new Error("all that is recent was not tried");
    },
  };
}

/** The last bytes of a stream, as many as a restart may go back. */
class Recent {
  #room: Buffer = NOTHING;
  #from = 0;
  #until = 0;

  get length(): number {
    return this.#until - this.#from;
  }

  /** The last ones; until others are added. */
  last(length: number): Buffer {
    return this.#room.subarray(this.#until - length, this.#until);
  }

  keepLast(length: number): void {
    this.#from = this.#until - length;
  }

  add(bytes: Buffer): void {
    const added = bytes.subarray(Math.max(0, bytes.length - FARTHEST));
    this.keepLast(Math.min(this.length, FARTHEST - added.length));
    if (this.#until + added.length > this.#room.length) this.#makeRoomFor(added.length);
    this.#until += added.copy(this.#room, this.#until);
  }

  #makeRoomFor(added: number): void {
    const { length } = this;
    const room = Math.min(2 * FARTHEST, 2 * (length + added));
    const kept = this.last(length);
    if (room > this.#room.length) this.#room = Buffer.allocUnsafeSlow(room);
    kept.copy(this.#room);
    this.#from = 0;
    this.#until = length;
  }
}
