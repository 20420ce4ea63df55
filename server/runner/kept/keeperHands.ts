/** The keepers of commands on this machine. */
import { writeFileSync } from "node:fs";
import { FILE } from "../definition/scriptCall.js";
import type { KeeperFolder } from "../keeper/keeperFolder.js";
import {
  keepersWorkHere,
  startLocalKeeper,
  takeUpLocalKeeper,
} from "../keeper/local/localKeeper.js";
import { standingOf } from "../keeper/local/standing.js";
import type { ProcessTools } from "../process/processGroup.js";
import type { KeeperHands, KeptStart } from "./keepers.js";

export function keeperHands(tools: ProcessTools): KeeperHands {
  return {
    works: keepersWorkHere,
    start(folder, command) {
      const { mark } = folder.job;
      const argv = withScript(folder, command);
      const { cwd, env } = command;
      return startLocalKeeper(folder.path, { argv, cwd, env, mark }, tools);
    },
    takeUp: (folder) => takeUpLocalKeeper(folder.path, tools),
    standing: (folder) => standingOf(folder.path, tools.clock),
  };
}

/** The arguments with the path of the script's file in them, which stands there then. Throws where the disk refuses. */
function withScript(folder: KeeperFolder, { argv, scriptFile }: KeptStart): readonly string[] {
  if (scriptFile === undefined) return argv;
  writeFileSync(folder.scriptFile, scriptFile, { mode: 0o600 });
  return argv.map((word) => word.replaceAll(FILE, () => folder.scriptFile));
}
