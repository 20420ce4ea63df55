/** The places in the data folder where the runner keeps what must outlive this process. */
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import type { Clock } from "../shared/clock.js";
import type { Nodes } from "./cluster/cluster.js";
import type { KeyMirror } from "./cluster/keyMirror.js";
import type { Log } from "./log/log.js";
import type { Disk } from "./machine/disk.js";
import { FarLinks } from "./runner/keeper/far/farLinks.js";
import { Heartbeat } from "./runner/kept/heartbeat.js";
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
    nodes,
    log,
    onUnreadable,
  }: {
    tools: ProcessTools;
    env: Environment;
    /** Of a cluster: what its nodes share. */
    mirror: KeyMirror | undefined;
    /** Of a cluster: how surely the others see this one. */
    nodes: Pick<Nodes, "stay"> | undefined;
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
    keepers: await Keepers.open(
      ...([disk, dataDir, keeperHands(tools, links), tools.clock] as const),
      nodes ? (file) => heartbeatOf(file, nodes, tools.clock, log) : null,
    ),
  };
}

const heartbeatOf = (file: string, nodes: Pick<Nodes, "stay">, clock: Clock, log: Log) =>
  new Heartbeat({
    ...{ file, nodes, clock, newWord: () => randomBytes(8).toString("hex") },
    onRefused: (err) =>
      log.error(
        { err, file },
        "commands that end with this node end, as their file cannot be written",
      ),
  });

/** Sweeps out what a server that died left there: its commands are gone, or are being ended. */
async function openOutputFiles(disk: Disk, dataDir: string): Promise<OutputFiles> {
  const folder = join(dataDir, "outputs");
  await disk.makeFolder(folder);
  const files = new OutputFiles(resolve(folder));
  await files.sweep();
  return files;
}
