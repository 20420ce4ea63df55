/** Records that lie aside because they could not be read. */
import { join } from "node:path";
import type { FileSystem } from "../state/disk.js";

/** Whether there is one, from this start or an earlier one. */
export async function holdsDamage(
  fileSystem: Pick<FileSystem, "readdir">,
  dataDir: string,
): Promise<boolean> {
  for (const folder of ["workflows", "history"]) {
    const names = await fileSystem.readdir(join(dataDir, folder)).catch(() => []);
    if (names.some((name) => name.includes(".damaged-"))) return true;
  }
  return false;
}
