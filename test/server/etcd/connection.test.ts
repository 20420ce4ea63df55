/** One connection to a member: also where nobody wants it any more by the time that it is there. */
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { Connection } from "../../../server/etcd/connection.js";

it("a connection that is given up while it comes is no error when it has come", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const connection = new Connection(`http://127.0.0.1:${port}`, {});
  for (let tries = 0; tries < 3; tries++) {
    const opened = connection.open();
    // In the turn in which it is there: Node tells us of that behind this.
    opened.session.prependOnceListener("connect", () => connection.suspect(opened));
    await once(opened.session, "close");
    expect(opened.session.destroyed).toBe(true);
  }
  await connection.close();
});
