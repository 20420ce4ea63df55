/** How much a folder holds, and how much its disk has left: for a person who watches, so it may be a little old. */
import { lstat, readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../shared/clock.js";

/** All files in it, and the free space of its disk for who is no administrator. */
export interface FolderBytes {
  readonly bytes: number;
  readonly free: number;
}

/** A folder of many thousand files takes a while to walk through. */
const KEPT_MS = 60_000;

/** The returned function resolves with null where the folder cannot be read. It looks once a minute, however often it is asked. Never rejects. */
export function folderBytes(
  folder: string,
  clock: Pick<Clock, "elapsed">,
): () => Promise<FolderBytes | null> {
  let known: { readonly at: number; readonly found: Promise<FolderBytes | null> } | null = null;
  return () => {
    if (known === null || clock.elapsed() - known.at >= KEPT_MS)
      known = { at: clock.elapsed(), found: look(folder).catch(() => null) };
    return known.found;
  };
}

async function look(folder: string): Promise<FolderBytes> {
  const { bavail, bsize } = await statfs(folder);
  return { bytes: await bytesIn(folder), free: bavail * bsize };
}

/** One folder after the other. What goes meanwhile counts nothing. */
async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesIn(path);
    else bytes += (await lstat(path).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
