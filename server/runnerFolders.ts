/** The places in the data folder where the runner keeps what must outlive this process. */
import { join, resolve } from "node:path";
import type { KeyMirror } from "./cluster/keyMirror.js";
import type { Log } from "./log/log.js";
import type { Disk } from "./machine/disk.js";
import { FarLinks } from "./runner/keeper/far/farLinks.js";
import { keeperHands } from "./runner/kept/keeperHands.js";
import { Keepers } from "./runner/kept/keepers.js";
import { Leftovers } from "./runner/kept/leftovers.js";
import { RunFiles, wantedRuns } from "./runner/kept/runFiles.js";
import { SharedRuns } from "./runner/kept/sharedRuns.js";
import type { ProcessTools } from "./runner/process/processGroup.js";
import { OutputFiles } from "./runner/step/outputs/outputFiles.js";
import type { Environment } from "./runner/variables/environment.js";
import type { Store } from "./state/store/store.js";

/** `onUnreadable` hears of each file that is left as it is. */
export async function runnerFolders(
  disk: Disk,
  dataDir: string,
  store: Store,
  {
    tools,
    env,
    mirror,
    log,
    onUnreadable,
  }: {
    tools: ProcessTools;
    env: Environment;
    /** Of a cluster: what its nodes share. */
    mirror: KeyMirror | undefined;
    log: Log;
    onUnreadable: (error: unknown, file: string) => void;
  },
) {
  const stateDir = join(dataDir, "private");
  await disk.makeFolder(stateDir);
  const links = new FarLinks({
    ...{ clock: tools.clock, chance: Math.random, env },
    leftovers: resolve(join(dataDir, "keepers", "far-leftovers.json")),
  });
  links.cleanUp();
  return {
    stateDir: resolve(stateDir),
    outputFiles: await openOutputFiles(disk, dataDir),
    runFiles: mirror
      ? new SharedRuns({
          ...{ mirror, clock: tools.clock, wanted: () => wantedRuns(store), onUnreadable },
          onFailure: (error) => log.error({ err: error }, "what no workflow has was not removed"),
        })
      : await RunFiles.open(disk, dataDir, wantedRuns(store), {
          isSparing: store.damaged.length > 0,
          onUnreadable,
        }),
    leftovers: await Leftovers.open(disk, dataDir),
    keepers: await Keepers.open(disk, dataDir, keeperHands(tools, links), tools.clock),
  };
}

/** Sweeps out what a server that died left there: its commands are gone, or are being ended. */
async function openOutputFiles(disk: Disk, dataDir: string): Promise<OutputFiles> {
  const folder = join(dataDir, "outputs");
  await disk.makeFolder(folder);
  const files = new OutputFiles(resolve(folder));
  await files.sweep();
  return files;
}
