/** Remembers outside of the data folders which of them held a store: an empty one cannot tell that by itself. */
import { createHash } from "node:crypto";
import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Disk } from "../../machine/disk.js";

const Seen = z.object({ data_dir: z.string(), store_id: z.uuid() });

const FILE = /^[0-9a-f]{32}\.json$/;
const MOST = 256;

export class SeenStores {
  readonly #folder: string;
  readonly #disk: Disk;

  constructor(folder: string, disk: Disk) {
    this.#folder = join(folder, "stores");
    this.#disk = disk;
  }

  /** The id of the store that was at this path; null for none, or where that cannot be read. */
  async find(dataDir: string): Promise<string | null> {
    try {
      const seen = Seen.parse(JSON.parse((await this.#disk.read(this.#pathOf(dataDir))) ?? ""));
      return seen.data_dir === dataDir ? seen.store_id : null;
    } catch {
      return null;
    }
  }

  /** Resolves once it is durable. Rejects where the disk refuses. */
  async remember(dataDir: string, storeId: string): Promise<void> {
    if ((await this.find(dataDir)) === storeId) return;
    await this.#disk.makeFolder(this.#folder);
    const seen: z.infer<typeof Seen> = { data_dir: dataDir, store_id: storeId };
    await this.#disk.replace(this.#pathOf(dataDir), `${JSON.stringify(seen)}\n`);
    await this.#forgetOldest();
  }

  async #forgetOldest(): Promise<void> {
    const paths = (await readdir(this.#folder))
      .filter((name) => FILE.test(name))
      .map((name) => join(this.#folder, name));
    if (paths.length <= MOST) return;
    const aged = await Promise.all(
      paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })),
    );
    aged.sort((one, other) => one.at - other.at);
    for (const { path } of aged.slice(0, -MOST)) await unlink(path);
  }

  #pathOf(dataDir: string): string {
    const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 32);
    return join(this.#folder, `${name}.json`);
  }
}
