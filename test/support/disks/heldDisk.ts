/** A file system on which what is appended waits while a test holds it, so that what happens "during a write" can be arranged. */
import { Disk } from "../../../server/machine/disk.js";
import { type FileSystem, systemFiles } from "../../../server/machine/systemFiles.js";
import { FileStore } from "../../../server/state/store/fileStore.js";
import type { Store } from "../../../server/state/store/store.js";

export interface HeldDisk {
  readonly store: Store;
  /** Commits that reach the disk from now on wait there. */
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
    open: async (path, flags, mode) => {
      const handle = await systemFiles.open(path, flags, mode);
      if (!String(path).includes("/journal/")) return handle;
      return new Proxy(handle, {
        get: (target, key) => {
          const member = Reflect.get(target, key) as unknown;
          if (typeof member !== "function") return member;
          const call = member.bind(target) as (...args: unknown[]) => Promise<unknown>;
          if (key !== "write") return call;
          return async (...args: unknown[]) => {
            if (held) await new Promise<void>((resolve) => waiting.push(resolve));
            return call(...args);
          };
        },
      });
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
