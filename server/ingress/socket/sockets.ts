/** The WebSocket door: which upgrades are ours, who may have one, how many there are. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { SyncError, shuttingDown } from "../../../shared/errors.js";
import { LIVE_PATH, MERGE_SUBPROTOCOL, SUBPROTOCOL } from "../../../shared/names.js";
import { counted } from "../../../shared/text/counted.js";
import { CloseCode } from "../../../shared/wire/closeCodes.js";
import type { Form } from "../../egress/frames.js";
import type { Access, Gate } from "../access/access.js";
import { refuseUpgrade } from "../answer/problem.js";
import { refusalOf } from "../answer/refusalOf.js";
import type { Mounts } from "./mounts.js";
import { type ServeSocketParts, serveSocket } from "./serveSocket.js";
import { openDoor } from "./upgradeDoors.js";

export interface SocketsParts extends ServeSocketParts {
  readonly gate: Gate;
  readonly mounts: Mounts;
  readonly isDraining: () => boolean;
  /** Streams of events, each of which takes the place of a socket. */
  readonly streams: () => number;
}

/** Each piece of a message costs memory beside its bytes: more pieces are an attack (https://github.com/websockets/ws/security/advisories/GHSA-96hv-2xvq-fx4p). */
const MOST_FRAGMENTS = 64;
/** So many reads may one frame take: a full one in the smallest segments of TCP, at the cost of about its own size again. */
const MOST_BUFFERED_CHUNKS = 4_096;

/** How long a peer may take to answer a close, in ms. The option is newer than its type. */
const FAREWELL: object = { closeTimeout: 2_000 };

export class Sockets {
  readonly #parts: SocketsParts;
  readonly #server: WebSocketServer;

  constructor(parts: SocketsParts) {
    this.#parts = parts;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: parts.limits.frameBytes,
      maxFragments: MOST_FRAGMENTS,
      maxBufferedChunks: MOST_BUFFERED_CHUNKS,
      perMessageDeflate: false,
      autoPong: false,
      ...FAREWELL,
      // Never the token's name: it would come back in the answer.
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
  }

  get count(): number {
    return this.#server.clients.size;
  }

  /**
   * Takes the upgrade, or refuses it with a problem document, when its path ends in ours (is `mount` + ours, where a mount is
   * named). False, and nothing done, for any other path: another library may own it.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, mount?: string): boolean {
    if (!isLivePath(request, mount)) return false;
    this.#answer(request, socket, head);
    return true;
  }

  /**
   * Takes what is ours before anybody else hears of it, and leaves other paths alone: ours is `mount` + ours, and where no mount is named
   * whatever that server leads to our router. The returned function ends that. Throws where another one on that server takes the same.
   */
  attach(server: Server, mount?: string): () => void {
    return openDoor(server, {
      owner: this,
      path: mount === undefined ? null : livePathBelow(mount),
      take: (request, socket, head) =>
        mount === undefined
          ? this.#takeWhereRestIs(server, request, socket, head)
          : this.handleUpgrade(request, socket, head, mount),
    });
  }

  /** Says goodbye to everyone, waits for their answer until `deadline` resolves, then hangs up. */
  async close(deadline: Promise<void>): Promise<void> {
    const sockets = [...this.#server.clients];
    const closed = sockets.map((socket) => whenClosed(socket));
    for (const socket of sockets) socket.close(CloseCode.goingAway, "the server is stopping");
    await Promise.race([Promise.all(closed), deadline]);
    for (const socket of this.#server.clients) socket.terminate();
    await Promise.all(closed);
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #takeWhereRestIs(
    server: Server,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): boolean | Promise<boolean> {
    if (!isLivePath(request, undefined)) return false;
    const isHere = this.#led(server, request, socket);
    if (isHere === null) return true;
    if (isHere === true) this.#answer(request, socket, head);
    if (typeof isHere === "boolean") return isHere;
    const ignore = () => socket.destroy();
    socket.on("error", ignore);
    return isHere.then((isOurs) => {
      socket.off("error", ignore);
      if (isOurs) this.#answer(request, socket, head);
      return isOurs;
    });
  }

  /** Null where it is refused already. */
  #led(
    server: Server,
    request: IncomingMessage,
    socket: Duplex,
  ): boolean | Promise<boolean> | null {
    try {
      return this.#parts.mounts.leadHere(server, request);
    } catch (error) {
      socket.on("error", () => socket.destroy());
      this.#refuse(socket, error);
      return null;
    }
  }

  #answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Node leaves the socket of an upgrade without an error listener (https://github.com/nodejs/node/commit/51be03cd57): until ws takes over, a peer that resets the link would end the process.
    const ignore = () => socket.destroy();
    socket.on("error", ignore);
    const refuse = (error: unknown) => this.#refuse(socket, error);
    const admit = (access: Access) => {
      this.#checkRoom(request);
      const { rates } = this.#parts;
      const pace = access.node === undefined ? rates.socket(access.client) : rates.ofNode();
      // The answer to the upgrade leaves together with "hello" and what else is said in this turn.
      socket.cork();
      process.nextTick(() => socket.uncork());
      this.#server.handleUpgrade(request, socket, head, (accepted) => {
        socket.off("error", ignore);
        serveSocket(
          { socket: accepted, stream: socket, access, pace, form: formFor(request) },
          this.#parts,
        );
      });
    };
    try {
      const access = this.#parts.gate.authorize(request);
      if (access instanceof Promise) access.then(admit).catch(refuse);
      else admit(access);
    } catch (error) {
      refuse(error);
    }
  }

  /** Nothing is thrown on from here: an error thrown in an event listener would end the process for everyone. */
  #refuse(socket: Duplex, error: unknown): void {
    const refusal = refusalOf(error, this.#parts.log, "an upgrade failed in a way it should not");
    this.#parts.metrics?.requestRefused("socket", refusal.code);
    refuseUpgrade(socket, refusal);
  }

  #checkRoom(request: IncomingMessage): void {
    const { limits } = this.#parts;
    if (this.#parts.isDraining()) {
      throw shuttingDown();
    }
    if (!offeredBy(request).includes(SUBPROTOCOL)) {
      throw new SyncError("upgrade_required", `this door speaks the subprotocol ${SUBPROTOCOL}`);
    }
    if (this.count + this.#parts.streams() >= limits.sockets) {
      throw new SyncError(
        "too_many",
        `${counted(limits.sockets, "socket is", "sockets are")} open, which is the limit`,
        {
          retryAfter: 5,
        },
      );
    }
  }
}

function isLivePath({ url = "" }: IncomingMessage, mount: string | undefined): boolean {
  const path = url.split("?", 1)[0] ?? "";
  return mount === undefined ? path.endsWith(LIVE_PATH) : path === livePathBelow(mount);
}

/** The subprotocols that an upgrade offers. */
const offeredBy = ({ headers }: IncomingMessage): readonly string[] =>
  (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());

const formFor = (request: IncomingMessage): Form =>
  offeredBy(request).includes(MERGE_SUBPROTOCOL) ? "merge" : "patch";

const livePathBelow = (mount: string): string => mount.replace(/\/$/, "") + LIVE_PATH;

const whenClosed = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) resolve();
    else socket.once("close", () => resolve());
  });
