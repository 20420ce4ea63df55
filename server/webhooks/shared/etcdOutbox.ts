/** Keeps the deliveries of webhooks in etcd, one key for each epoch of a workflow: every server has a copy of all, and each change is a compare-and-set. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import type { FamilyEvent, KeyMirror } from "../../cluster/keyMirror.js";
import type { Log } from "../../log/log.js";
import { LaterShelf } from "../delivery.js";
import type { Outbox, Shelf, ShelfChange, ShelfContent } from "../outbox.js";
import { type PackedShelf, packShelf, SHELVES, unpackShelf } from "./shelfValue.js";

export interface EtcdOutboxParts {
  readonly mirror: KeyMirror;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn" | "error">;
}

/** A shelf with what this server has changed of it, and the others do not know. */
interface SharedShelf extends Shelf {
  base: ShelfContent;
  pending: readonly ShelfChange[];
  /** The value on its way, made with the first `changes` of those. */
  sending: (PackedShelf & { readonly changes: number }) | null;
  saving: Promise<void> | null;
  cancelAgain: () => void;
  removing: Promise<void> | null;
}

/** After etcd has refused. */
const AGAIN_MS = 5_000;
/** Each of them means that another server has got through. */
const MOST_TRIES = 16;
const NOTHING: ShelfContent = { taken: -1, deliveries: [] };

export class EtcdOutbox implements Outbox {
  readonly #parts: EtcdOutboxParts;
  readonly #shelves = new Map<string, SharedShelf>();
  /** Epochs whose shelf a later version has written: it tells them. */
  readonly #later = new Set<string>();
  readonly #stop: () => void;
  #isClosed = false;
  #moved: (shelf: Shelf) => void = () => {};

  /** The mirror has been opened: what it has is here when this returns. */
  constructor(parts: EtcdOutboxParts) {
    this.#parts = parts;
    this.#stop = parts.mirror.follow(SHELVES, (event) => this.#hear(event));
  }

  get shelves(): ReadonlyMap<string, Shelf> {
    return this.#shelves;
  }

  whenMoved(run: (shelf: Shelf) => void): void {
    this.#moved = run;
  }

  shelfOf(workflow_id: string, epoch: string): SharedShelf {
    const known = this.#shelves.get(epoch);
    if (known) return known;
    const empty = { taken: -1, kept: -1, deliveries: [], keptDeliveries: [], base: NOTHING };
    const idle = { pending: [], sending: null, saving: null, removing: null };
    const shelf = { workflow_id, epoch, ...empty, ...idle, cancelAgain: () => {} };
    this.#shelves.set(epoch, shelf);
    return shelf;
  }

  change(shelf: Shelf, by: ShelfChange): Promise<void> {
    this.amend(shelf, by);
    return this.#save(this.shelfOf(shelf.workflow_id, shelf.epoch));
  }

  amend({ workflow_id, epoch }: Shelf, by: ShelfChange): void {
    const shelf = this.shelfOf(workflow_id, epoch);
    shelf.pending = [...shelf.pending, by];
    show(shelf);
  }

  async remove(epoch: string): Promise<void> {
    const shelf = this.#shelves.get(epoch);
    if (!shelf) return;
    shelf.removing ??= this.#remove(shelf).finally(() => {
      shelf.removing = null;
    });
    await shelf.removing;
  }

  hear(epoch: string): Promise<void> {
    return this.#parts.mirror.hear(SHELVES + epoch);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { cancelAgain } of this.#shelves.values()) cancelAgain();
    const busy = [...this.#shelves.values()].flatMap(({ saving, removing }) => [saving, removing]);
    await Promise.allSettled(busy);
    this.#stop();
  }

  #save(shelf: SharedShelf): Promise<void> {
    shelf.cancelAgain();
    shelf.saving ??= this.#write(shelf);
    return shelf.saving;
  }

  async #write(shelf: SharedShelf): Promise<void> {
    // Off the announcing path, so that several changes in one turn are one write.
    await shelf.removing;
    try {
      for (let tries = 0; shelf.pending.length > 0; tries++) {
        if (tries >= MOST_TRIES) throw tooOften();
        if (await this.#send(shelf)) tries = 0;
      }
    } catch (error) {
      if (!this.#isClosed)
        shelf.cancelAgain = this.#parts.clock.after(AGAIN_MS, () => {
          void this.#save(shelf).then(
            () => this.#moved(shelf),
            () => {},
          );
        });
      throw error;
    } finally {
      // In the same turn as the last look: a change that comes later begins a new run.
      shelf.saving = null;
    }
  }

  /** Whether the changes that there were are kept by now; false where another server was quicker, whose change is known by then. */
  async #send(shelf: SharedShelf): Promise<boolean> {
    const { mirror, log } = this.#parts;
    const key = SHELVES + shelf.epoch;
    if (this.#later.has(shelf.epoch)) throw ofLater();
    const changes = shelf.pending.length;
    const next = changed(shelf.base, shelf.pending);
    if (next === shelf.base) {
      settle(shelf, next, changes);
      this.#forget(shelf);
      return true;
    }
    const packed = packShelf(shelf, next);
    const { value, fallen } = packed;
    shelf.sending = { ...packed, changes };
    try {
      const revision = await mirror.transact({
        compare: [{ key, target: "mod", is: "equal", than: mirror.modOf(key) }],
        writes: [{ put: key, value }],
        witness: { key, isOurs: (found) => found?.equals(value) === true },
      });
      if (revision === null) return false;
    } finally {
      shelf.sending = null;
    }
    for (const { webhook } of fallen)
      log.warn(
        { workflow_id: shelf.workflow_id, webhook },
        "a webhook is not told: too much waits for its workflow",
      );
    return true;
  }

  async #remove(shelf: SharedShelf): Promise<void> {
    const { mirror } = this.#parts;
    const key = SHELVES + shelf.epoch;
    await shelf.saving?.catch(() => {});
    shelf.cancelAgain();
    shelf.pending = [];
    show(shelf);
    if (this.#later.has(shelf.epoch)) return this.#forget(shelf);
    const mod = mirror.modOf(key);
    const compare = [{ key, target: "mod", is: "equal", than: mod } as const];
    if (mod === 0) this.#forget(shelf);
    // Where another server has changed it meanwhile, it is looked at again.
    else await mirror.transact({ compare, writes: [{ delete: key }] }).catch(() => {});
  }

  #hear(event: FamilyEvent): void {
    this.#later.delete(event.key);
    if (event.kind === "delete") {
      const gone = this.#shelves.get(event.key);
      if (gone) settle(gone, NOTHING, 0);
      return gone && this.#forget(gone);
    }
    const known = this.#shelves.get(event.key);
    const own = known?.sending;
    if (own?.value.equals(event.value)) return settle(known!, own.content, own.changes);
    try {
      const { workflow_id, epoch, kept, deliveries } = unpackShelf(event.value);
      if (epoch !== event.key) throw new Error("it is that of another epoch");
      const shelf = this.shelfOf(workflow_id, epoch);
      settle(shelf, { taken: kept, deliveries }, 0);
      this.#moved(shelf);
    } catch (error) {
      // One of a later version stays; another one stays until that epoch has something to tell.
      if (error instanceof LaterShelf) this.#later.add(event.key);
      const key = SHELVES + event.key;
      this.#parts.log.error({ err: error, key }, "what webhooks are told of cannot be read");
    }
  }

  /** Unless there is something to keep. */
  #forget(shelf: SharedShelf): void {
    const isEmpty = shelf.pending.length === 0 && shelf.base === NOTHING;
    if (isEmpty && this.#shelves.get(shelf.epoch) === shelf) this.#shelves.delete(shelf.epoch);
  }
}

/** The others know `base` by now, in which the first `changes` of ours are. */
function settle(shelf: SharedShelf, base: ShelfContent, changes: number): void {
  shelf.base = base;
  shelf.kept = base.taken;
  shelf.keptDeliveries = base.deliveries;
  shelf.pending = shelf.pending.slice(changes);
  if (changes > 0) shelf.sending = null;
  show(shelf);
}

function show(shelf: SharedShelf): void {
  const { taken, deliveries } = changed(shelf.base, shelf.pending);
  shelf.taken = taken;
  shelf.deliveries = deliveries;
}

const changed = (base: ShelfContent, changes: readonly ShelfChange[]): ShelfContent =>
  changes.reduce((content, by) => by(content), base);

const ofLater = (): SyncError =>
  new SyncError("not_saved", "what webhooks are told of is kept by a later version of Instep");

const tooOften = (): SyncError =>
  new SyncError("not_saved", "what webhooks are told of is changed too often elsewhere");
