/** The places in the data folder where the runner keeps what must outlive this process. */
import { join, resolve } from "node:path";
import { Leftovers } from "./runner/leftovers.js";
import { RunFiles, wantedRuns } from "./runner/runFiles.js";
import type { Disk } from "./state/disk.js";
import type { Store } from "./state/store.js";

/** `onUnreadable` hears of each file that is left as it is. */
export async function runnerFolders(
  disk: Disk,
  dataDir: string,
  store: Store,
  onUnreadable: (error: unknown, file: string) => void,
) {
  const stateDir = join(dataDir, "private");
  await disk.makeFolder(stateDir);
  return {
    stateDir: resolve(stateDir),
    runFiles: await RunFiles.open(disk, dataDir, wantedRuns(store), {
      isSparing: store.damaged.length > 0,
      onUnreadable,
    }),
    leftovers: await Leftovers.open(disk, dataDir),
  };
}
