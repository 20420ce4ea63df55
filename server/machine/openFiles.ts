/** How many files and connections this process may have open, and how many of them may be connections. */
import { readFile } from "node:fs/promises";
import type { Log } from "../log/log.js";

/** Kept for the store, for output, and for the pipes of commands, so that a flood of connections never refuses a write. */
const KEPT_FOR_FILES = 256;

/** The usual soft limit of systems where nobody asked for more. */
const FEW_OPEN_FILES = 1_024;

/** How many connections this process may have. A low limit is written to the log at the start, before it is felt. */
export async function connectionsHere(most: number, log: Log): Promise<number> {
  const openFiles = await openFileLimit();
  const connections = connectionsWithin(openFiles, most);
  if (openFiles !== null && openFiles < FEW_OPEN_FILES)
    log.warn({ openFiles, connections }, "few files may be open here: raise the limit (ulimit -n)");
  return connections;
}

/** The soft limit; null where the system does not tell, or there is none. */
async function openFileLimit(): Promise<number | null> {
  const text = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const soft = /^Max open files\s+(\d+)\s/m.exec(text)?.[1];
  return soft === undefined ? null : Number(soft);
}

/** At least half of the limit is for connections. */
export function connectionsWithin(limit: number | null, most: number): number {
  if (limit === null) return most;
  return Math.min(most, limit - Math.min(KEPT_FOR_FILES, Math.ceil(limit / 2)));
}
