/** Output on its way into an HTTP answer: read when there is room for it, what was left out named in a line of its own. */
import type { Response } from "express";
import { counted } from "../../../shared/text/counted.js";
import type { LogTimes, TimedOffset } from "../../../shared/wire/logTimes.js";
import type { OutputSource } from "../../output/outputSource.js";
import type { OutputName } from "../../output/outputStore.js";

const READ_BYTES = 64 * 1024;
/** Smaller than a plain read: each byte may be a line that gets a time of 25 characters, and that work holds up everybody else. */
const TIMED_READ_BYTES = 8 * 1024;
const LINE_FEED = 10;

export class OutputStream {
  /** Fires when the peer is gone, or the answer is at its end. */
  readonly closed: AbortSignal;
  readonly #response: Response;
  readonly #outputs: OutputSource;
  readonly #output: OutputName;
  #at: number;
  readonly #isTimed: boolean;
  #lastByte = LINE_FEED;

  /** `isTimed`: each line begins with when it came. */
  constructor(
    response: Response,
    outputs: OutputSource,
    output: OutputName,
    from: number,
    isTimed = false,
  ) {
    this.#isTimed = isTimed;
    this.#response = response;
    this.#outputs = outputs;
    this.#output = output;
    this.#at = from;
    const closing = new AbortController();
    this.closed = closing.signal;
    response.once("close", () => closing.abort());
  }

  /** The offset of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** Resolves when everything up to `end` is on its way, or nobody reads it any more. */
  async sendUpTo(end: number): Promise<void> {
    while (this.#at < end && !this.closed.aborted) {
      const { bytes, from } = await this.#outputs.read(
        this.#output,
        this.#at,
        Math.min(this.#isTimed ? TIMED_READ_BYTES : READ_BYTES, end - this.#at),
      );
      // `from` may lie behind `end`: newer output has taken the place of everything up to there, and all of it counts as left out.
      const start = bytes.length === 0 ? end : Math.min(from, end);
      if (start > this.#at) await this.#write(leftOut(start - this.#at, this.#lastByte));
      const wanted = bytes.subarray(0, end - start);
      if (wanted.length > 0)
        await (this.#isTimed ? this.#writeTimed(wanted, start) : this.#write(wanted));
      this.#at = start + wanted.length;
    }
  }

  async #writeTimed(bytes: Buffer, from: number): Promise<void> {
    const { times } = await this.#outputs.times(
      this.#output,
      from,
      from + bytes.length,
      bytes.length,
    );
    await this.#write(stamped(bytes, from, times, this.#lastByte === LINE_FEED));
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.closed.aborted) return;
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
    if (this.#response.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        this.#response.off("drain", go);
        this.closed.removeEventListener("abort", go);
        resolve();
      };
      this.#response.on("drain", go);
      this.closed.addEventListener("abort", go);
    });
  }
}

/** Ends the answer behind `next`, for which the headers are the caller's; cuts it short where that fails, so that nobody takes it for all. */
export async function sendExactly(
  response: Response,
  outputs: OutputSource,
  output: OutputName,
  from: number,
  next: number,
): Promise<void> {
  try {
    await new OutputStream(response, outputs, output, from).sendUpTo(next);
    response.end();
  } catch {
    response.destroy();
  }
}

/** The lines with when their first byte came before each of them; `-` where nobody knows. */
function stamped(bytes: Buffer, from: number, times: LogTimes, isLineStart: boolean): Buffer {
  const pieces: Buffer[] = [];
  let entry = 0;
  let stamp = stampOf(times[entry]);
  for (let at = 0; at < bytes.length; ) {
    if (at > 0 || isLineStart) {
      const before = entry;
      while ((times[entry + 1]?.[0] ?? Number.POSITIVE_INFINITY) <= from + at) entry += 1;
      if (entry !== before) stamp = stampOf(times[entry]);
      pieces.push(stamp);
    }
    const end = bytes.indexOf(LINE_FEED, at) + 1 || bytes.length;
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(pieces);
}

function stampOf(timed: TimedOffset | undefined): Buffer {
  const moment = timed?.[1] ?? null;
  return Buffer.from(`${moment === null ? "-" : new Date(moment).toISOString()} `);
}

/** A line of its own, also where the bytes before it end in the middle of one. */
const leftOut = (count: number, lastByte: number): Buffer =>
  Buffer.from(
    `${lastByte === LINE_FEED ? "" : "\n"}[instep: ${counted(count, "byte")} left out]\n`,
  );
