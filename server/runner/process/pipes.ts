/** Reads the output of a command as fast as its reader can take it, and no faster. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../../shared/clock.js";
import { wholeLength } from "../../../shared/text/utf8.js";
import { awakeOf } from "../../time/awake.js";
import type { Redaction } from "../secrets/redaction.js";

export interface OutputListeners {
  /** The bytes as they come, before secrets are taken out of them. */
  onRaw?: ((bytes: Buffer) => void) | undefined;
  /** The text, cut anywhere but in a character, and the bytes that `onOutput` is given next. */
  onText?: ((text: string, bytes: Uint8Array) => void) | undefined;
  /** All of it as it comes. While it does not resolve the command is not read from, so that it waits as well. */
  onOutput?: ((bytes: Uint8Array) => Promise<void>) | undefined;
  /** The text of the first of several pipes once more. */
  onFirst?: ((text: string) => void) | undefined;
}

export interface Reading {
  /**
   * Closes the pipes after `ms`: a process that left the group may hold them for ever. Only the time counts in which they
   * are read. `onClosing` hlisteners of it. Returns what takes it back.
   */
  within(ms: number, clock: Clock, onClosing?: () => void): () => void;
  /** Gives out what still waited for its next byte; resolves when all was taken. */
  finish(): Promise<void>;
  /** Resolves once all pipes are closed, by their other end or by `within`. */
  readonly closed: Promise<void>;
}

const NOTHING = Buffer.alloc(0);

/** One pipe is given on byte for byte as it was written; several as they come, mixed between whole characters. */
export function readOutput(
  pipes: readonly Readable[],
  listeners: OutputListeners,
  redaction: Redaction,
): Reading {
  const flow = new Flow(pipes);
  const decoder = new StringDecoder("utf8");
  const give = (bytes: Buffer, text = decoder.write(bytes)) => {
    if (text !== "") listeners.onText?.(text, bytes);
    const taking = bytes.length === 0 ? undefined : listeners.onOutput?.(bytes);
    if (taking) flow.waitFor(taking);
  };
  // A secret may begin in one pipe and end in the next.
  const redacted = redaction.stream();
  const mix = (bytes: Buffer) => give(redacted.add(bytes));
  const ways = pipes.map((_, index): Way => {
    if (pipes.length === 1) return { add: mix, end: () => {} };
    return apart(redaction, mix, index === 0 ? listeners.onFirst : undefined);
  });
  for (const [index, pipe] of pipes.entries()) {
    pipe.on("data", (bytes: Buffer) => {
      listeners.onRaw?.(bytes);
      ways[index]!.add(bytes);
    });
    // It is closed then.
    pipe.on("error", () => {});
  }

  return {
    closed: Promise.all(pipes.map(untilClosed)).then(() => {}),
    within: (ms, clock, onClosing) =>
      flow.afterReading(ms, clock, () => {
        onClosing?.();
        for (const pipe of pipes) pipe.destroy();
      }),
    async finish() {
      for (const { end } of ways) end();
      give(redacted.end());
      give(NOTHING, decoder.end());
      await flow.allTaken;
    },
  };
}

const untilClosed = (pipe: Readable): Promise<void> | null =>
  pipe.closed ? null : new Promise((resolve) => pipe.once("close", () => resolve()));

/** Lets pipes flow while nobody who was given their bytes is waited for. */
class Flow {
  readonly #pipes: readonly Readable[];
  #waitingFor = 0;
  #taken: Promise<unknown> = Promise.resolve();
  #onChange = () => {};

  constructor(pipes: readonly Readable[]) {
    this.#pipes = pipes;
  }

  /** Resolves once everything that was given out is taken. */
  get allTaken(): Promise<unknown> {
    return this.#taken;
  }

  /** The pipes stand still until this resolves. */
  waitFor(taking: Promise<void>): void {
    this.#waitingFor += 1;
    this.#change();
    this.#taken = Promise.all([this.#taken, taking]);
    void taking.finally(() => {
      this.#waitingFor -= 1;
      if (this.#waitingFor === 0) this.#change();
    });
  }

  /** Calls `over` once the pipes have flowed for `ms` from now on. Returns what takes it back. */
  afterReading(ms: number, clock: Clock, over: () => void): () => void {
    let left = ms;
    let readSince: number | null = null;
    let cancel = () => {};
    this.#onChange = () => {
      const isRead = this.#waitingFor === 0;
      if (isRead === (readSince !== null)) return;
      if (readSince !== null) left -= clock.elapsed() - readSince;
      cancel();
      readSince = isRead ? clock.elapsed() : null;
      cancel = isRead ? awakeOf(clock).after(Math.max(0, left), over) : () => {};
    };
    this.#onChange();
    return () => {
      this.#onChange = () => {};
      cancel();
    };
  }

  #change(): void {
    for (const pipe of this.#pipes) {
      if (this.#waitingFor > 0) pipe.pause();
      else pipe.resume();
    }
    this.#onChange();
  }
}

interface Way {
  add(bytes: Buffer): void;
  end(): void;
}

/** One of several pipes, read by itself: output of another one in between cuts no secret and no character of it. */
function apart(
  redaction: Redaction,
  mix: (bytes: Buffer) => void,
  onText?: (text: string) => void,
): Way {
  const redacted = redaction.stream();
  const decoder = new StringDecoder("utf8");
  let open = NOTHING;
  const add = (bytes: Buffer) => {
    onText?.(decoder.write(bytes));
    const all = Buffer.concat([open, bytes]);
    const whole = wholeLength(all);
    open = all.subarray(whole);
    mix(all.subarray(0, whole));
  };
  return {
    add: (bytes) => add(redacted.add(bytes)),
    end() {
      add(redacted.end());
      onText?.(decoder.end());
      mix(open);
      open = NOTHING;
    },
  };
}
