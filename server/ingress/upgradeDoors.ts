/** Upgrades on a server that is not ours alone: what is ours reaches us and nobody else, in whatever order the others came. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

export interface UpgradeDoor {
  /** Whose it is: one owner may open the same door again. */
  readonly owner: object;
  /** The whole path that it takes, null where the end of a path is enough: one that names its path is asked first. */
  readonly path: string | null;
  /** False, and nothing done, where the upgrade is not for this door. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

/**
 * Whoever listens for `upgrade` hears of every path, and many answer those they do not know (`ws` with 400, also on a socket that is open
 * already). So ours are taken before any listener hears of them. The returned function takes the door away again. Throws where
 * another owner's door would take the same upgrades: nobody could tell whose they are.
 */
export function openDoor(server: Server, door: UpgradeDoor): () => void {
  const doors = doorsOf(server);
  doors.add(door);
  return () => doors.remove(door);
}

const known = new WeakMap<Server, Doors>();

function doorsOf(server: Server): Doors {
  const doors = known.get(server) ?? new Doors(server);
  known.set(server, doors);
  return doors;
}

class Doors {
  readonly #server: Server;
  readonly #taken = new WeakSet<Duplex>();
  #doors: UpgradeDoor[] = [];
  #restore: (() => void) | null = null;

  constructor(server: Server) {
    this.#server = server;
  }

  add(door: UpgradeDoor): void {
    const rival = this.#doors.find(({ owner, path }) => owner !== door.owner && path === door.path);
    if (rival) throw new Error(takenWords(door));
    this.#doors = [...this.#doors, door].sort(
      (a, b) => Number(a.path === null) - Number(b.path === null),
    );
    this.#restore ??= this.#comeFirst();
  }

  remove(door: UpgradeDoor): void {
    this.#doors = this.#doors.filter((one) => one !== door);
    if (this.#doors.length > 0) return;
    this.#restore?.();
    this.#restore = null;
  }

  #take(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (this.#taken.has(socket)) return true;
    const isTaken = this.#doors.some((door) => door.take(request, socket, head));
    if (isTaken) this.#taken.add(socket);
    return isTaken;
  }

  #comeFirst(): () => void {
    const server = this.#server;
    const { emit } = server;
    const isOwn = Object.hasOwn(server, "emit");
    const emitOthers = (event: string, ...given: unknown[]): boolean => {
      if (event === "upgrade" && this.#take(...(given as Upgrade))) return true;
      return Reflect.apply(emit, server, [event, ...given]) as boolean;
    };
    // Without a listener Node makes a plain request of an upgrade. It also serves who calls the listeners by hand.
    const listener = (...upgrade: Upgrade) => void this.#take(...upgrade);
    server.emit = emitOthers as typeof emit;
    server.on("upgrade", listener);
    return () => {
      server.off("upgrade", listener);
      // Where somebody wrapped it after us it stays, and does nothing any more.
      if ((server.emit as unknown) !== emitOthers) return;
      if (isOwn) server.emit = emit;
      else Reflect.deleteProperty(server, "emit");
    };
  }
}

const takenWords = ({ path }: UpgradeDoor): string =>
  `another Instep on this server takes ${path === null ? "every path with our end" : path} already: give each its own, as in attach(server, { mount: "/instep" })`;

type Upgrade = [request: IncomingMessage, socket: Duplex, head: Buffer];
