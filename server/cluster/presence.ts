/** The nodes that are there, and since when the others are not, as the keys tell it. Leaves every key of a living node to that node. */
import type { Clock } from "../../shared/clock.js";
import { Listeners } from "../../shared/listeners.js";
import type { Log } from "../log/log.js";
import type { NodeChange, NodeView } from "./cluster.js";
import type { FamilyEvent, KeyMirror } from "./keyMirror.js";
import { awayKeyOf, readAwayKey, readNodeKey } from "./nodeKey.js";

/** The families of keys of nodes that are there, and of those that left. */
export const NODE = "node/";
export const AWAY = "away/";
/** So many nodes that left are remembered; beyond it the one that left first is forgotten. */
const MOST_AWAY = 200;

interface PresenceParts {
  /** Our own name: that we left is for others to say. */
  readonly me: string;
  readonly mirror: Pick<KeyMirror, "follow" | "transact">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

export class Presence {
  readonly #parts: PresenceParts;
  readonly #present = new Map<string, NodeView>();
  /** In the order in which we learned of it. */
  readonly #away = new Map<string, string>();
  readonly #listeners: Listeners<NodeChange>;
  readonly #ends: (() => void)[];
  #isTold = false;

  /** Knows from the beginning whatever the mirror knows. */
  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.#listeners = new Listeners((error) =>
      parts.log.error({ err: error }, "a reader of the nodes has thrown"),
    );
    const { mirror } = parts;
    this.#ends = [
      mirror.follow(AWAY, (event) => this.#hearAway(event)),
      mirror.follow(NODE, (event) => this.#hearNode(event)),
    ];
    this.#isTold = true;
  }

  get present(): ReadonlyMap<string, NodeView> {
    return this.#present;
  }

  awaySince(name: string): string | null {
    return this.#present.has(name) ? null : (this.#away.get(name) ?? null);
  }

  listen(listener: (change: NodeChange) => void): () => void {
    return this.#listeners.listen(listener);
  }

  /** Tells nothing from here on. */
  close(): void {
    for (const end of this.#ends) end();
  }

  #hearNode(event: FamilyEvent): void {
    if (event.kind === "delete") return this.#leave(event.key);
    const node = readNodeKey(event.value);
    if (node === null || node.name !== event.key) {
      this.#parts.log.warn({ key: event.key }, "the key of a node cannot be read");
      return;
    }
    const before = this.#present.get(node.name);
    // Another server under this name: the one before was lost while we could not look.
    if (before && before.store_id !== node.store_id) this.#leave(node.name);
    this.#present.set(node.name, node);
    if (!before || !isSame(before, node)) this.#listeners.tell({ kind: "came", node });
  }

  #leave(name: string): void {
    const node = this.#present.get(name);
    if (!node) return;
    this.#present.delete(name);
    const since = new Date(this.#parts.clock.now()).toISOString();
    this.#remember(name, since);
    if (this.#isTold && name !== this.#parts.me) void this.#write(name, since);
    this.#listeners.tell({ kind: "left", node });
  }

  #hearAway({ key, ...event }: FamilyEvent): void {
    const since = event.kind === "put" ? readAwayKey(event.value) : null;
    if (since !== null) this.#remember(key, since);
    else this.#away.delete(key);
  }

  #remember(name: string, since: string): void {
    this.#away.delete(name);
    this.#away.set(name, since);
    const [first] = this.#away.keys();
    if (this.#away.size > MOST_AWAY && first !== undefined) this.#away.delete(first);
  }

  /** For those that come later. Everybody who saw it leave says so, and the first one is heard. */
  async #write(name: string, since: string): Promise<void> {
    const { mirror, log } = this.#parts;
    const [first] = this.#away.keys();
    const isFull = this.#away.size >= MOST_AWAY && first !== undefined && first !== name;
    try {
      await mirror.transact({
        compare: [
          { key: NODE + name, target: "create", is: "equal", than: 0 },
          { key: AWAY + name, target: "create", is: "equal", than: 0 },
        ],
        writes: [
          { put: AWAY + name, value: awayKeyOf(since) },
          ...(isFull ? [{ delete: AWAY + first }] : []),
        ],
      });
    } catch (error) {
      log.debug({ err: error, node: name }, "it could not be written down that a node left");
    }
  }
}

function isSame(one: NodeView, other: NodeView): boolean {
  return (
    one.boot_id === other.boot_id &&
    one.url === other.url &&
    one.max_concurrent === other.max_concurrent &&
    one.labels.join() === other.labels.join()
  );
}
