/** Requests that nobody waits for: whoever sends far more than is answered is not read any further. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { Turns } from "../../../server/ingress/pace/turns.js";
import { HttpConnections } from "../../../server/listening/httpConnections.js";
import { manualClock } from "../../support/clocks/manualClock.js";

const REQUEST = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
const SENT = 4 * 1024 * 1024;

it("no more is read than came at once from a peer that sends request after request without waiting", async () => {
  const clock = manualClock();
  const held: ServerResponse[] = [];
  const server = createServer();
  const connections = new HttpConnections(
    server,
    (_request, response) => void held.push(response),
    {
      clock,
      turns: new Turns(clock, globalThis.setImmediate),
      unreadMs: 1_000,
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const flooder = connect((server.address() as AddressInfo).port, "127.0.0.1");
  flooder.on("error", () => {});
  flooder.resume().write(REQUEST.repeat(SENT / REQUEST.length));
  const [socket] = await accepted;
  const closed = once(socket, "close");
  let before = -1;
  while (held.length === 0 || socket.bytesRead !== before) {
    before = socket.bytesRead;
    for (let turn = 0; turn < 20; turn++) await setImmediate();
  }
  expect(socket.bytesRead).toBeLessThan(SENT / 8);

  // The requests that were taken are answered, then the connection ends.
  for (let answered = 0; !socket.destroyed; ) {
    if (answered < held.length) held[answered++]!.end();
    await setImmediate();
  }
  await closed;
  expect(held).toHaveLength(17);
  connections.close();
  flooder.destroy();
  server.close();
});
