/** A balancer of TCP connections: each goes to the next server that takes it, and stays there until one side ends it. */
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Longer than a server on the same machine takes that is not frozen. */
const CONNECT_MS = 1_000;

/** Resolves once it listens on this port of loopback (0: a free one). `portsOf` gives the servers' ports as they are now. `close` leaves no connection. */
export async function startBalancer(port, portsOf) {
  const open = new Set();
  let turn = 0;
  const server = createServer((client) => {
    hold(client, open);
    const ports = portsOf();
    turn += 1;
    const inTurn = ports.map((_, at) => ports[(turn + at) % ports.length]);
    void join(client, inTurn, open);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Where no server takes it, it is closed: browsers and clients try again by themselves. */
async function join(client, ports, open) {
  for (const port of ports) {
    const server = await reach(port);
    if (server === null) continue;
    if (client.destroyed) return server.destroy();
    hold(server, open);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      one.pipe(other);
      one.once("close", () => other.destroy());
    }
    return;
  }
  client.destroy();
}

function reach(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const give = (up) => {
      socket.setTimeout(0);
      if (up === null) socket.destroy();
      resolve(up);
    };
    socket.setTimeout(CONNECT_MS, () => give(null));
    socket.once("connect", () => give(socket));
    socket.once("error", () => give(null));
  });
}

function hold(socket, open) {
  open.add(socket);
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.once("close", () => open.delete(socket));
}
