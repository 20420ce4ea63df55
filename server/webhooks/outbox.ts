/** Keeps the deliveries of webhooks in the data folder, one small file for each epoch of a workflow, so that none is lost with this process. */
import { join } from "node:path";
import type { Clock } from "../../shared/clock.js";
import type { Disk } from "../machine/disk.js";
import { fileNameOf } from "../machine/fileName.js";
import { type Delivery, isWaiting, LaterShelf, readShelf, type ShelfFile } from "./delivery.js";

/** The deliveries of one epoch of a workflow. */
export interface Shelf {
  readonly workflow_id: string;
  readonly epoch: string;
  /** Events up to this revision were taken from the record. */
  taken: number;
  /** The same, as far as it is durable. */
  kept: number;
  /** Oldest first. */
  deliveries: readonly Delivery[];
  /** The same, as far as it is durable: what people are told of. */
  keptDeliveries: readonly Delivery[];
}

export interface OutboxParts {
  readonly disk: Pick<
    Disk,
    "isThere" | "makeFolder" | "sweep" | "list" | "read" | "setAside" | "replace" | "remove"
  >;
  readonly dataDir: string;
  readonly clock: Clock;
  /** Hears of a file that cannot be read, and where it was moved. */
  readonly onUnreadable: (error: unknown, file: string, movedTo: string | null) => void;
}

const FOLDER = "webhooks";
/** After the disk has refused. */
const AGAIN_MS = 5_000;
/** Of one epoch: those that are over, for people to look at. */
const MOST_OVER = 20;

export class Outbox {
  readonly shelves = new Map<string, Shelf>();
  readonly #parts: OutboxParts;
  readonly #folder: string;
  readonly #dirty = new Set<Shelf>();
  readonly #saving = new Map<Shelf, Promise<void>>();
  readonly #again = new Map<Shelf, () => void>();
  /** By epoch. */
  readonly #removing = new Map<string, Promise<void>>();
  #isMade = false;
  #keptLate: (shelf: Shelf) => void = () => {};

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#folder = join(parts.dataDir, FOLDER);
  }

  /** Resolves once all that is kept is here. Rejects where the folder cannot be read. */
  async load(): Promise<void> {
    const { disk, onUnreadable } = this.#parts;
    if (!(await disk.isThere(this.#folder))) return;
    await this.#makeFolder();
    await disk.sweep(this.#folder);
    for (const name of await disk.list(this.#folder)) {
      if (!name.endsWith(".json")) continue;
      const file = join(this.#folder, name);
      try {
        const text = await disk.read(file);
        if (text !== null) this.#put(name, readShelf(text));
      } catch (error) {
        const mark = error instanceof LaterShelf ? "later" : "damaged";
        // Left where it is, it would be written over by what comes under its epoch.
        onUnreadable(error, file, await disk.setAside(file, mark));
      }
    }
  }

  /** `run` hears of each shelf that the disk had refused, and that is durable by now. */
  whenKeptLate(run: (shelf: Shelf) => void): void {
    this.#keptLate = run;
  }

  /** That of the epoch, or a new one. */
  shelfOf(workflow_id: string, epoch: string): Shelf {
    const known = this.shelves.get(epoch);
    if (known) return known;
    const none = { taken: -1, kept: -1, deliveries: [], keptDeliveries: [] };
    const shelf: Shelf = { workflow_id, epoch, ...none };
    this.shelves.set(epoch, shelf);
    return shelf;
  }

  /** Resolves once the shelf is durable as it is now. Rejects where the disk refuses; it is tried again, until `close`. */
  save(shelf: Shelf): Promise<void> {
    this.#dropAgain(shelf);
    this.#dirty.add(shelf);
    let saving = this.#saving.get(shelf);
    if (!saving) {
      saving = this.#write(shelf);
      this.#saving.set(shelf, saving);
    }
    return saving;
  }

  /** Takes the epoch out of the folder, for good: a write that is under way, or refused, does not bring it back. What the disk refuses is removed at the next start. */
  remove(epoch: string): Promise<void> {
    const shelf = this.shelves.get(epoch);
    this.shelves.delete(epoch);
    if (shelf) this.#dropAgain(shelf);
    const before = this.#removing.get(epoch);
    const removing = this.#remove(epoch, shelf, before).then(() => {
      if (this.#removing.get(epoch) === removing) this.#removing.delete(epoch);
    });
    this.#removing.set(epoch, removing);
    return removing;
  }

  /** Resolves when nothing touches the disk any more. */
  async close(): Promise<void> {
    for (const shelf of [...this.#again.keys()]) this.#dropAgain(shelf);
    await Promise.allSettled([...this.#saving.values(), ...this.#removing.values()]);
    for (const shelf of [...this.#again.keys()]) this.#dropAgain(shelf);
  }

  async #remove(
    epoch: string,
    shelf: Shelf | undefined,
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before;
    if (shelf) {
      await this.#saving.get(shelf)?.catch(() => {});
      // Where the disk has refused that write, it would be tried again.
      this.#dropAgain(shelf);
    }
    await this.#parts.disk.remove(this.#pathOf(epoch)).catch(() => {});
  }

  /** The shelf is not written again by itself. */
  #dropAgain(shelf: Shelf): void {
    this.#again.get(shelf)?.();
    this.#again.delete(shelf);
    this.#dirty.delete(shelf);
  }

  async #write(shelf: Shelf): Promise<void> {
    const { disk, clock } = this.#parts;
    // Off the announcing path, so that several changes in one turn are one write; and what was there before under that epoch is gone by then.
    await this.#removing.get(shelf.epoch);
    while (this.#dirty.delete(shelf)) {
      shelf.deliveries = trimmed(shelf.deliveries);
      const { taken, deliveries } = shelf;
      try {
        await this.#makeFolder();
        await disk.replace(this.#pathOf(shelf.epoch), textOf(shelf));
        shelf.kept = Math.max(shelf.kept, taken);
        shelf.keptDeliveries = deliveries;
      } catch (error) {
        this.#dirty.add(shelf);
        const again = () =>
          void this.save(shelf).then(
            () => this.#keptLate(shelf),
            () => {},
          );
        this.#again.set(shelf, clock.after(AGAIN_MS, again));
        this.#saving.delete(shelf);
        throw error;
      }
    }
    // In the same turn as the last look: a change that comes later begins a new run.
    this.#saving.delete(shelf);
  }

  async #makeFolder(): Promise<void> {
    if (this.#isMade) return;
    await this.#parts.disk.makeFolder(this.#folder);
    this.#isMade = true;
  }

  #put(name: string, { workflow_id, epoch, kept, deliveries }: ShelfFile): void {
    if (name !== nameOf(epoch)) throw new Error("it has not the name of its epoch");
    const keptDeliveries = deliveries;
    this.shelves.set(epoch, { workflow_id, epoch, taken: kept, kept, deliveries, keptDeliveries });
  }

  #pathOf(epoch: string): string {
    return join(this.#folder, nameOf(epoch));
  }
}

const nameOf = (epoch: string): string => `${fileNameOf(epoch)}.json`;

function textOf({ workflow_id, epoch, taken, deliveries }: Shelf): string {
  const file: ShelfFile = {
    format: 1,
    workflow_id,
    epoch,
    kept: taken,
    deliveries: [...deliveries],
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/** All that wait, and the newest of those that are over. */
function trimmed(deliveries: readonly Delivery[]): readonly Delivery[] {
  const over = deliveries.filter((one) => !isWaiting(one));
  if (over.length <= MOST_OVER) return deliveries;
  const gone = new Set(over.slice(0, over.length - MOST_OVER));
  return deliveries.filter((one) => !gone.has(one));
}
