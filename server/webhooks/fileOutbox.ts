/** Keeps the deliveries of webhooks in the data folder, one small file for each epoch of a workflow, so that none is lost with this process. */
import { join } from "node:path";
import type { Clock } from "../../shared/clock.js";
import type { Disk } from "../machine/disk.js";
import { fileNameOf } from "../machine/fileName.js";
import { LaterShelf, readShelf, type ShelfFile } from "./delivery.js";
import { type Outbox, type Shelf, type ShelfChange, shelfFileOf, trimmed } from "./outbox.js";

export interface FileOutboxParts {
  readonly disk: Pick<
    Disk,
    "isThere" | "makeFolder" | "sweep" | "list" | "read" | "setAside" | "replace" | "remove"
  >;
  readonly dataDir: string;
  readonly clock: Clock;
  /** Hears of a file that cannot be read, and where it was moved. */
  readonly onUnreadable: (error: unknown, file: string, movedTo: string | null) => void;
}

/** Of a data folder. */
export const SHELF_FOLDER = "webhooks";
/** After the disk has refused. */
const AGAIN_MS = 5_000;

export class FileOutbox implements Outbox {
  readonly shelves = new Map<string, Shelf>();
  readonly #parts: FileOutboxParts;
  readonly #folder: string;
  readonly #dirty = new Set<Shelf>();
  readonly #saving = new Map<Shelf, Promise<void>>();
  readonly #again = new Map<Shelf, () => void>();
  /** By epoch. */
  readonly #removing = new Map<string, Promise<void>>();
  #isMade = false;
  #moved: (shelf: Shelf) => void = () => {};

  constructor(parts: FileOutboxParts) {
    this.#parts = parts;
    this.#folder = join(parts.dataDir, SHELF_FOLDER);
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

  whenMoved(run: (shelf: Shelf) => void): void {
    this.#moved = run;
  }

  shelfOf(workflow_id: string, epoch: string): Shelf {
    const known = this.shelves.get(epoch);
    if (known) return known;
    const none = { taken: -1, kept: -1, deliveries: [], keptDeliveries: [] };
    const shelf: Shelf = { workflow_id, epoch, ...none };
    this.shelves.set(epoch, shelf);
    return shelf;
  }

  change(shelf: Shelf, by: ShelfChange): Promise<void> {
    this.amend(shelf, by);
    return this.#save(shelf);
  }

  amend(shelf: Shelf, by: ShelfChange): void {
    const { taken, deliveries } = by(shelf);
    shelf.taken = taken;
    shelf.deliveries = deliveries;
  }

  /** Resolves once the shelf is durable as it is now. Rejects where the disk refuses; it is tried again, until `close`. */
  #save(shelf: Shelf): Promise<void> {
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
        await disk.replace(this.#pathOf(shelf.epoch), shelfText(shelfFileOf(shelf, shelf)));
        shelf.kept = Math.max(shelf.kept, taken);
        shelf.keptDeliveries = deliveries;
      } catch (error) {
        this.#dirty.add(shelf);
        const again = () =>
          void this.#save(shelf).then(
            () => this.#moved(shelf),
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
    return shelfPathOf(this.#parts.dataDir, epoch);
  }
}

const nameOf = (epoch: string): string => `${fileNameOf(epoch)}.json`;

/** The file of an epoch in a data folder. */
export const shelfPathOf = (dataDir: string, epoch: string): string =>
  join(dataDir, SHELF_FOLDER, nameOf(epoch));

/** The content of that file. */
export const shelfText = (file: ShelfFile): string => `${JSON.stringify(file, null, 1)}\n`;
