/** `fetch` over node:http, as much of it as the client uses: to load and warm up Node's own takes longer than most commands run. */
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import { promisify } from "node:util";

/** Twice the longest output of a step. What is longer, packed or unpacked, is nothing that an Instep says. */
const MOST_BYTES = 128 * 1024 * 1024;

interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/** Rejects as `fetch` does: with a TypeError whose cause says why, or once its signal is aborted. Redirects are not followed. */
export const nodeFetch = (async (url: URL, { method, headers, body, signal }: Asked) => {
  const options: RequestOptions = {
    method,
    headers: {
      "User-Agent": "instep",
      "Accept-Encoding": "gzip",
      "Cache-Control": "no-cache",
      ...(body !== undefined && { "Content-Length": Buffer.byteLength(body) }),
      ...headers,
    },
    ...(signal && { signal }),
  };
  const mayRepeat = method === "GET" || headers["Idempotency-Key"] !== undefined;
  return answerOf(await asking(url, options, body, mayRepeat));
}) as unknown as typeof globalThis.fetch;

async function asking(
  url: URL,
  options: RequestOptions,
  body: Asked["body"],
  mayRepeat: boolean,
): Promise<IncomingMessage> {
  const open = url.protocol === "https:" ? (await import("node:https")).request : request;
  let asked: ClientRequest | undefined;
  try {
    return await new Promise((resolve, reject) => {
      asked = open(url, options, resolve);
      asked.on("error", reject);
      asked.end(body);
    });
  } catch (cause) {
    // The server let a kept connection go at the moment in which we took it up again.
    const isStale = asked?.reusedSocket && !options.signal?.aborted;
    if (isStale && mayRepeat) return asking(url, { ...options, agent: false }, body, false);
    throw failed(cause);
  }
}

function answerOf(response: IncomingMessage) {
  const status = response.statusCode ?? 0;
  const header = (name: string) => response.headers[name.toLowerCase()]?.toString() ?? null;
  return {
    status,
    ok: status >= 200 && status < 300,
    type: "default",
    headers: { get: header },
    body: { cancel: async () => void response.destroy() },
    text: async () => new TextDecoder().decode(await bytesOf(response)),
    arrayBuffer: async () => (await bytesOf(response)).buffer,
  };
}

/** All of the body, in memory of its own. Rejects where it breaks off, or goes on for too long. */
async function bytesOf(response: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of response) {
      bytes += piece.length;
      // Leaving the loop ends the connection.
      if (bytes > MOST_BYTES) throw tooLong();
      pieces.push(piece);
    }
    return await unpacked(together(pieces), response.headers["content-encoding"]);
  } catch (cause) {
    throw failed(cause);
  }
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>, encoding = "identity") {
  if (encoding === "identity") return bytes;
  if (encoding !== "gzip") throw new Error(`packed as ${encoding}, which nobody asked for`);
  const { gunzip } = await import("node:zlib");
  try {
    return together([await promisify(gunzip)(bytes, { maxOutputLength: MOST_BYTES })]);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? tooLong() : error;
  }
}

const tooLong = (): Error => new Error(`its answer is longer than ${MOST_BYTES / 1024 ** 2} MiB`);

function together(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const failed = (cause: unknown): TypeError => new TypeError("fetch failed", { cause });
