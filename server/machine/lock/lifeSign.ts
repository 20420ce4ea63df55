/**
 * A listening socket in the data folder that tells whether its maker lives. The kernel answers for it: through all of its namespaces,
 * also while the maker is stopped, and not a moment longer than the maker lives.
 */
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { errorCode } from "../systemErrors.js";
import type { LockFolder } from "./lockFolder.js";

/** `none`: there is no such socket, or none that this process may ask. */
export type Answer = "answers" | "refused" | "none";

const LONGEST_SOCKET_PATH = 103;
/** The errors of file systems without sockets, and of sandboxes that forbid them. */
const NO_SOCKETS: ReadonlySet<string | undefined> = new Set([
  "EPERM",
  "EACCES",
  "ENOSYS",
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EAFNOSUPPORT",
  "ENAMETOOLONG",
]);

/** The name of a contender's socket, and that of a holder's. */
const startingName = (nonce: string): string => `instep.lock.${nonce}.sock`;
const heldName = (nonce: string): string => `instep.${nonce}.sock`;

/** The nonce in the name of a holder's socket; null for any other name. */
export const heldNonceOf = (name: string): string | null =>
  /^instep\.([0-9a-f]{16})\.sock$/.exec(name)?.[1] ?? null;

export class LifeSign {
  readonly #folder: LockFolder;
  readonly #nonce: string;
  readonly #server: Server;

  /** Null where this file system has no sockets. */
  static async show(folder: LockFolder, nonce: string): Promise<LifeSign | null> {
    const path = folder.pathOf(startingName(nonce));
    if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) return null;
    // No byte is ever sent: the connection itself is the answer.
    const server = createServer((socket) => socket.destroy());
    // Exclusive: a cluster's worker would ask its primary to listen, and live on in it.
    server.listen({ path, exclusive: true }).unref();
    try {
      await once(server, "listening");
    } catch (error) {
      if (NO_SOCKETS.has(errorCode(error))) return null;
      throw error;
    }
    // Too few descriptors to accept one: it was in the queue, which is answer enough.
    server.on("error", () => {});
    const sign = new LifeSign(folder, nonce, server);
    try {
      await folder.fs.chmod(path, 0o600);
      return sign;
    } catch (error) {
      await sign.end().catch(() => {});
      throw error;
    }
  }

  private constructor(folder: LockFolder, nonce: string, server: Server) {
    this.#folder = folder;
    this.#nonce = nonce;
    this.#server = server;
  }

  /** From now on it is a holder's. False where its name is gone: nobody could ask it any more. */
  confirm(): Promise<boolean> {
    return this.#folder.rename(startingName(this.#nonce), heldName(this.#nonce));
  }

  /** Before the lock is given back, so that nobody finds a holder without a lock. It goes on answering. */
  async withdraw(): Promise<void> {
    await this.#folder.rename(heldName(this.#nonce), startingName(this.#nonce));
  }

  /** Neither answers nor is there any more. */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await this.#folder.remove(startingName(this.#nonce));
    await this.#folder.remove(heldName(this.#nonce));
  }
}

/** Never waits: the kernel takes a connection to such a socket, or refuses it, at once. */
export async function askLifeSign(folder: LockFolder, nonce: string): Promise<Answer> {
  // In the order in which it changes its name, so that it is not missed in between.
  const starting = await ask(folder.pathOf(startingName(nonce)));
  return starting === "none" ? ask(folder.pathOf(heldName(nonce))) : starting;
}

async function ask(path: string): Promise<Answer> {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) return "none";
  const socket = connect({ path });
  try {
    await once(socket, "connect");
    return "answers";
  } catch (error) {
    switch (errorCode(error)) {
      case "ECONNREFUSED":
        return "refused";
      // Its queue is full, as that of a stopped process may be: so somebody listens.
      case "EAGAIN":
        return "answers";
      default:
        return "none";
    }
  } finally {
    socket.destroy();
  }
}
