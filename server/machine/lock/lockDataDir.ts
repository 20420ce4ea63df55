/** One server per data folder. The age of a lock never decides: a laptop that slept must keep its lock, a dead process must lose it. */
import * as nodeFileSystem from "node:fs/promises";
import { resolve } from "node:path";
import { Contender } from "./contender.js";
import { DataDirLock } from "./dataDirLock.js";
import { DataDirLocked } from "./dataDirLocked.js";
import { type LockFileSystem, LockFolder } from "./lockFolder.js";

export interface LockOptions {
  /** The operator's word that the holder is dead, for the case that nothing tells. A holder that is known to live keeps the lock. */
  readonly takeOver?: boolean | undefined;
  /** The lock file could not be removed in the end. The next start finds its maker dead. */
  readonly onLeft?: (error: unknown) => void;
  readonly fileSystem?: LockFileSystem;
}

const ATTEMPTS = 20;

/** Takes the folder's lock, also from a process that is gone. Resolves once that is durable; rejects with DataDirLocked, or with what the disk said. */
export async function lockDataDir(
  dataDir: string,
  { takeOver = false, onLeft = () => {}, fileSystem = nodeFileSystem }: LockOptions = {},
): Promise<DataDirLock> {
  const folder = await LockFolder.open(resolve(dataDir), fileSystem);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const contender = await Contender.enter(folder);
      let hasIt = false;
      try {
        hasIt = await contender.take(takeOver);
        if (hasIt) return await DataDirLock.of(folder, contender, onLeft);
      } finally {
        if (!hasIt) await contender.leave();
      }
    }
    throw new DataDirLocked(
      `The data folder ${dataDir} is being taken by several servers at once.`,
      null,
    );
  } catch (error) {
    await folder.close();
    throw error;
  }
}
