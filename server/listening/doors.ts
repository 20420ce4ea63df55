/** All open ways in: our own ports, and the host's servers that we are attached to. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { OwnPorts } from "../ingress/access/ownPorts.js";
import type { Sockets } from "../ingress/socket/sockets.js";
import { listen } from "./listen.js";
import type { Listening, ListenOptions } from "./listenAt.js";

type ListenParts = Pick<ListenOptions, "clock" | "turns" | "unreadMs" | "room" | "log">;

export class Doors {
  readonly #sockets: Sockets;
  readonly #ownPorts: OwnPorts;
  readonly #parts: ListenParts;
  readonly #detachers = new Set<() => void>();
  readonly #listening = new Set<Listening>();

  constructor(sockets: Sockets, ownPorts: OwnPorts, parts: ListenParts) {
    this.#sockets = sockets;
    this.#ownPorts = ownPorts;
    this.#parts = parts;
  }

  attach(server: Server, mount: string | undefined): () => void {
    const detach = this.#sockets.attach(server, mount);
    this.#detachers.add(detach);
    return () => {
      this.#detachers.delete(detach);
      detach();
    };
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return this.#sockets.handleUpgrade(request, socket, head);
  }

  async listen(at: Omit<ListenOptions, keyof ListenParts | "sockets">): Promise<Listening> {
    const started = await listen({ ...this.#parts, ...at, sockets: this.#sockets });
    this.#listening.add(started);
    this.#ownPorts.add(started);
    return started;
  }

  /** New connections to our own ports are refused from now on; those that are there stay. */
  stopAccepting(): void {
    for (const server of this.#listening) server.stopAccepting();
  }

  /** Says goodbye to every socket, then ends what is left of HTTP. Resolves once nothing is open. */
  async close(deadline: Promise<void>): Promise<void> {
    await this.#sockets.close(deadline);
    for (const detach of this.#detachers) detach();
    await Promise.all([...this.#listening].map((server) => server.close(deadline)));
  }
}
