/** Keeps the deliveries of webhooks in the data folder, one small file for each epoch of a workflow, so that none is lost with this process. */
import { join } from "node:path";
import type { Clock } from "../../shared/clock.js";
import type { Disk } from "../machine/disk.js";
import { fileNameOf } from "../machine/fileName.js";
import { type Delivery, isWaiting, readShelf, type ShelfFile } from "./delivery.js";

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
}

export interface OutboxParts {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly clock: Clock;
  /** Hears of a file that was moved aside, as it cannot be read. */
  readonly onUnreadable: (error: unknown, file: string) => void;
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
  readonly #saving = new Map<string, Promise<void>>();
  readonly #again = new Map<string, () => void>();
  #isMade = false;

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
        if (text !== null) this.#put(readShelf(text));
      } catch (error) {
        await disk.setAside(file, "damaged");
        onUnreadable(error, file);
      }
    }
  }

  /** That of the epoch, or a new one. */
  shelfOf(workflow_id: string, epoch: string): Shelf {
    const known = this.shelves.get(epoch);
    if (known) return known;
    const shelf: Shelf = { workflow_id, epoch, taken: -1, kept: -1, deliveries: [] };
    this.shelves.set(epoch, shelf);
    return shelf;
  }

  /** Resolves once the shelf is durable as it is now. Rejects where the disk refuses; it is tried again, until `close`. */
  save(shelf: Shelf): Promise<void> {
    const { epoch } = shelf;
    this.#dirty.add(shelf);
    this.#again.get(epoch)?.();
    this.#again.delete(epoch);
    let saving = this.#saving.get(epoch);
    if (!saving) {
      saving = this.#write(shelf);
      this.#saving.set(epoch, saving);
    }
    return saving;
  }

  /** Takes the epoch out of the folder. What the disk refuses is removed at the next start. */
  async remove(epoch: string): Promise<void> {
    this.#again.get(epoch)?.();
    this.#again.delete(epoch);
    const shelf = this.shelves.get(epoch);
    this.shelves.delete(epoch);
    if (shelf) this.#dirty.delete(shelf);
    await this.#saving.get(epoch)?.catch(() => {});
    // A new life of the same epoch cannot be, but the file of one that was saved meanwhile is not ours to remove.
    if (this.shelves.has(epoch)) return;
    await this.#parts.disk.remove(this.#pathOf(epoch)).catch(() => {});
  }

  /** Resolves when nothing touches the disk any more. */
  async close(): Promise<void> {
    for (const cancel of this.#again.values()) cancel();
    this.#again.clear();
    await Promise.allSettled(this.#saving.values());
    for (const cancel of this.#again.values()) cancel();
    this.#again.clear();
  }

  async #write(shelf: Shelf): Promise<void> {
    const { disk, clock } = this.#parts;
    // Off the announcing path, so that several changes in one turn are one write.
    await Promise.resolve();
    while (this.#dirty.delete(shelf)) {
      const { taken } = shelf;
      shelf.deliveries = trimmed(shelf.deliveries);
      try {
        await this.#makeFolder();
        await disk.replace(this.#pathOf(shelf.epoch), textOf(shelf));
        shelf.kept = Math.max(shelf.kept, taken);
      } catch (error) {
        this.#dirty.add(shelf);
        const again = () => void this.save(shelf).catch(() => {});
        this.#again.set(shelf.epoch, clock.after(AGAIN_MS, again));
        this.#saving.delete(shelf.epoch);
        throw error;
      }
    }
    // In the same turn as the last look: a change that comes later begins a new run.
    this.#saving.delete(shelf.epoch);
  }

  async #makeFolder(): Promise<void> {
    if (this.#isMade) return;
    await this.#parts.disk.makeFolder(this.#folder);
    this.#isMade = true;
  }

  #put({ workflow_id, epoch, kept, deliveries }: ShelfFile): void {
    this.shelves.set(epoch, { workflow_id, epoch, taken: kept, kept, deliveries });
  }

  #pathOf(epoch: string): string {
    return join(this.#folder, `${fileNameOf(epoch)}.json`);
  }
}

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
