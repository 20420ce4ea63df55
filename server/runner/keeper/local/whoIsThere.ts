/** Finds the processes of a keeper again: its command by the papers, its own by what they were started with. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isRunning, type ProcessFound, processOf, valueIn } from "../../../machine/processes.js";
import { type Identity, isMissing } from "./papers.js";
import { COMMAND_NAME, KEEPER_NAME } from "./script.js";

/**
 * Whether that very process still runs: no two of one boot share a number and a start. The mark only speaks against it, where the
 * process shows another one: of a program that changed its user (sudo) or wrote over its environment (to set its title) nobody can
 * read the mark, and it is the command all the same.
 */
export function isThere({ pid, started }: Identity, mark?: string): boolean {
  const found = processNow(pid);
  if (found === null || found.started !== started || !isRunning(found)) return false;
  if (mark === undefined) return true;
  const cut = mark.indexOf("=");
  const shown = valueIn(pid, mark.slice(0, cut));
  return shown === null || shown === mark.slice(cut + 1);
}

/** The keeper's own processes that still run, and its command while it is not yet itself. Without the folder's path: it may be reached by another one. */
export function keeperProcesses(folder: string): readonly number[] {
  const id = basename(folder);
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    if (!isOfKeeper(pid, id)) return false;
    const found = processNow(pid);
    return found !== null && isRunning(found);
  });
}

/** Throws where it is there and cannot be read just now, as where too many files are open. */
function processNow(pid: number): ProcessFound | null {
  const found = processOf(pid);
  if (found !== null) return found;
  if (statSync(`/proc/${pid}`, { throwIfNoEntry: false }) === undefined) return null;
  const again = processOf(pid);
  if (again === null && existsSync(`/proc/${pid}`)) throw new Error(`/proc/${pid} cannot be read`);
  return again;
}

function isOfKeeper(pid: number, id: string): boolean {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch (error) {
    const isAnothers = (error as NodeJS.ErrnoException).code === "EACCES";
    if (isMissing(error) || isAnothers) return false;
    throw error;
  }
  if (!line.includes(id)) return false;
  const words = line.split("\0");
  return words.some((word, at) => {
    if (word.startsWith("of=")) return basename(dirname(word.slice(3))) === id;
    const name = words[at - 1];
    return (name === KEEPER_NAME || name === COMMAND_NAME) && basename(word) === id;
  });
}

/** Ends the keeper's own processes; its command, where that has begun, is not touched. Returns how many there were. */
export function endKeeperProcesses(folder: string): number {
  const found = keeperProcesses(folder);
  for (const pid of found) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  return found.length;
}
