/** Every call to the disk fails once, and then for ever: what is refused has changed nothing, or says that nobody knows. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import { FileStore } from "../../../../server/state/store/fileStore.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import { SyncError } from "../../../../shared/errors.js";
import { failingFileSystem } from "../../../support/disks/failingFileSystem.js";
import { recordOf } from "../../../support/disks/records.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const CODES = ["EIO", "ENOSPC", "EACCES", "EMFILE", "EROFS", "EDQUOT", "SHORT"];
const FULL = ["ENOSPC", "EDQUOT", "SHORT"];

const load = (folder: string, disk = new Disk()) => FileStore.load(disk, folder, () => 0);

interface Deed {
  readonly prepare?: (store: FileStore, base: LiveRecord) => Promise<void>;
  readonly run: (store: FileStore, base: LiveRecord) => Promise<void>;
}

const SAVE: Deed["run"] = (store, base) =>
  store.commit(recordOf({ revision: base.revision + 1 }), base);

const DEEDS: Record<string, Deed> = {
  "a save": { run: SAVE },
  "a first save": {
    prepare: (store, base) => store.remove(base),
    run: (store) => store.commit(recordOf({ epoch: "e9" }), null),
  },
  "an end that is archived": { run: (store, base) => store.archive(base) },
  "an end that is archived with the version before it": {
    prepare: SAVE,
    run: (store) => store.archive(store.open.get("deploy") as LiveRecord),
  },
  "a clear of one with a version before it": {
    prepare: SAVE,
    run: (store) => {
      const record = store.open.get("deploy")!;
      return store.commit({ ...record, state: null }, record);
    },
  },
  "a removal": { run: (store, base) => store.remove(base) },
  "a removal from the history": {
    prepare: (store, base) => store.archive(base),
    run: (store, { epoch }) => store.forget(epoch),
  },
};

const contentOf = ({ open, history, damaged }: FileStore) => ({
  open: [...open.values()].sort((a, b) => a.workflow_id.localeCompare(b.workflow_id)),
  history: [...history.values()],
  damaged,
});

async function refusalOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return null;
  } catch (error) {
    return error;
  }
}

async function temporaries(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith(".tmp"));
}

describe.each(Object.entries(DEEDS))("%s", (_name, { prepare, run }) => {
  async function started(folder: string) {
    const dataDir = join(folder, `${Math.random()}`);
    const fs = failingFileSystem();
    const disk = new Disk(fs);
    await disk.makeFolder(dataDir);
    const store = await load(dataDir, disk);
    const base = recordOf();
    await store.commit(base, null);
    await store.commit(recordOf({ workflow_id: "other", epoch: "e2" }), null);
    await prepare?.(store, base);
    return { dataDir, fs, store, base };
  }

  async function callsOf(folder: string): Promise<number> {
    const { fs, store, base } = await started(folder);
    const before = fs.calls.length;
    await run(store, base);
    return fs.calls.length - before;
  }

  for (const forever of [false, true]) {
    folderTest(
      `every refusal says the truth about what was kept, whichever call fails ${forever ? "for ever" : "once"}`,
      async ({ folder }) => {
        const calls = await callsOf(folder);
        expect(calls).toBeGreaterThan(2);
        for (const code of CODES) {
          for (let n = 0; n < calls; n++) {
            const at = `${code} at call ${n}`;
            const { dataDir, fs, store, base } = await started(folder);
            const before = contentOf(store);
            const told: unknown[] = [];
            store.listen((change) => told.push(change));
            fs.failAt(n, code, forever);
            const first = fs.calls.length;
            const refusal = await refusalOf(run(store, base));
            // That a version before could not be kept refuses nothing.
            const isOfBackup = run === SAVE && ["unlink", "link"].includes(fs.calls[first + n]!);
            if (isOfBackup && !forever) {
              expect(refusal, at).toBe(null);
              expect(contentOf(await load(dataDir)), at).toEqual(contentOf(store));
              expect(contentOf(store), at).not.toEqual(before);
              continue;
            }
            expect(refusal, at).toBeInstanceOf(SyncError);
            const { code: word, message } = refusal as SyncError;
            expect(word, at).toBe(FULL.includes(code) ? "storage_full" : "not_saved");
            expect(told, at).toEqual([]);
            expect(contentOf(store), at).toEqual(before);
            const isKnown = message.includes("nothing was changed");
            expect(isKnown || message.includes("is not known"), message).toBe(true);
            if (isKnown) expect(contentOf(await load(dataDir)), at).toEqual(before);
            if (!forever) expect(isKnown, at).toBe(true);

            // A disk that works again: memory and disk agree, also before this workflow is written again.
            fs.heal();
            await store.settle();
            expect(contentOf(await load(dataDir)), at).toEqual(before);
            const other = store.open.get("other")!;
            await store.commit({ ...other, revision: 2 }, other);
            await run(store, base);
            expect(contentOf(await load(dataDir)), at).toEqual(contentOf(store));
            expect(await temporaries(dataDir), at).toEqual([]);
          }
        }
      },
    );
  }

  folderTest("a store goes on by itself once the disk works again", async ({ folder }) => {
    const calls = await callsOf(folder);
    for (let n = 0; n < calls; n++) {
      const { dataDir, fs, store, base } = await started(folder);
      fs.failAt(n, "EIO", true);
      for (let again = 0; again < 3; again++) {
        expect(await refusalOf(run(store, base))).toBeInstanceOf(SyncError);
      }
      fs.heal();
      await run(store, base);
      expect(contentOf(await load(dataDir)), `call ${n}`).toEqual(contentOf(store));
      expect(await temporaries(dataDir)).toEqual([]);
    }
  });
});

describe("a file that somebody took away", () => {
  folderTest(
    "a file that somebody took away does not keep its workflow's end from being archived",
    async ({ folder }) => {
      const store = await load(folder);
      const base = recordOf();
      await store.commit(base, null);
      await rm(join(folder, "workflows", `${fileNameOf("deploy")}.json`));
      await store.archive(base);
      expect([...(await load(folder)).history.keys()]).toEqual(["e1"]);
    },
  );
});
