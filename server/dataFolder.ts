/** The data folder of one server: made, locked, and watched for as long as that server runs. */
import { join, resolve } from "node:path";
import type { Clock } from "../shared/clock.js";
import type { InstepOptions } from "./instepOptions.js";
import type { Log } from "./log/log.js";
import { Disk, type FileSystem } from "./machine/disk.js";
import { fencedFileSystem } from "./machine/lock/fencedFileSystem.js";
import { lockDataDir } from "./machine/lock/lockDataDir.js";
import { LOCK_FILE } from "./machine/lock/lockFolder.js";
import { watchFolder } from "./machine/lock/watchFolder.js";
import type { StorageHealth } from "./machine/storageHealth.js";
import { systemFiles } from "./machine/systemFiles.js";
import { SeenStores } from "./state/store/seenStores.js";
import { lookAtFolder, openMarker } from "./state/store/storeMarker.js";
import type { UndoList } from "./undoList.js";

export interface DataFolder {
  /** Of its store: the same as long as the folder is. */
  readonly storeId: string;
  /** Changes nothing in a folder that is no longer this server's. */
  readonly fileSystem: FileSystem;
  /** Rejects where the folder is no longer this server's, and tells `storage`. */
  readonly prove: () => Promise<void>;
  /** The same where every turn counts: undefined where one look at the lock was enough. */
  readonly proveOrWait: () => Promise<void> | undefined;
}

interface DataFolderParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: StorageHealth;
  readonly undo: UndoList;
}

type FolderOptions = Pick<InstepOptions, "dataDir" | "takeOver" | "init" | "rememberIn">;

/** The data folder should hold a store, and holds none. */
export class StoreMissing extends Error {
  override readonly name = "StoreMissing";
}

/** Resolves once the folder is this server's alone. Rejects with DataDirLocked, StoreMissing, or with what is wrong with the folder. */
export async function openDataFolder(
  { takeOver, init, rememberIn, ...options }: FolderOptions,
  { clock, log, storage, undo }: DataFolderParts,
): Promise<DataFolder> {
  const dataDir = resolve(options.dataDir);
  const seen = rememberIn === undefined ? null : new SeenStores(rememberIn, new Disk());
  await refuseEmptyPlace(dataDir, init, seen);
  const { isReadByOthers } = await new Disk().makeFolder(dataDir, "given");
  if (isReadByOthers) {
    log.warn(
      { dataDir },
      "other users may list the data folder; what is in it is closed to them (chmod 700 closes the folder too)",
    );
  }
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
  const fileSystem = fencedFileSystem(systemFiles, prove);
  const { id, wasUnreadable } = await openMarker(new Disk(fileSystem), dataDir, clock.now());
  if (wasUnreadable) log.warn({ dataDir, store_id: id }, "instep.store could not be read: renewed");
  const before = (await seen?.find(dataDir)) ?? null;
  if (before !== null && before !== id) {
    log.warn({ dataDir, store_id: id, before }, "this is another store than the one here before");
  }
  await seen?.remember(dataDir, id).catch((error: unknown) => {
    log.debug({ err: error, rememberIn }, "it cannot be remembered that this folder holds a store");
  });
  const proveOrWait = () => (lock.isProvenAtOnce() ? undefined : prove());
  return { storeId: id, fileSystem, prove, proveOrWait };
}

/** Runs before anything is made there: a file made on the mount point of a missing disk is hidden once the disk is back. */
async function refuseEmptyPlace(
  dataDir: string,
  init: boolean | undefined,
  seen: SeenStores | null,
): Promise<void> {
  const look = await lookAtFolder(dataDir);
  if (look.kind === "store" || init) return;
  const known = (await seen?.find(dataDir)) ?? null;
  const isMissing = look.kind === "none" || look.isPlaceEmpty;
  if (init === false || (known !== null && isMissing)) {
    const before = known === null ? "" : `, and held ${known} before`;
    throw new StoreMissing(
      `The data folder ${dataDir} holds no store${before}. If its disk is not mounted, mount it. To begin anew there, start once with --init.`,
    );
  }
}
