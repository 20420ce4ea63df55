/** A server in front of another one that gives out all of it but some files: those are not there. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Front {
  readonly url: string;
  /** The other one is started later: it has to know this address as one of its own. */
  leadTo(url: string): void;
  close(): void;
}

/** By GET alone, whole answers, and without sockets. */
export async function startFront(missing: RegExp): Promise<Front> {
  let target = "";
  const server = createServer(async ({ url = "" }, response) => {
    try {
      if (missing.test(url)) throw new Error("left out");
      const answer = await fetch(target + url);
      const type = answer.headers.get("Content-Type") ?? "";
      response.writeHead(answer.status, { "Content-Type": type });
      response.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(url) {
      target = url;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
