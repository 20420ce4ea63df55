/** A connection of HTTP/2 to one member, opened when it is needed and anew when it no longer serves. */
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import type { EtcdTls } from "./members.js";

/** A connection as it is now. */
export interface OpenConnection {
  readonly session: ClientHttp2Session;
  /** From then on a call that was given to it may have reached the member. */
  readonly isConnected: boolean;
}

/** So much of an answer, and of all together, may be on its way before we have read it. */
const STREAM_WINDOW = 4 * 1024 * 1024;
const SESSION_WINDOW = 16 * 1024 * 1024;
/** In megabytes: what Node keeps for all calls of a connection that are on their way. */
const MOST_MEMORY = 256;
/** From then on the system asks a silent peer whether it is still there. */
const ALIVE_AFTER_MS = 5_000;

/** Leaves nothing open once it is closed. */
export class Connection {
  readonly #url: string;
  readonly #tls: EtcdTls;
  readonly #sessions = new Set<ClientHttp2Session>();
  #current: { session: ClientHttp2Session; isConnected: boolean } | null = null;

  constructor(url: string, tls: EtcdTls) {
    this.#url = url;
    this.#tls = tls;
  }

  /** The one there is, or a new one. */
  open(): OpenConnection {
    this.#current ??= this.#begin();
    return this.#current;
  }

  /** It may be dead without anybody knowing: who is on it stays, and the next call has a new one. */
  suspect(connection: OpenConnection): void {
    if (this.#current === connection) this.#current = null;
    // One that never was has nobody to wait for.
    if (connection.isConnected) connection.session.close();
    else connection.session.destroy();
  }

  /** Ends it with all that is on it, and resolves once it is gone. */
  async close(): Promise<void> {
    this.#current = null;
    await Promise.all(
      [...this.#sessions].map(async (session) => {
        if (session.destroyed) return;
        const closed = once(session, "close").catch(() => {});
        session.destroy();
        await closed;
      }),
    );
  }

  #begin(): { session: ClientHttp2Session; isConnected: boolean } {
    const session = connect(this.#url, {
      ...this.#tls,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      maxSessionMemory: MOST_MEMORY,
    });
    const connection = { session, isConnected: false };
    const drop = () => {
      if (this.#current === connection) this.#current = null;
    };
    this.#sessions.add(session);
    session.once("connect", (_session, socket) => {
      // Closed while the link came up.
      if (session.destroyed) return;
      connection.isConnected = true;
      session.setLocalWindowSize(SESSION_WINDOW);
      if ("setKeepAlive" in socket) socket.setKeepAlive(true, ALIVE_AFTER_MS);
    });
    // The calls on it hear of it, too.
    session.on("error", () => {
      drop();
      // One that a certificate ended has no "close" behind its error, and no socket any more.
      this.#sessions.delete(session);
    });
    session.on("goaway", drop);
    session.once("close", () => {
      drop();
      this.#sessions.delete(session);
    });
    return connection;
  }
}
