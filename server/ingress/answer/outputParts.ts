/** A part of an output as one answer. A part named by the query may be packed; an HTTP range counts the bytes that travel, so it never is. */
import type { Request, Response } from "express";
import { SyncError } from "../../../shared/errors.js";
import { LOG_HEADERS } from "../../../shared/wire/rest.js";
import type { OutputSource } from "../../output/outputSource.js";
import type { OutputName } from "../../output/outputStore.js";
import { type ByteRange, rangeIn } from "../request/ranges.js";
import { sendExactly } from "./outputStream.js";
import { Packing } from "./packing.js";

/** More is sent as it is, as it would have to be gathered first. */
const MOST_PACKED_BYTES = 1024 * 1024;
const READ_BYTES = 64 * 1024;

export class OutputParts {
  readonly #outputs: OutputSource;
  readonly #packing = new Packing();

  constructor(outputs: OutputSource) {
    this.#outputs = outputs;
  }

  /** Exactly the bytes from one offset to another, or to the output's end. Throws SyncError `no_such_range`. */
  async send(
    request: Request,
    response: Response,
    output: OutputName,
    from: number,
    to: number,
  ): Promise<void> {
    const end = this.#outputs.next(output);
    const next = Math.min(to, end);
    this.#kept(response, output, from < end ? { from, next } : "none");
    response.setHeader(LOG_HEADERS.from, from);
    response.setHeader(LOG_HEADERS.next, next);
    response.vary("Accept-Encoding");
    if (request.method === "HEAD") response.end();
    else if (next - from <= MOST_PACKED_BYTES) {
      await this.#packing.send(request, response, await this.#read(output, from, next));
    } else {
      response.setHeader("Content-Length", next - from);
      void sendExactly(response, this.#outputs, output, from, next);
    }
  }

  /**
   * Answers 206 with the bytes that `Range` asks for, by the offsets of what was printed. False, and nothing sent, where everything is wanted.
   * Throws SyncError `no_such_range`.
   */
  sendRange(response: Response, output: OutputName, header: string | undefined): boolean {
    const end = this.#outputs.next(output);
    const range = rangeIn(header, end);
    if (range === null) return false;
    const { from, next } = this.#kept(response, output, range);
    response.status(206);
    response.setHeader("Content-Range", `bytes ${from}-${next - 1}/${end}`);
    response.setHeader("Content-Length", next - from);
    response.setHeader(LOG_HEADERS.from, from);
    response.setHeader(LOG_HEADERS.next, next);
    void sendExactly(response, this.#outputs, output, from, next);
    return true;
  }

  /** Throws SyncError `no_such_range` where a byte of the range is not kept. */
  #kept(response: Response, output: OutputName, range: ByteRange | "none"): ByteRange {
    if (range !== "none" && this.#outputs.hasAll(output, range.from, range.next)) return range;
    const end = this.#outputs.next(output);
    response.setHeader("Content-Range", `bytes */${end}`);
    throw range === "none"
      ? new SyncError("no_such_range", `the output ends at ${end}`)
      : leftOut();
  }

  async #read(output: OutputName, from: number, next: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let at = from; at < next; ) {
      const read = await this.#outputs.read(output, at, Math.min(READ_BYTES, next - at));
      // The oldest bytes are dropped for the newest when the room is full, also while they are read.
      if (read.from !== at || read.bytes.length === 0) throw leftOut();
      parts.push(read.bytes);
      at += read.bytes.length;
    }
    return Buffer.concat(parts);
  }
}

const leftOut = (): SyncError => new SyncError("no_such_range", "a part of it was left out");
