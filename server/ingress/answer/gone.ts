/** A signal for work that is worth nothing once its caller has gone. */
import type { Response } from "express";

/** Aborted once the caller has gone, and once the answer is sent. */
export function goneOf(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return gone.signal;
}
