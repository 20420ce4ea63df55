/** The keepers of commands, on this machine and on others. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FILE } from "../definition/scriptCall.js";
import { startFarKeeper, takeUpFarKeeper } from "../keeper/far/farKeeper.js";
import type { FarLinks } from "../keeper/far/farLinks.js";
import type { KeeperFolder } from "../keeper/keeperFolder.js";
import {
  keepersWorkHere,
  startLocalKeeper,
  takeUpLocalKeeper,
} from "../keeper/local/localKeeper.js";
import { standingOf } from "../keeper/local/standing.js";
import type { ProcessTools } from "../process/processGroup.js";
import { HEARTBEAT } from "./heartbeat.js";
import type { KeeperHands, KeptStart } from "./keepers.js";

export function keeperHands(tools: ProcessTools, links: FarLinks): KeeperHands {
  return {
    works: keepersWorkHere,
    start(folder, command) {
      const { mark, far, stay, leaves } = folder.job;
      if (far) return startFarKeeper(folder.path, far, { ...command, mark }, { links });
      const argv = withScript(folder, command);
      const { cwd, env } = command;
      const file = join(dirname(folder.path), HEARTBEAT);
      const guard = stay === undefined ? undefined : { file, stay, leaves };
      return startLocalKeeper(folder.path, { argv, cwd, env, mark, guard }, tools);
    },
    takeUp: ({ path, job: { far } }) =>
      far ? takeUpFarKeeper(path, far, { links }) : takeUpLocalKeeper(path, tools),
    // Its machine may be out of reach just now: nothing waits for that.
    standing: async ({ path, job }) => (job.far ? "at work" : standingOf(path, tools.clock)),
    close: () => links.close(),
  };
}

/** The arguments with the path of the script's file in them, which stands there then. Throws where the disk refuses. */
function withScript(folder: KeeperFolder, { argv, scriptFile }: KeptStart): readonly string[] {
  if (scriptFile === undefined) return argv;
  writeFileSync(folder.scriptFile, scriptFile, { mode: 0o600 });
  return argv.map((word) => word.replaceAll(FILE, () => folder.scriptFile));
}
