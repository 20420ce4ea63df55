/** Files in memory for parts that write them whole: writes wait while a test holds them, or are refused. */
import type { FileOutboxParts } from "../../../server/webhooks/fileOutbox.js";

type Files = FileOutboxParts["disk"];

export interface MemoryDisk extends Files {
  readonly files: Map<string, string>;
  /** Writes wait from now on; the returned function lets them go on. */
  hold(): () => void;
  /** Every write is refused from now on, or none. */
  refuse(refuses: boolean): void;
  /** How many writes have begun. */
  readonly begun: number;
}

export function memoryDisk(): MemoryDisk {
  const files = new Map<string, string>();
  let held: Promise<void> | null = null;
  let refuses = false;
  let begun = 0;
  return {
    files,
    hold: () => {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        held = null;
        release();
      };
    },
    refuse: (from) => {
      refuses = from;
    },
    get begun() {
      return begun;
    },
    isThere: async () => true,
    makeFolder: async () => ({ isReadByOthers: false }),
    sweep: async () => {},
    list: async (folder) =>
      [...files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1)),
    read: async (path) => files.get(path) ?? null,
    setAside: async () => null,
    replace: async (path, text) => {
      begun++;
      await held;
      if (refuses) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      files.set(path, String(text));
    },
    remove: async (path) => {
      files.delete(path);
    },
  };
}
