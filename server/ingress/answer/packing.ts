/** Answers packed on their way out, for links that are slow. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Request, Response } from "express";

const pack = promisify(gzip);

/** Packing fewer bytes saves less than its headers cost. */
const WORTH_BYTES = 1024;
/** zlib and the file system share the four threads of libuv: beyond so many at once, answers go out unpacked, so that saving goes on. */
const MOST_AT_ONCE = 2;

export class Packing {
  #running = 0;

  /** Ends the answer with these bytes, packed where the client takes that. The other headers are the caller's, `Vary` among them. */
  async send(request: Request, response: Response, bytes: Buffer): Promise<void> {
    if (!this.#isWorthIt(request, bytes)) {
      response.setHeader("Content-Length", bytes.length);
      response.end(bytes);
      return;
    }
    this.#running += 1;
    try {
      const packed = await pack(bytes);
      response.setHeader("Content-Encoding", "gzip");
      response.setHeader("Content-Length", packed.length);
      response.end(packed);
    } finally {
      this.#running -= 1;
    }
  }

  #isWorthIt(request: Request, { length }: Buffer): boolean {
    if (length < WORTH_BYTES || this.#running >= MOST_AT_ONCE) return false;
    return request.acceptsEncodings("gzip") === "gzip";
  }
}
