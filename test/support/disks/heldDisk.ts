/** A file system whose renames wait while a test holds them, so that what happens "during a write" can be arranged. */
import { Disk } from "../../../server/machine/disk.js";
import { type FileSystem, systemFiles } from "../../../server/machine/systemFiles.js";
import { FileStore } from "../../../server/state/store/fileStore.js";
import type { Store } from "../../../server/state/store/store.js";

export interface HeldDisk {
  readonly store: Store;
  /** Writes that reach their last step from now on wait there. */
  hold(): void;
  /** Lets them all through. */
  release(): void;
  /** How many wait. */
  readonly waiting: number;
}

export async function heldDisk(dataDir: string): Promise<HeldDisk> {
  let held = false;
  let waiting: (() => void)[] = [];
  const fileSystem: FileSystem = {
    ...systemFiles,
    rename: async (from, to) => {
      if (held) await new Promise<void>((resolve) => waiting.push(resolve));
      return systemFiles.rename(from, to);
    },
  };
  return {
    store: await FileStore.load(new Disk(fileSystem), dataDir, () => Date.now()),
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    get waiting() {
      return waiting.length;
    },
  };
}
