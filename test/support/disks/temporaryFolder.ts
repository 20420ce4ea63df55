/** A folder of its own for each test that asks for one, removed afterwards. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "vitest";

/** A folder for as long as `use` takes. */
export async function inTemporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "instep-"));
  await use(folder);
  await rm(folder, { recursive: true, force: true });
}

export const folderTest = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to see what a fixture needs
  folder: async ({}, use) => inTemporaryFolder(use),
});
