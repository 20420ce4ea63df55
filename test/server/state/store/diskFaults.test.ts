/** Every call to the disk fails once, and then for ever: what is refused has changed nothing, or says that nobody knows. */
import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { fileNameOf } from "../../../../server/machine/fileName.js";
import type { FileStore } from "../../../../server/state/store/fileStore.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import { SyncError } from "../../../../shared/errors.js";
import {
  type FailingFileSystem,
  failingFileSystem,
} from "../../../support/disks/failingFileSystem.js";
import { recordOf } from "../../../support/disks/records.js";
import { foundAfterCrash, loadStore as load } from "../../../support/disks/stores.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const CODES = ["EIO", "ENOSPC", "EACCES", "EMFILE", "EROFS", "EDQUOT", "SHORT"];
const FULL = ["ENOSPC", "EDQUOT", "SHORT"];

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

/** The files alone, without the journal. */
const filesOf = async (folder: string) => {
  const copy = `${folder}.files`;
  await cp(folder, copy, { recursive: true, filter: (path) => !path.endsWith(".jsonl") });
  return contentOf(await load(copy));
};

async function temporaries(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith(".tmp"));
}

type Beginning = (store: FileStore, fs: FailingFileSystem) => Promise<void>;

const OPEN_FILE: Beginning = async () => {};

const BEGINNINGS: Record<string, Beginning> = {
  "in the journal's open file": OPEN_FILE,
  /** A refused write ends the open file, so the next one begins another. */
  "in a new file of the journal": async (store, fs) => {
    const other = store.open.get("other")!;
    fs.failAt(0, "EIO");
    await refusalOf(store.commit({ ...other, revision: 9 }, other));
    fs.heal();
  },
};

describe.each(Object.entries(DEEDS))("%s", (_name, { prepare, run }) => {
  async function started(folder: string, begin = OPEN_FILE) {
    const dataDir = join(folder, `${Math.random()}`);
    const fs = failingFileSystem();
    const disk = new Disk(fs);
    await disk.makeFolder(dataDir);
    const store = await load(dataDir, disk);
    const base = recordOf();
    await store.commit(base, null);
    await store.commit(recordOf({ workflow_id: "other", epoch: "e2" }), null);
    await store.settle();
    await prepare?.(store, base);
    await begin(store, fs);
    return { dataDir, fs, store, base };
  }
  type Started = Awaited<ReturnType<typeof started>>;

  async function callsOf({ fs }: Started, run: () => Promise<void>): Promise<number> {
    const before = fs.calls.length;
    await run();
    return fs.calls.length - before;
  }

  describe.each(Object.entries(BEGINNINGS))("%s", (_where, begin) => {
    for (const forever of [false, true]) {
      folderTest(
        `every refusal says the truth about what was kept, whichever call fails ${forever ? "for ever" : "once"}`,
        async ({ folder }) => {
          const example = await started(folder, begin);
          const calls = await callsOf(example, () => run(example.store, example.base));
          expect(calls).toBeGreaterThan(0);
          for (const code of CODES) {
            for (let n = 0; n < calls; n++) {
              const at = `${code} at call ${n}`;
              const { dataDir, fs, store, base } = await started(folder, begin);
              const before = contentOf(store);
              const told: unknown[] = [];
              store.listen((change) => told.push(change));
              fs.failAt(n, code, forever);
              const refusal = await refusalOf(run(store, base));
              expect(refusal, at).toBeInstanceOf(SyncError);
              const { code: word, message } = refusal as SyncError;
              expect(word, at).toBe(FULL.includes(code) ? "storage_full" : "not_saved");
              expect(told, at).toEqual([]);
              expect(contentOf(store), at).toEqual(before);
              const isKnown = message.includes("nothing was changed");
              expect(isKnown || message.includes("is not known"), message).toBe(true);
              if (isKnown) expect(contentOf(await foundAfterCrash(dataDir)), at).toEqual(before);
              if (!forever) expect(isKnown, at).toBe(true);

              // A disk that works again: memory and disk agree, also before this workflow is written again.
              fs.heal();
              await store.settle();
              expect(contentOf(await foundAfterCrash(dataDir)), at).toEqual(before);
              const other = store.open.get("other")!;
              await store.commit({ ...other, revision: other.revision + 1 }, other);
              await run(store, base);
              expect(contentOf(await foundAfterCrash(dataDir)), at).toEqual(contentOf(store));
              await store.close();
              expect(await filesOf(dataDir), at).toEqual(contentOf(store));
              expect(await temporaries(dataDir), at).toEqual([]);
            }
          }
        },
      );
    }
  });

  for (const forever of [false, true]) {
    folderTest(
      `nothing that was kept is lost while its files follow, whichever call fails ${forever ? "for ever" : "once"}`,
      async ({ folder }) => {
        const example = await started(folder);
        await run(example.store, example.base);
        const calls = await callsOf(example, () => example.store.settle());
        expect(calls).toBeGreaterThan(2);
        for (const code of ["EIO", "ENOSPC", "SHORT"]) {
          for (let n = 0; n < calls; n++) {
            const at = `${code} at call ${n}`;
            const { dataDir, fs, store, base } = await started(folder);
            await run(store, base);
            const kept = contentOf(store);
            fs.failAt(n, code, forever);
            await store.settle().catch(() => {});
            expect(contentOf(await foundAfterCrash(dataDir)), at).toEqual(kept);
            fs.heal();
            const other = store.open.get("other")!;
            await store.commit({ ...other, revision: other.revision + 1 }, other);
            await store.close();
            expect(await filesOf(dataDir), at).toEqual(contentOf(store));
            expect(await readdir(join(dataDir, "journal")), at).toEqual([]);
            expect(await temporaries(dataDir), at).toEqual([]);
          }
        }
      },
    );
  }

  folderTest("a store goes on by itself once the disk works again", async ({ folder }) => {
    const example = await started(folder);
    const calls = await callsOf(example, () => run(example.store, example.base));
    for (let n = 0; n < calls; n++) {
      const { dataDir, fs, store, base } = await started(folder);
      fs.failAt(n, "EIO", true);
      for (let again = 0; again < 3; again++) {
        expect(await refusalOf(run(store, base))).toBeInstanceOf(SyncError);
      }
      fs.heal();
      await run(store, base);
      expect(contentOf(await foundAfterCrash(dataDir)), `call ${n}`).toEqual(contentOf(store));
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
      await store.settle();
      await rm(join(folder, "workflows", `${fileNameOf("deploy")}.json`));
      await store.archive(base);
      await store.close();
      expect([...(await load(folder)).history.keys()]).toEqual(["e1"]);
    },
  );
});
