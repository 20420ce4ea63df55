/** The private half of a workflow of the server's own, in a file that nobody else may see: its recipe, its inputs and answers with the secrets in them. */
import { join } from "node:path";
import type { Disk } from "../../machine/disk.js";
import { diskRefusal } from "../../machine/diskRefusal.js";
import type { Store } from "../../state/store/store.js";
import { OneByOne } from "./oneByOne.js";
import { type RunData, type RunStore, readRunData } from "./runData.js";

const FILE = /^[0-9a-f-]{36}\.json$/;

export class RunFiles implements RunStore {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #known = new Map<string, RunData>();
  /** Changes of each, one after the other: none is made from what another is about to replace. */
  readonly #updating = new OneByOne();

  /**
   * Reads what belongs to a workflow, and removes what does not: nothing where `isSparing`, as a damaged record may own it. What cannot be
   * read is left, and `onUnreadable` hears of it. The caller holds the data folder's lock.
   */
  static async open(
    disk: Disk,
    dataDir: string,
    wanted: ReadonlySet<string>,
    {
      isSparing = false,
      onUnreadable = () => {},
    }: { isSparing?: boolean; onUnreadable?: (error: unknown, file: string) => void } = {},
  ): Promise<RunFiles> {
    const files = new RunFiles(disk, join(dataDir, "runs"));
    await disk.makeFolder(files.#folder);
    await disk.sweep(files.#folder);
    for (const name of await disk.list(files.#folder)) {
      if (!FILE.test(name)) continue;
      const id = name.slice(0, -".json".length);
      try {
        if (wanted.has(id)) await files.#load(id);
        else if (!isSparing) await disk.remove(join(files.#folder, name));
      } catch (error) {
        onUnreadable(error, join(files.#folder, name));
      }
    }
    return files;
  }

  private constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  get(id: string): RunData | undefined {
    return this.#known.get(id);
  }

  write(id: string, data: RunData): Promise<void> {
    return this.#updating.run(id, () => this.#write(id, data));
  }

  async update(id: string, change: (data: RunData) => RunData): Promise<void> {
    await this.#updating.run(id, async () => {
      const data = this.#known.get(id);
      if (data) await this.#write(id, change(data));
    });
  }

  /** Comes in its turn: a change that is under way does not bring the secrets back. */
  remove(id: string): Promise<void> {
    this.#known.delete(id);
    return this.#updating.run(id, async () => {
      this.#known.delete(id);
      await this.#disk.remove(this.#path(id));
    });
  }

  async #write(id: string, data: RunData): Promise<void> {
    try {
      await this.#disk.replace(this.#path(id), `${JSON.stringify(data)}\n`);
    } catch (error) {
      throw diskRefusal(error, "what the workflow runs with") ?? error;
    }
    this.#known.set(id, data);
  }

  async #load(id: string): Promise<void> {
    const data = readRunData((await this.#disk.read(this.#path(id))) ?? "null");
    if (data) this.#known.set(id, data);
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

/** Those of every workflow that can go on, be tried again or be restored. */
export function wantedRuns({ open, history, damages }: Store): ReadonlySet<string> {
  const records = [...open.values(), ...history.values(), ...(damages?.backups ?? [])];
  return new Set(records.flatMap(({ run }) => run ?? []));
}
