/** The data folder of one server: made, locked, and watched for as long as that server runs. */
import * as nodeFileSystem from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../shared/clock.js";
import type { Log } from "./log.js";
import type { InstepOptions } from "./server.js";
import { Disk, type FileSystem } from "./state/disk.js";
import { fencedFileSystem } from "./state/lock/fencedFileSystem.js";
import { lockDataDir } from "./state/lock/lockDataDir.js";
import { LOCK_FILE } from "./state/lock/lockFolder.js";
import { watchFolder } from "./state/lock/watchFolder.js";
import type { StorageHealth } from "./state/storageHealth.js";
import type { UndoList } from "./undoList.js";

export interface DataFolder {
  /** Changes nothing in a folder that is no longer this server's. */
  readonly fileSystem: FileSystem;
  /** Rejects where it is not, and tells `storage`. */
  readonly prove: () => Promise<void>;
}

interface Around {
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: StorageHealth;
  readonly undo: UndoList;
}

/** Resolves once the folder is this server's alone. Rejects with DataDirLocked, or with what is wrong with the folder. */
export async function openDataFolder(
  { dataDir, takeOver }: Pick<InstepOptions, "dataDir" | "takeOver">,
  { clock, log, storage, undo }: Around,
): Promise<DataFolder> {
  await new Disk().makeFolder(dataDir);
  const lock = await lockDataDir(dataDir, {
    takeOver,
    onLeft: (error) => log.warn({ err: error, dataDir }, "the lock file could not be removed"),
  });
  undo.push(() => lock.release());
  const prove = () =>
    lock.prove().catch((error: unknown) => {
      storage.refused(join(dataDir, LOCK_FILE), error);
      throw error;
    });
  undo.push(watchFolder(clock, prove));
  return { fileSystem: fencedFileSystem(nodeFileSystem, prove), prove };
}
