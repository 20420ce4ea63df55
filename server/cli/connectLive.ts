/** A client for a command that follows: with a socket, which costs more than a question over HTTP. */
import { WebSocket } from "ws";
import { createClient, type InstepClient, type WebSocketConstructor } from "../../client/index.js";
import { clientOptions, type ServerFlags } from "./connect.js";
import type { CliContext } from "./context.js";

export function connectLive(url: string, flags: ServerFlags, context: CliContext): InstepClient {
  return createClient({
    ...clientOptions(url, flags, context),
    WebSocket: WebSocket as unknown as WebSocketConstructor,
  });
}
