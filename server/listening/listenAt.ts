/** One address of the standalone server, with limits for slow and for hostile peers. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { answerPlainly, asksForWebSocket } from "../ingress/socket/plainCall.js";
import type { Sockets } from "../ingress/socket/sockets.js";
import { refuseNobodys } from "../ingress/socket/upgradeDoors.js";
import type { Log } from "../log/log.js";
import { ThrottledLog } from "../log/throttledLog.js";
import type { ConnectionRoom } from "./connectionRoom.js";
import { type ConnectionParts, HttpConnections } from "./httpConnections.js";

/** A port of our own, at one address or at both of the loopback. */
export interface Listening {
  /** With the path that leads to Instep, without a slash at the end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Every address the port is held at. */
  readonly addresses: readonly string[];
  /** New connections are refused from now on. */
  stopAccepting(): void;
  /** Resolves when the last request is answered, or `deadline` cut it off. */
  close(deadline: Promise<void>): Promise<void>;
}

export interface ListenOptions extends ConnectionParts {
  /** Answers every request. */
  readonly answer: RequestListener;
  /** The path that leads to Instep, empty where that is the root. */
  readonly basePath: string;
  readonly sockets: Sockets;
  readonly port: number;
  readonly host: string;
  readonly room: ConnectionRoom;
  readonly log: Log;
}

/** A reload of every tab at once must not be refused by the kernel. */
const BACKLOG = 4096;
/** Against peers that send a header a minute (CVE-2018-12122). */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};
const KEEP_ALIVE_MS = 5_000;
const MOST_HEADER_BYTES = 8 * 1024;

/** Rejects with the system's error where the address or the port cannot be had. */
export async function listenAt(options: ListenOptions): Promise<Listening> {
  const { answer, basePath, sockets, port, host, clock, log } = options;
  const server = createServer({
    ...TIMEOUTS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MOST_HEADER_BYTES,
  });
  const connections = new HttpConnections(server, answer, options);
  options.room.share(server);
  const lines = new ThrottledLog(log, clock);
  server.on("drop", () =>
    lines.warn(
      "drop",
      { connections: options.room.most },
      "as many connections are open as may be: new ones are hung up on",
    ),
  );
  server.on("upgrade", (request, socket, head) => {
    if (!asksForWebSocket(request)) return answerPlainly(server, request, socket, head);
    if (sockets.handleUpgrade(request, socket, head, basePath || "/")) return;
    // The port is ours, so nobody else will answer.
    refuseNobodys(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off("error", reject);
      resolve();
    });
  });

  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  let stopped: Promise<void> | null = null;
  const stopAccepting = () => {
    stopped ??= stop(server);
  };
  return {
    url: `http://${name}:${address.port}${basePath}`,
    host: address.address,
    port: address.port,
    addresses: [address.address],
    stopAccepting,
    close: async (deadline) => {
      stopAccepting();
      connections.close();
      await Promise.race([stopped, deadline]);
      server.closeAllConnections();
      await stopped;
    },
  };
}

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));
