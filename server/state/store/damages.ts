/** The records that cannot be read: which workflows they were, what was there before them, and where their files are now. */
import { join } from "node:path";
import { Listeners } from "../../../shared/listeners.js";
import type { Disk } from "../../machine/disk.js";
import { diskRefusal } from "../../machine/diskRefusal.js";
import { fileNameOf } from "../../machine/fileName.js";
import type { LiveRecord } from "./record.js";
import type { Damage } from "./store.js";

/** A name of ours: the workflow's own part, and in the history its epoch. */
const RECORD_FILE = /^([a-z0-9].*-[0-9a-f]{24})(?:\.[^.]+)?\.json$/;

/** The part of a record's file name that belongs to its workflow; null for a name that is none of ours. */
export const stemOf = (file: string): string | null => RECORD_FILE.exec(file)?.[1] ?? null;

/** The ending of the file of the version before. */
export const BACKUP = ".bak";

/** A damaged file, where it lies, and what could be restored in its place. */
export interface DamagedRecord extends Damage {
  readonly folder: string;
  /** The version before it, where one was kept. */
  readonly backup: LiveRecord | null;
}

export class Damages {
  readonly #disk: Disk;
  /** By the part of their files' names that belongs to the workflow. */
  readonly #known = new Map<string, Set<DamagedRecord>>();
  readonly #listeners: Listeners<DamagedRecord>;
  /** Makes it durable that nothing is to be known of this workflow any more; for what a journal has of it. */
  #forget: (workflow_id: string) => Promise<void> = () => Promise.resolve();

  constructor(disk: Disk, onListenerFailure: (error: unknown) => void) {
    this.#disk = disk;
    this.#listeners = new Listeners(onListenerFailure);
  }

  get all(): readonly DamagedRecord[] {
    return [...this.#known.values()].flatMap((some) => [...some]);
  }

  add(damage: DamagedRecord): void {
    const key = stemOf(damage.file) ?? "";
    this.#known.set(key, (this.#known.get(key) ?? new Set()).add(damage));
  }

  /** The damaged records of this id, those of the history last; also those whose files' name fits, where the file says no id any more. */
  of(workflow_id: string): readonly DamagedRecord[] {
    if (this.#known.size === 0) return [];
    const unnamed = [...(this.#known.get(workflow_id) ?? [])].filter(
      (damage) => damage.workflow_id === workflow_id,
    );
    return [...(this.#known.get(fileNameOf(workflow_id)) ?? []), ...unnamed].sort(
      (a, b) => Number(a.in_history) - Number(b.in_history),
    );
  }

  /** The damaged record of this workflow that was not in the history. */
  openOf(workflow_id: string): DamagedRecord | null {
    return this.of(workflow_id).find(({ in_history }) => !in_history) ?? null;
  }

  /** The highest order among the records that could be restored. */
  get lastOrder(): number {
    return this.backups.reduce((last, { order }) => Math.max(last, order), 0);
  }

  /** The records that could be restored. */
  get backups(): readonly LiveRecord[] {
    return this.all.flatMap(({ backup }) => backup ?? []);
  }

  /** Whether a file or folder of this name (`<stem>.…`) may belong to a damaged workflow: also where a damaged file does not say whose it was. */
  mayOwn(name: string): boolean {
    return this.#known.has("") || this.#known.has(name.replace(/\.[^.]*$/, ""));
  }

  /** `forget` is waited for before a damaged workflow is put away; it rejects where the disk refuses. */
  forgetBy(forget: (workflow_id: string) => Promise<void>): void {
    this.#forget = forget;
  }

  /** Called with each that is one no longer. The returned function ends it. */
  listen(listener: (gone: DamagedRecord) => void): () => void {
    return this.#listeners.listen(listener);
  }

  /** Moves unreadable files of this id aside, so that a new record overwrites none of them. */
  async makeRoom(workflow_id: string): Promise<void> {
    for (const damage of this.of(workflow_id)) {
      if (damage.in_history || damage.movedTo !== null) continue;
      const movedTo = await this.#disk.setAside(join(damage.folder, damage.file), "damaged-late");
      this.#drop(damage);
      this.add({ ...damage, movedTo });
    }
  }

  /** The workflow has a whole record again. */
  mended(workflow_id: string): void {
    for (const damage of this.of(workflow_id)) if (!damage.in_history) this.#end(damage);
  }

  /** Out of view for good, and after a restart too; the files stay, under another name. Rejects where the disk refuses. */
  async putAway(workflow_id: string): Promise<void> {
    try {
      await this.#putAway(workflow_id);
    } catch (error) {
      throw diskRefusal(error, "that it was cleared") ?? error;
    }
  }

  async #putAway(workflow_id: string): Promise<void> {
    if (this.openOf(workflow_id)) await this.#forget(workflow_id);
    for (const damage of this.of(workflow_id)) {
      const place = join(damage.folder, damage.file);
      for (const path of [damage.movedTo ?? place, place + BACKUP]) {
        await this.#disk.setAside(path, "cleared");
      }
      await this.#disk.syncFolder(damage.folder);
      this.#end(damage);
    }
  }

  #end(damage: DamagedRecord): void {
    this.#drop(damage);
    this.#listeners.tell(damage);
  }

  #drop(damage: DamagedRecord): void {
    const key = stemOf(damage.file) ?? "";
    const some = this.#known.get(key);
    some?.delete(damage);
    if (some?.size === 0) this.#known.delete(key);
  }
}
