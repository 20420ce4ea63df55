/** A link that a test can cut, hold, slice and refuse: plain TCP between a client and the server. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

type Mode = "pass" | "stall" | "slice";

export class TcpProxy {
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #target = 0;
  #mode: Mode = "pass";
  #refuses = false;
  #allowance = Number.POSITIVE_INFINITY;

  static async start(): Promise<TcpProxy> {
    const proxy = new TcpProxy();
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  private constructor() {
    this.#server = createServer((client) => {
      if (this.#refuses) return void client.resetAndDestroy();
      const link = new Link(client, connect(this.#target, "127.0.0.1"), this.#mode, () =>
        this.#links.delete(link),
      );
      client.on("data", (piece) => this.#count(piece.length));
      this.#links.add(link);
    });
  }

  /** A server has to know it as one of its own ports. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many links there are. */
  get open(): number {
    return this.#links.size;
  }

  /** Until `close`. */
  get isOpen(): boolean {
    return this.#server.listening;
  }

  /** New links go there. */
  leadTo(port: number): void {
    this.#target = port;
  }

  /** Everything goes through, also what was held. */
  pass(): void {
    this.#refuses = false;
    this.#setMode("pass");
  }

  /** Links stay, and nothing goes through. */
  stall(): void {
    this.#setMode("stall");
  }

  get isStalled(): boolean {
    return this.#mode === "stall";
  }

  /** What is held stays held, and new links go through. */
  passNew(): void {
    this.#mode = "pass";
  }

  /** As `stall`, once about so many bytes have come from clients. */
  stallAfter(bytes: number): void {
    this.#allowance = bytes;
  }

  /** Every byte goes alone. */
  slice(): void {
    this.#setMode("slice");
  }

  /** Those there are break; new ones are let in. */
  cut(): void {
    for (const link of this.#links) link.break();
  }

  /** Those there are break, and so does every new one, until `pass`. */
  refuse(): void {
    this.#refuses = true;
    this.cut();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, "close");
  }

  #count(bytes: number): void {
    this.#allowance -= bytes;
    if (this.#allowance > 0) return;
    this.#allowance = Number.POSITIVE_INFINITY;
    this.stall();
  }

  #setMode(mode: Mode): void {
    this.#mode = mode;
    for (const link of this.#links) link.setMode(mode);
  }
}

class Link {
  readonly #sockets: readonly [Socket, Socket];
  readonly #pumps: readonly Pump[];

  constructor(client: Socket, upstream: Socket, mode: Mode, gone: () => void) {
    this.#sockets = [client, upstream];
    this.#pumps = [new Pump(client, upstream, mode), new Pump(upstream, client, mode)];
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on("error", () => {}); // "close" always follows
      socket.on("close", () => {
        this.break();
        gone();
      });
    }
  }

  setMode(mode: Mode): void {
    for (const pump of this.#pumps) pump.setMode(mode);
  }

  break(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

/** One direction of a link. */
class Pump {
  readonly #to: Socket;
  readonly #waiting: Buffer[] = [];
  #mode: Mode;
  #isRunning = false;
  #hasEnded = false;

  constructor(from: Socket, to: Socket, mode: Mode) {
    this.#to = to;
    this.#mode = mode;
    from.on("data", (piece) => {
      this.#waiting.push(piece);
      void this.#run();
    });
    from.on("end", () => {
      this.#hasEnded = true;
      void this.#run();
    });
  }

  setMode(mode: Mode): void {
    this.#mode = mode;
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#mode !== "stall" && this.#waiting.length > 0 && !this.#to.destroyed) {
      const piece = this.#waiting.shift()!;
      const length = this.#mode === "slice" ? 1 : piece.length;
      if (length < piece.length) this.#waiting.unshift(piece.subarray(length));
      await new Promise((written) => this.#to.write(piece.subarray(0, length), written));
      // Or the other side would find many of them at once.
      if (length < piece.length) await new Promise((turn) => setImmediate(turn));
    }
    this.#isRunning = false;
    if (this.#hasEnded && this.#waiting.length === 0) this.#to.end();
  }
}
