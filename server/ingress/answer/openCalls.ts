/** The calls of ours that are not over: at the end of Instep they end, too, wherever the program around us goes on. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { shuttingDown } from "../../../shared/errors.js";
import { sendProblem } from "./problem.js";

export class OpenCalls {
  readonly #open = new Map<ServerResponse, IncomingMessage>();
  #allOver = () => {};

  /** It is ours until its answer has left and all of it has come, or until it is passed on. */
  take(request: IncomingMessage, response: ServerResponse): void {
    if (response.closed || response.destroyed) return;
    this.#open.set(response, request);
    response.once("close", () => {
      if (request.complete || request.destroyed) this.passOn(response);
      // It was refused before it had come whole.
      else request.once("close", () => this.passOn(response));
    });
  }

  /** It is the host's: what becomes of it is no affair of ours. */
  passOn(response: ServerResponse): void {
    this.#open.delete(response);
    if (this.#open.size === 0) this.#allOver();
  }

  /** Refuses what has not come whole, with its connection, and waits for the answers that are on their way; what is left at the deadline is cut. */
  async end(deadline: Promise<void>): Promise<void> {
    for (const [response, request] of [...this.#open]) {
      if (request.complete) continue;
      if (response.closed) request.destroy();
      else if (!response.headersSent) refuse(request, response);
    }
    const over = new Promise<void>((resolve) => {
      this.#allOver = resolve;
    });
    if (this.#open.size > 0) await Promise.race([over, deadline]);
    for (const response of [...this.#open.keys()]) response.destroy();
  }
}

/** Nobody knows whether the rest of it ever comes, and until it does nothing else can come over this connection. */
function refuse(request: IncomingMessage, response: ServerResponse): void {
  // HTTP/2 has no such header: there the stream ends alone.
  if (request.httpVersionMajor < 2) response.setHeader("Connection", "close");
  response.once("finish", () => request.destroy());
  sendProblem(response, shuttingDown());
}
