/** Passes the answer of another node on to who asked here: its status, some of its headers, and its bytes as fast as they are read. */
import type { ServerResponse } from "node:http";
import type { PeerAnswer } from "../../cluster/cluster.js";

/** A refusal is a problem document of some KB. */
const MOST_TEXT_BYTES = 64 * 1024;

/** Ends the answer where the other one ends; cuts it short where the link breaks, so that nobody takes it for all. `names` in lower case. */
export async function passOn(
  { status, headers, body }: PeerAnswer,
  names: readonly string[],
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  response.statusCode = status;
  const told = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  for (const name of names) {
    const value = told.get(name);
    if (value !== undefined) response.setHeader(name, value);
  }
  // A followed output may have nothing to say for long.
  response.flushHeaders();
  try {
    for await (const bytes of body) {
      if (gone.aborted) return;
      if (!response.write(bytes)) await drained(response, gone);
    }
    response.end();
  } catch {
    response.destroy();
  }
}

/** The whole body of a short answer. Throws where it is long. */
export async function textIn({ body }: PeerAnswer): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of body) {
    length += bytes.length;
    if (length > MOST_TEXT_BYTES) throw new Error("a refusal of another node is too long");
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** Resolves once there is room again, or nobody reads any more. */
function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go);
      gone.removeEventListener("abort", go);
      resolve();
    };
    response.on("drain", go);
    gone.addEventListener("abort", go);
  });
}
