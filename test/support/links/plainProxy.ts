/** A proxy that nobody set up for Instep: it gives the server the server's own name as Host, and knows no upgrades, as nginx with `proxy_pass` alone. */
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

export interface PlainProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** `blocks` are the beginnings of paths that it refuses itself. */
export async function startPlainProxy(
  target: string,
  blocks: readonly string[] = [],
): Promise<PlainProxy> {
  const { hostname, port, host } = new URL(target);
  const server = createServer((asked, answer) => {
    const { method, url = "/", headers } = asked;
    if (blocks.some((start) => url.startsWith(start))) {
      answer.writeHead(403).end("not for you");
      return;
    }
    const { connection: _hop, upgrade: _dropped, ...passed } = headers;
    const upstream = send(
      { hostname, port, method, path: url, headers: { ...passed, host } },
      (given) => {
        answer.writeHead(given.statusCode ?? 502, given.headers);
        given.pipe(answer);
      },
    );
    upstream.on("error", () => answer.destroy());
    answer.on("close", () => upstream.destroy());
    asked.pipe(upstream);
  });
  server.on("upgrade", (_asked, socket) => {
    socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
