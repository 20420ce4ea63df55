/** Output on its way into an HTTP answer: read when there is room for it, what was left out named in a line of its own. */
import type { Response } from "express";
import type { Logs, OutputName } from "../logs/logs.js";

const READ_BYTES = 64 * 1024;
const LINE_FEED = 10;

export class OutputStream {
  /** Fires when the peer is gone, or the answer is at its end. */
  readonly closed: AbortSignal;
  readonly #response: Response;
  readonly #logs: Logs;
  readonly #output: OutputName;
  #at: number;
  #lastByte = LINE_FEED;

  constructor(response: Response, logs: Logs, output: OutputName, from: number) {
    this.#response = response;
    this.#logs = logs;
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
      const { bytes, from } = await this.#logs.read(
        this.#output,
        this.#at,
        Math.min(READ_BYTES, end - this.#at),
      );
      // What came after the end we were asked for took the place of what came before it.
      const start = bytes.length === 0 ? end : Math.min(from, end);
      if (start > this.#at) await this.#write(leftOut(start - this.#at, this.#lastByte));
      const wanted = bytes.subarray(0, end - start);
      if (wanted.length > 0) await this.#write(wanted);
      this.#at = start + wanted.length;
    }
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
  logs: Logs,
  output: OutputName,
  from: number,
  next: number,
): Promise<void> {
  try {
    await new OutputStream(response, logs, output, from).sendUpTo(next);
    response.end();
  } catch {
    response.destroy();
  }
}

/** A line of its own, also where the bytes before it end in the middle of one. */
const leftOut = (count: number, lastByte: number): Buffer =>
  Buffer.from(`${lastByte === LINE_FEED ? "" : "\n"}[instep: ${count} bytes left out]\n`);
