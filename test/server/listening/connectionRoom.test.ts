/** One limit on connections over several listening sockets. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, it } from "vitest";
import { ConnectionRoom } from "../../../server/listening/connectionRoom.js";
import { until } from "../../support/deadline.js";

it("connections of several listening sockets share one limit, and give their room back", async () => {
  const room = new ConnectionRoom(3);
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    room.share(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    ports.push((server.address() as { port: number }).port);
  }
  let open = 0;
  for (const server of servers) {
    server.on("connection", () => {
      open += 1;
    });
  }
  const clients = [0, 1, 0].map((at) => connect(ports[at]!, "127.0.0.1"));
  await until(() => open === 3, "three are open");
  const dropped = once(servers[1]!, "drop");
  const fourth = connect(ports[1]!, "127.0.0.1");
  fourth.on("error", () => {});
  await dropped;
  expect(open).toBe(3);

  clients[0]!.destroy();
  await until(() => servers[1]!.maxConnections === 2, "its room is given back");
  const fifth = connect(ports[1]!, "127.0.0.1");
  await until(() => open === 4, "the next one is let in");
  for (const client of [...clients, fourth, fifth]) client.destroy();
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
});
