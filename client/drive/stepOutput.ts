/** The output of one running step on its way to the server: gathered, in order, each byte once, and never more of it here than fits. */
import type { Clock } from "../../shared/clock.js";
import type { Appended } from "../rest/restLog.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** Long enough to gather the lines of a busy command, short enough to look live. */
const GATHER_MS = 75;
/** So much goes at once, without waiting for more. */
const ENOUGH_BYTES = 64 * 1024;
/** A backlog goes in larger calls, so that catching up is not held back by the number of calls. */
const MOST_BYTES_A_CALL = 256 * 1024;
/** Above this whoever prints has to wait. */
const ROOM_BYTES = 1024 * 1024;

export interface StepOutputParts {
  readonly clock: Clock;
  /** When it is aborted the step has to stop: nobody waits for room any more, and what has no room is left out. */
  readonly signal: AbortSignal;
  /** Resolves once the bytes are durable, each once, however often that takes; null where output is not kept (any more). */
  append(bytes: Bytes, at: number): Promise<Pick<Appended, "next"> | null>;
  failed(error: unknown): void;
}

export class StepOutput {
  readonly #parts: StepOutputParts;
  #waiting: Bytes[] = [];
  #bytes = 0;
  #at = 0;
  #onItsWay: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  readonly #waitingForRoom: (() => void)[] = [];
  #isOver = false;
  #isRefused = false;

  constructor(parts: StepOutputParts) {
    this.#parts = parts;
    parts.signal.addEventListener("abort", () => this.#giveRoom(), { once: true });
  }

  /** Resolves when there is room for more: wait for it, and a fast command is slowed down where it would fill the memory. */
  write(output: string | Uint8Array): Promise<void> {
    const { signal } = this.#parts;
    const isTooMuch = signal.aborted && this.#bytes >= ROOM_BYTES;
    if (this.#isOver || this.#isRefused || isTooMuch || output.length === 0)
      return Promise.resolve();
    // A copy: the caller may use its buffer again.
    const bytes = typeof output === "string" ? new TextEncoder().encode(output) : output.slice();
    this.#waiting.push(bytes as Bytes);
    this.#bytes += bytes.length;
    this.#sendSoon();
    if (this.#bytes < ROOM_BYTES || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** Resolves once the server has all of it. Nothing more is taken. */
  async finish(): Promise<void> {
    this.#isOver = true;
    while (this.#bytes > 0 && !this.#isRefused) {
      this.#sendNow();
      await this.#onItsWay;
    }
  }

  /** Bytes that have not been sent stay unsent. */
  stop(): void {
    this.#isOver = true;
    this.#refuse();
  }

  #sendSoon(): void {
    if (this.#onItsWay || this.#bytes === 0) return;
    if (this.#bytes >= ENOUGH_BYTES || this.#isOver) return this.#sendNow();
    this.#cancelTimer ??= this.#parts.clock.after(GATHER_MS, () => this.#sendNow());
  }

  /** One call is on its way at a time, so that none can overtake another. */
  #sendNow(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#onItsWay || this.#isRefused) return;
    const bytes = this.#next();
    this.#onItsWay = this.#send(bytes).then(() => {
      this.#onItsWay = null;
      this.#bytes -= bytes.length;
      if (this.#bytes < ROOM_BYTES) this.#giveRoom();
      this.#sendSoon();
    });
  }

  async #send(bytes: Bytes): Promise<void> {
    try {
      const appended = await this.#parts.append(bytes, this.#at);
      if (appended) this.#at = appended.next;
      else this.#refuse();
    } catch (error) {
      this.#refuse();
      this.#parts.failed(error);
    }
  }

  #next(): Bytes {
    const bytes = new Uint8Array(Math.min(this.#bytes, MOST_BYTES_A_CALL));
    let filled = 0;
    while (filled < bytes.length) {
      const first = this.#waiting.shift()!;
      const part = first.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length < first.length) this.#waiting.unshift(first.subarray(part.length));
    }
    return bytes;
  }

  #refuse(): void {
    this.#isRefused = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#waiting = [];
    this.#giveRoom();
  }

  #giveRoom(): void {
    for (const resolve of this.#waitingForRoom.splice(0)) resolve();
  }
}
