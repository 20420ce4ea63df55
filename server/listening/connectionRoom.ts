/** Bounds the open connections of several listening sockets together: `maxConnections` of Node counts each socket by itself. */
import type { Server } from "node:net";

export class ConnectionRoom {
  /** Sockets that were upgraded among them. */
  readonly most: number;
  readonly #open = new Map<Server, number>();
  /** A connection is given to its server once more where a call on it offered another protocol. */
  readonly #counted = new WeakSet<object>();

  constructor(most: number) {
    this.most = most;
  }

  /** Connections to `server` take room from here on; it hangs up at once on those that find none. */
  share(server: Server): void {
    this.#open.set(server, 0);
    server.on("connection", (socket) => {
      if (this.#counted.has(socket)) return;
      this.#counted.add(socket);
      this.#count(server, 1);
      socket.once("close", () => this.#count(server, -1));
    });
    server.once("close", () => {
      this.#open.delete(server);
      this.#divide();
    });
    this.#divide();
  }

  #count(server: Server, one: 1 | -1): void {
    const open = this.#open.get(server);
    if (open === undefined) return;
    this.#open.set(server, open + one);
    this.#divide();
  }

  #divide(): void {
    let all = 0;
    for (const open of this.#open.values()) all += open;
    for (const [server, open] of this.#open) server.maxConnections = this.most - (all - open);
  }
}
