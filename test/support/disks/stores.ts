/** Stores on a folder: one that was closed, and what a server would find that starts after a crash. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Disk } from "../../../server/machine/disk.js";
import { FileStore } from "../../../server/state/store/fileStore.js";
import type { WorkflowRecord } from "../../../server/state/store/record.js";

/** It is closed when the test has ended. */
export async function loadStore(folder: string, disk = new Disk(), now = 0): Promise<FileStore> {
  const store = await FileStore.load(disk, folder, () => now);
  onTestFinished(() => store.close());
  return store;
}

/** Leaves files with these records in view, and nothing else. */
export async function fileRecords(folder: string, ...records: WorkflowRecord[]): Promise<void> {
  const store = await loadStore(folder);
  for (const record of records) await store.commit(record, null);
  await store.close();
}

/** What a start finds in the folder as it is now; the store that works on it goes on undisturbed. */
export async function foundAfterCrash(folder: string): Promise<FileStore> {
  const copy = await mkdtemp(join(tmpdir(), "instep-"));
  try {
    await cp(folder, copy, { recursive: true });
    return await loadStore(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
