/** All that a server has written down in folders of its data folder, to look for what must not be there. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One text for each file. A file that is being replaced right now may be gone before it is read: its successor has the same. */
export async function keptTexts(
  dataDir: string,
  folders: readonly string[] = ["workflows", "journal"],
): Promise<string[]> {
  const texts: string[] = [];
  for (const folder of folders) {
    const found = await readdir(join(dataDir, folder), { recursive: true, withFileTypes: true });
    for (const entry of found) {
      if (!entry.isFile()) continue;
      texts.push(await readFile(join(entry.parentPath, entry.name), "utf8").catch(() => ""));
    }
  }
  return texts;
}
