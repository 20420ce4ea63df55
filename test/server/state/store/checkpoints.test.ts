/** The files follow the journal: what the disk refuses is tried again in peace, and the journal stays in its bounds meanwhile. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { systemFiles } from "../../../../server/machine/systemFiles.js";
import { FileStore, type FileStoreOptions } from "../../../../server/state/store/fileStore.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { until } from "../../../support/deadline.js";
import { recordOf } from "../../../support/disks/records.js";
import { foundAfterCrash } from "../../../support/disks/stores.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

/** A disk that takes nothing in files whose names `refuses`, and counts how often it was asked. */
function partlyRefusing(refuses: (path: string) => boolean) {
  const counted = { refusals: 0, refuses };
  const fs: typeof systemFiles = {
    ...systemFiles,
    open: (async (path: string, ...rest: never[]) => {
      if (rest[0] === "wx" && counted.refuses(path)) {
        counted.refusals += 1;
        throw Object.assign(new Error("EPERM"), { code: "EPERM" });
      }
      return systemFiles.open(path, ...rest);
    }) as typeof systemFiles.open,
  };
  return { disk: new Disk(fs), counted };
}

async function started(folder: string, disk: Disk, options: FileStoreOptions = {}) {
  const clock = manualClock();
  const store = await FileStore.load(
    disk,
    folder,
    () => 0,
    undefined,
    () => clock.elapsed(),
    {
      after: (ms, run) => clock.after(ms, run),
      ...options,
    },
  );
  onTestFinished(() => store.close());
  return { clock, store };
}

const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** Without the room behind the lines. */
async function journalLength(folder: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(join(folder, "journal"))) {
    const text = await readFile(join(folder, "journal", name), "latin1").catch(() => "");
    sum += text.indexOf("\0") === -1 ? text.length : text.indexOf("\0");
  }
  return sum;
}

describe("a file that the disk refuses", () => {
  folderTest(
    "what waits for a refused file is tried again as seldom as that",
    async ({ folder }) => {
      const { disk, counted } = partlyRefusing((path) => path.includes("/history/"));
      const { clock, store } = await started(folder, disk);
      const base = recordOf();
      await store.commit(base, null);
      await store.settle();
      await store.archive(base);
      const at = clock.elapsed();
      await until(() => {
        clock.advance(100);
        return counted.refusals > 6;
      }, "it is tried again and again");
      // Two files, each tried every two seconds.
      expect(clock.elapsed() - at).toBeGreaterThanOrEqual(4_000);
      counted.refuses = () => false;
      await store.settle();
      expect([...(await foundAfterCrash(folder)).history.values()]).toEqual([base]);
    },
  );

  folderTest(
    "the journal stays within its bounds while files are refused, whatever they take together",
    async ({ folder }) => {
      let refuses = false;
      const stuck = Array.from({ length: 12 }, (_, n) => `stuck${n}`);
      const isStuck = (path: string) => refuses && path.includes("stuck");
      const { disk } = partlyRefusing(isStuck);
      const { clock, store } = await started(folder, disk, { segmentBytes: 20_000 });
      const grown = (id: string, order: number): LiveRecord => {
        const record = recordOf({ workflow_id: id, epoch: `e-${id}`, order });
        return { ...record, state: { ...record.state, text: "x".repeat(5_000) } };
      };
      for (const [n, id] of stuck.entries()) await store.commit(grown(id, n), null);
      refuses = true;
      clock.advance(1_000);
      await turns(200);
      let other: LiveRecord = recordOf({ workflow_id: "other", epoch: "other", order: 99 });
      await store.commit(other, null);
      let largest = 0;
      for (let n = 0; n < 25; n++) {
        // As much at once as fills a file of the journal.
        const others = ["a", "b", "c", "d", "e"].map((id) => `${id}${n}`);
        const next = { ...other, revision: other.revision + 1, state: { ...other.state, n } };
        await Promise.all([
          ...others.map((id) => store.commit(grown(id, 100 + n), null)),
          store.commit(next, other),
        ]);
        await Promise.all(others.map((id) => store.remove(store.open.get(id)!)));
        other = next;
        clock.advance(1_000);
        await turns(60);
        largest = Math.max(largest, await journalLength(folder));
      }
      // Nothing is written, or removed, while the folder is copied.
      await turns(200);
      await store.settle().catch(() => {});
      const found = await foundAfterCrash(folder);
      expect(found.open.size).toBe(13);
      for (const id of stuck) expect(found.open.get(id)).toEqual(store.open.get(id));
      expect(found.open.get("other")).toEqual(other);
      // Said were 900 kB, and all that is refused takes 70 kB: how far the cuts are behind is the machine's.
      expect(largest).toBeLessThan(1_500_000);
      refuses = false;
      await store.close();
      expect(await readdir(join(folder, "journal"))).toEqual([]);
    },
  );
});
