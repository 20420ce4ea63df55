/** Refuses here what the server would cut us off for. */
import { SyncError } from "../../shared/errors.js";
import { LIMITS } from "../../shared/limits.js";

const encoder = new TextEncoder();

/** Throws `too_large` over the limit of a frame or body. Returns the size in bytes. */
export function checkSize(text: string): number {
  const bytes = encoder.encode(text).length;
  if (bytes > LIMITS.frameBytes) {
    const limit = `the limit is ${LIMITS.frameBytes} bytes (frameBytes)`;
    throw new SyncError("too_large", `this is ${bytes} bytes long; ${limit}`);
  }
  return bytes;
}
