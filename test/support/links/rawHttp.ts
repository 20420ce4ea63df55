/** HTTP to the letter, for requests that no decent client would send: several hosts, no host, an upgrade with odd headers. */
import { once } from "node:events";
import { connect } from "node:net";
import { within } from "../deadline.js";

export interface RawAnswer {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends `text` and reads until the server hangs up; an upgrade that was granted ends there and then. */
export async function sendRaw(port: number, text: string | Buffer): Promise<RawAnswer> {
  const socket = connect({ port, host: "127.0.0.1" });
  let got = "";
  socket.on("error", () => {}); // "close" always follows
  socket.on("data", (piece) => {
    got += piece.toString("latin1");
    if (got.startsWith("HTTP/1.1 101")) socket.destroy();
  });
  socket.write(text);
  await within(once(socket, "close"), () => `an answer; so far: ${got}`);
  const [head = "", ...body] = got.split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
    head,
    body: body.join("\r\n\r\n"),
  };
}

/** A request with exactly these header lines, after which the server is to hang up. */
export const requestText = (method: string, path: string, headers: readonly string[]): string =>
  [`${method} ${path} HTTP/1.1`, ...headers, "Connection: close", "", ""].join("\r\n");

/** An upgrade with exactly these header lines beside those of the handshake. */
export const upgradeText = (path: string, headers: readonly string[]): string =>
  [
    `GET ${path} HTTP/1.1`,
    ...headers,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    "",
  ].join("\r\n");
