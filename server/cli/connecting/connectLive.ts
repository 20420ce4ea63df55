/** A client for a command that follows: with a socket, which costs more than a question over HTTP. */
import { createRequire } from "node:module";
import type { WebSocketConstructor } from "../../../client/connection/socket.js";
import { createClient, type InstepClient } from "../../../client/live/client.js";
import type { CliContext } from "../process/context.js";
import { clientOptions, type ServerFlags } from "./connect.js";

// As the CommonJS that it is: an import searches all its text for names first, which takes longer than the rest of its loading.
const { WebSocket } = createRequire(import.meta.url)("ws") as typeof import("ws");

export function connectLive(url: string, flags: ServerFlags, context: CliContext): InstepClient {
  return createClient({
    ...clientOptions(url, flags, context),
    WebSocket: WebSocket as unknown as WebSocketConstructor,
  });
}
