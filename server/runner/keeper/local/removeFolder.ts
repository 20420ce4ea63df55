/** Removes the folder of a keeper, and ends what is left of it. */
import { rename, rm } from "node:fs/promises";
import type { Clock } from "../../../../shared/clock.js";
import { GONE } from "../keeperFolder.js";
import { endOf, lastSegmentOf } from "./papers.js";
import { endKeeperProcesses } from "./whoIsThere.js";

const TRIES = 40;
const PAUSE_MS = 25;

/** Never rejects: what cannot be removed now is found by its name. */
export async function removeFolder(folder: string, clock: Clock): Promise<void> {
  const gone = `${folder}${GONE}`;
  // Its processes are through then, and not looked for among all others.
  const isDone = hasEnded(folder);
  // From here on its writer finds no folder, and nobody takes it for a command's.
  await rename(folder, gone).catch(() => {});
  for (let tried = 0; tried < TRIES; tried++) {
    try {
      const left = isDone ? 0 : endKeeperProcesses(folder);
      await rm(gone, { recursive: true, force: true });
      if (left === 0) return;
    } catch {
      // Too many files are open, or one was made meanwhile.
    }
    await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
  }
}

/** Its command's end is told, and that no more output comes. */
function hasEnded(folder: string): boolean {
  try {
    return endOf(folder) !== null && lastSegmentOf(folder) !== null;
  } catch {
    return false;
  }
}
