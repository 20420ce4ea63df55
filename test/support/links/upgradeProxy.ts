/** A proxy in front of the server that passes HTTP through, and answers 403 to upgrades for as long as it is told to. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface UpgradeProxy {
  readonly port: number;
  /** Listens before the server is there: the server has to know this port as one of its own. */
  leadTo(port: number): void;
  refuseUpgrades(refuse: boolean): void;
  /** WebSockets that are open now. */
  readonly open: number;
  /** How many there ever were. */
  readonly opened: number;
  close(): Promise<void>;
}

const REFUSAL = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

export async function startUpgradeProxy(): Promise<UpgradeProxy> {
  let target = 0;
  let refuses = true;
  const sockets = new Set<Socket>();
  let open = 0;
  let opened = 0;

  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };

  const server = createServer((client) => {
    keep(client);
    let head = "";
    // An upgrade always comes as the first request of its connection, so the first head tells.
    const readHead = (chunk: Buffer) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      client.off("data", readHead);
      const isUpgrade = /^upgrade:/im.test(head);
      if (refuses && isUpgrade) {
        client.end(REFUSAL);
        return;
      }
      const upstream = connect(target, "127.0.0.1");
      keep(upstream);
      if (isUpgrade) {
        open++;
        opened++;
        client.on("close", () => open--);
      }
      upstream.write(head, "latin1");
      client.pipe(upstream).pipe(client);
      client.on("close", () => upstream.destroy());
      upstream.on("close", () => client.destroy());
    };
    client.on("data", readHead);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port) {
      target = port;
    },
    get open() {
      return open;
    },
    get opened() {
      return opened;
    },
    refuseUpgrades(refuse) {
      refuses = refuse;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
