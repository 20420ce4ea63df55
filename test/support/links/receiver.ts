/** An HTTP server that webhooks are sent to: it keeps what it was told, and answers as the test says. */
import { createHmac } from "node:crypto";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { until } from "../deadline.js";

export interface Told {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as JSON. */
  readonly event: Record<string, unknown>;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly told: readonly Told[];
  /** Resolves once it was told so often. */
  untilTold(times: number): Promise<Told>;
  close(): Promise<void>;
}

/** Answers with 204 where the test says nothing else, over TLS where it gives a certificate. Ends with the test. */
export async function openReceiver(
  answer: (response: ServerResponse, times: number, told: Told) => void = (response) => {
    response.writeHead(204).end();
  },
  port = 0,
  { host = "127.0.0.1", tls }: { host?: string; tls?: { key: string; cert: string } } = {},
): Promise<Receiver> {
  const told: Told[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      const event = body.startsWith("{") ? JSON.parse(body) : {};
      const one = { path: request.url ?? "", headers: request.headers, body, event };
      told.push(one);
      answer(response, told.length, one);
    });
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const at = (server.address() as AddressInfo).port;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return {
    url: `${tls ? "https" : "http"}://${host}:${at}/hook/key-in-the-path`,
    port: at,
    told,
    close,
    untilTold: async (times) => {
      await until(() => told.length >= times, "the receiver to be told");
      return told[times - 1]!;
    },
  };
}

/** What a receiver works out by itself. */
export function signatureOf({ headers, body }: Told, secret: string): string {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return `v1,${createHmac("sha256", secret).update(signed).digest("base64")}`;
}
