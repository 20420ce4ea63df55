/** Which HTTP connections are owed an answer: the others can be hung up on, and nothing is lost. */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Node's own `closeIdleConnections` spares connections that never sent a request. Browsers open such ones ahead of need, and each would hold
 * up the end until its deadline.
 */
export class HttpConnections {
  readonly #owed = new Map<Socket, number>();
  #isClosing = false;

  constructor(server: Server) {
    server.on("connection", (socket) => {
      this.#owed.set(socket, 0);
      socket.once("close", () => this.#owed.delete(socket));
    });
    server.on("request", ({ socket }, response) => {
      this.#add(socket, 1);
      response.once("close", () => this.#add(socket, -1));
    });
    // From here on a socket belongs to whoever took the upgrade.
    server.on("upgrade", ({ socket }) => this.#owed.delete(socket));
  }

  /** Hangs up on those that wait for a request, and on the others as soon as they have their answers. */
  close(): void {
    this.#isClosing = true;
    for (const [socket, count] of this.#owed) if (count === 0) socket.destroy();
  }

  #add(socket: Socket, one: 1 | -1): void {
    const count = this.#owed.get(socket);
    if (count === undefined) return;
    this.#owed.set(socket, count + one);
    if (this.#isClosing && count + one === 0) socket.destroySoon();
  }
}
