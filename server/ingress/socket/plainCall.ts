/** A call that offers another protocol than ours (`Upgrade: h2c`, as Java's HTTP client does with every first call), answered as if it had offered none: a server may pass over such an offer (RFC 9110, section 7.8). */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Whether an upgrade asks for a WebSocket; whatever else it asks for nobody here speaks. */
export const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === "websocket";

/** The headers of the offer, beside its word in `Connection`. */
const OFFERED = new Set(["upgrade", "http2-settings"]);

/**
 * Gives the call back to `server`, as a plain one: Node has taken it from the server for good, as soon as anybody listens for upgrades. So it is
 * written once more in front of what is left of its connection, and the connection given to the server as a new one.
 */
export function answerPlainly(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on("error", () => socket.destroy());
  // Answers to calls before it on this connection would be mixed up with its own. Nobody sends such calls but to try it.
  const answering = Reflect.get(socket, "_httpMessage") as ServerResponse | null | undefined;
  if (answering) {
    answering.once("close", () => socket.destroy());
    return;
  }
  socket.unshift(Buffer.concat([Buffer.from(plainHead(request), "latin1"), head]));
  server.emit("encrypted" in socket ? "secureConnection" : "connection", socket);
}

function plainHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = "", value = ""] = rawHeaders.slice(i, i + 2);
    const isOffer = OFFERED.has(name.toLowerCase());
    const left = name.toLowerCase() === "connection" ? withoutOffer(value) : value;
    if (!isOffer && left !== "") lines.push(`${name}: ${left}`);
  }
  return [...lines, "", ""].join("\r\n");
}

const withoutOffer = (connection: string): string =>
  connection
    .split(",")
    .map((word) => word.trim())
    .filter((word) => !OFFERED.has(word.toLowerCase()))
    .join(", ");
