/** The server's own port at both loopback addresses: what a browser is given as `localhost` may mean either. */
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { describe, expect } from "vitest";
import { createInstep } from "../../../server/server.js";
import { sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import { liveTest } from "../../support/servers/liveServer.js";

const portOf = (server: Server): number => (server.address() as { port: number }).port;

async function takenAt(host: string): Promise<Server> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  return server;
}

describe("a server at localhost", () => {
  liveTest(
    "a server at localhost answers at both addresses, on one port, and leaves both at its end",
    async ({ serve }) => {
      const server = await serve();
      for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
        const answer = await fetch(`http://${host}:${server.port}/healthz`);
        expect(await answer.json(), host).toEqual({ status: "ok" });
      }
      const { port } = server;
      await server.stop();
      for (const host of ["127.0.0.1", "[::1]"])
        await expect(fetch(`http://${host}:${port}/healthz`), host).rejects.toThrow();
    },
  );

  liveTest(
    "a server at localhost does not start where another program has its port at one of them, and leaves the other free",
    async ({ folder }) => {
      const other = await takenAt("::1");
      const port = portOf(other);
      const instep = await createInstep({ dataDir: folder });
      await expect(instep.listen({ port })).rejects.toMatchObject({
        code: "EADDRINUSE",
        address: "::1",
      });
      const free = createServer().listen(port, "127.0.0.1");
      await once(free, "listening");
      for (const server of [free, other]) server.close();
      await instep.close();
    },
  );

  liveTest(
    "a server at localhost counts a page of the IPv6 address as its own only while it is",
    async ({ folder }) => {
      const instep = await createInstep({ dataDir: folder });
      const { port } = await instep.listen({ port: 0, host: "127.0.0.1" });
      const asked = (host: string) =>
        sendRaw(
          port,
          upgradeText("/workflow/live", [
            `Host: 127.0.0.1:${port}`,
            `Origin: http://${host}:${port}`,
            "Sec-WebSocket-Protocol: instep.v1",
          ]),
        );
      expect((await asked("[::1]")).status).toBe(403);
      expect((await asked("127.0.0.1")).status).toBe(101);
      await instep.close();
    },
  );
});
