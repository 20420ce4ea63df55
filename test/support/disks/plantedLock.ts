/** Lock files as other processes, other machines and crashes leave them. */
import { open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lockDataDir } from "../../../server/machine/lock/lockDataDir.js";

export const lockIn = (folder: string): string => join(folder, "instep.lock");

export const holderIn = async (folder: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(lockIn(folder), "utf8")) as Record<string, unknown>;

/** What this process would write, changed as `other` says; `undefined` leaves a field out. Not a copy, unless `inode` is changed. */
export async function plantLock(
  folder: string,
  other: Record<string, unknown>,
  path = lockIn(folder),
): Promise<void> {
  const lock = await lockDataDir(folder);
  const self = await holderIn(folder);
  await lock.release();
  const file = await open(path, "wx");
  await file.close();
  const { ino } = await stat(path);
  const nonce = "0123456789abcdef";
  await writeFile(path, JSON.stringify({ ...self, nonce, inode: String(ino), ...other }));
}
