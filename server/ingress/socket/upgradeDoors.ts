/** Upgrades on a server that we share: those that are ours reach us and nobody else, whenever the other listeners were added. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { SyncError } from "../../../shared/errors.js";
import { refuseUpgrade } from "../answer/problem.js";
import { answerPlainly, asksForWebSocket } from "./plainCall.js";

export interface UpgradeDoor {
  /** The owner of the door, who may open the same door again. */
  readonly owner: object;
  /** The whole path that it takes, null where the end of a path is enough: one that names its path is asked first. */
  readonly path: string | null;
  /** False, and nothing done, where the upgrade is not for this door. It may take its time to find out. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): boolean | Promise<boolean>;
}

/**
 * Every listener for `upgrade` hears of every path, and many answer those they do not know (`ws` with 400, also on a socket that is open
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

  /** True where one of ours takes it or has yet to find out; `pass` hands it on where none does in the end. */
  #take(upgrade: Upgrade, pass: () => void): boolean {
    const [, socket] = upgrade;
    if (this.#taken.has(socket)) return true;
    const isTaken = this.#offer(upgrade, this.#doors, pass);
    if (isTaken) this.#taken.add(socket);
    return isTaken;
  }

  #offer(upgrade: Upgrade, doors: readonly UpgradeDoor[], pass: () => void): boolean {
    for (const [i, door] of doors.entries()) {
      const takes = door.take(...upgrade);
      if (takes === true) return true;
      if (takes === false) continue;
      void takes.then((isTaken) => {
        if (isTaken || upgrade[1].destroyed) return;
        if (!this.#offer(upgrade, doors.slice(i + 1), pass)) pass();
      });
      return true;
    }
    return false;
  }

  #comeFirst(): () => void {
    const server = this.#server;
    const { emit } = server;
    const isOwn = Object.hasOwn(server, "emit");
    const emitOthers = (event: string, ...given: unknown[]): boolean => {
      const others = () => Reflect.apply(emit, server, [event, ...given]) as boolean;
      if (event !== "upgrade") return others();
      const upgrade = given as Upgrade;
      const isPlain = !asksForWebSocket(upgrade[0]);
      const pass = () => {
        if (hasOthers()) return others();
        if (isPlain) answerPlainly(server, ...upgrade);
        else if (isOwn) return others();
        else refuseNobodys(upgrade[1]);
        return true;
      };
      return (!isPlain && this.#take(upgrade, pass)) || pass();
    };
    // Without a listener Node makes a plain request of an upgrade. It also serves who calls the listeners by hand.
    const listener = (...upgrade: Upgrade) => void this.#take(upgrade, () => {});
    const hasOthers = () => server.listeners("upgrade").some((one) => one !== listener);
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

/** For an upgrade that no listener is left to answer: the peer would wait for ever. */
export function refuseNobodys(socket: Duplex): void {
  socket.on("error", () => socket.destroy());
  refuseUpgrade(socket, new SyncError("not_found", "there is no WebSocket at this path"));
}

const takenWords = ({ path }: UpgradeDoor): string =>
  `another Instep on this server takes ${path === null ? "whatever is led to it" : path} already: give each its own, as in attach(server, { mount: "/instep" })`;

type Upgrade = [request: IncomingMessage, socket: Duplex, head: Buffer];
