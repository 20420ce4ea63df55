/** Where data lies: on a real disk, as a folder in memory would make each fsync free. */
import { mkdirSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./options.mjs";

const IN_MEMORY = new Set([0x01021994, 0x858458f6]);

export function dataFolder() {
  if (!isInMemory(tmpdir())) return tmpdir();
  const own = join(ROOT, "node_modules", ".cache");
  mkdirSync(own, { recursive: true });
  if (isInMemory(own))
    throw new Error(`${tmpdir()} and ${own} are in memory: there is no disk to be durable on`);
  return own;
}

const isInMemory = (folder) => IN_MEMORY.has(statfsSync(folder).type);
