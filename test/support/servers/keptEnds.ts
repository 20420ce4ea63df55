/** The ends of commands as their keepers wrote them down in a data folder: nobody else knows of an end while there is no server. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { endOf } from "../../../server/runner/keeper/local/papers.js";
import { until } from "../deadline.js";

const FOLDER = /^[0-9a-f]{32}$/;

/** How many commands have ended whose keepers' folders are still there. */
export function endsKept(dataDir: string): number {
  const keepers = join(dataDir, "keepers");
  const folders = readdirSync(keepers).filter((name) => FOLDER.test(name));
  return folders.filter((name) => endOf(join(keepers, name)) !== null).length;
}

/** Resolves once there are more of them than `before`. */
export const untilOneMoreEnds = (dataDir: string, before: number): Promise<true> =>
  until(() => endsKept(dataDir) > before, "a keeper has written how its command ended");
