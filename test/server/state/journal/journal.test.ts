/** The journal on a real disk: what is durable together, what a refused write leaves, and which files count at the next start. */
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import {
  Journal,
  type JournalParts,
  NotAppended,
} from "../../../../server/state/journal/journal.js";
import { readJournalFolder } from "../../../../server/state/journal/journalFolder.js";
import { failingFileSystem } from "../../../support/disks/failingFileSystem.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

async function opened(folder: string, options: Partial<JournalParts> = {}) {
  const fs = failingFileSystem();
  const disk = new Disk(fs);
  const found = await readJournalFolder(disk, folder);
  const begun: number[] = [];
  const journal: Journal = new Journal({
    disk,
    folder,
    found,
    prove: () => undefined,
    onNewSegment: () => begun.push(journal.segment),
    ...options,
  });
  const order: string[] = [];
  const say = (value: string) =>
    journal.append(JSON.stringify({ says: value }), (segment) =>
      order.push(`${value} in ${segment}`),
    );
  return { fs, disk, found, journal, say, order, begun };
}

const saidIn = async (folder: string) =>
  (await readJournalFolder(new Disk(), folder)).contents.map((content) =>
    typeof content === "string" ? content : content.says,
  );

const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as NotAppended,
  );

describe("the journal", () => {
  folderTest("what is said in one turn is one write, and told in order", async ({ folder }) => {
    const { fs, journal, say, order } = await opened(folder);
    await say("first");
    const before = fs.calls.length;
    await Promise.all(["a", "b", "c"].map(say));
    expect(fs.calls.slice(before)).toEqual(["handle.write"]);
    expect(order).toEqual(["first in 1", "a in 1", "b in 1", "c in 1"]);
    await journal.close();
    expect(await saidIn(folder)).toEqual(["first", "a", "b", "c"]);
  });

  folderTest("what comes during a write shares the next one", async ({ folder }) => {
    const { fs, journal, say } = await opened(folder);
    await say("first");
    const before = fs.calls.length;
    const held = say("a");
    await Promise.resolve().then(() => Promise.resolve());
    await Promise.all([held, say("b"), say("c")]);
    expect(fs.calls.slice(before).length).toBeLessThanOrEqual(2);
    await journal.close();
    expect(await saidIn(folder)).toEqual(["first", "a", "b", "c"]);
  });

  folderTest("nothing is written while nobody proves the folder", async ({ folder }) => {
    const lost = new Error("lost");
    const { fs, journal, say } = await opened(folder, { prove: () => Promise.reject(lost) });
    const refusal = await refusalOf(say("a"));
    expect([refusal?.cause, refusal?.isKnown]).toEqual([lost, true]);
    expect(fs.calls).toEqual(["readdir"]);
    await journal.close();
  });

  folderTest(
    "a file that has grown is followed by another, and the old ones go when told",
    async ({ folder }) => {
      const { journal, say, begun } = await opened(folder, { segmentBytes: 300 });
      for (let n = 1; n <= 20; n++) await say(`number ${n}`);
      expect(begun.length).toBeGreaterThan(3);
      expect(begun).toEqual(begun.map((_, at) => at + 1));
      const all = Array.from({ length: 20 }, (_, at) => `number ${at + 1}`);
      expect(await saidIn(folder)).toEqual(all);
      await journal.cut(3);
      expect((await readdir(folder)).sort()[0]).toBe("000000000003.jsonl");
      const left = await saidIn(folder);
      expect(left).toEqual(all.slice(-left.length));
      await journal.close();
      await journal.cut(Number.POSITIVE_INFINITY);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  folderTest("two cuts at once leave no file behind", async ({ folder }) => {
    const { journal, say } = await opened(folder, { segmentBytes: 1 });
    for (const value of ["a", "b", "c", "d"]) await say(value);
    await Promise.all([journal.cut(4), journal.cut(4)]);
    expect(await readdir(folder)).toEqual(["000000000004.jsonl"]);
    await journal.close();
  });

  folderTest(
    "a journal goes on where the one before it ended, in a file of its own",
    async ({ folder }) => {
      for (const value of ["a", "b", "c"]) {
        const { journal, say, found } = await opened(folder);
        await say(value);
        expect(journal.segment).toBe(found.nextSegment);
        await journal.close();
      }
      expect(await saidIn(folder)).toEqual(["a", "b", "c"]);
    },
  );

  folderTest(
    "a file of the journal is the server's alone, and only its own",
    async ({ folder }) => {
      await writeFile(join(folder, "000000000007.jsonl.damaged"), "");
      await writeFile(join(folder, "notes.txt"), "");
      await writeFile(join(folder, "999999999999.jsonl"), "");
      const { journal, say } = await opened(folder);
      await say("a");
      expect(journal.segment).toBe(8);
      await journal.close();
      expect(await saidIn(folder)).toEqual(["a"]);
    },
  );
});

describe("a refused write", () => {
  for (const code of ["EIO", "ENOSPC", "SHORT"]) {
    folderTest(
      `a write refused with ${code} is cut off again, and the next one goes into a new file`,
      async ({ folder }) => {
        const { fs, journal, say } = await opened(folder);
        await say("a");
        fs.failAt(0, code);
        const refusals = await Promise.all(["b", "c"].map((value) => refusalOf(say(value))));
        expect(refusals.map((refusal) => refusal?.isKnown)).toEqual([true, true]);
        expect(await saidIn(folder)).toEqual(["a"]);
        await say("d");
        expect(journal.segment).toBe(2);
        expect(await saidIn(folder)).toEqual(["a", "d"]);
        await journal.close();
      },
    );
  }

  folderTest(
    "a write that cannot be cut off is unknown until the disk works, and counts for nothing from then on",
    async ({ folder }) => {
      const { fs, journal, say } = await opened(folder);
      await say("a");
      // Half of it is there, and a whole line is in that half.
      fs.failAt(0, "SHORT", true);
      const refused = ["b", "c", "d"].map((value) => refusalOf(say(value)));
      expect((await Promise.all(refused)).map((refusal) => refusal?.isKnown)).toEqual([
        false,
        false,
        false,
      ]);
      expect(await saidIn(folder)).toEqual(["a", "b"]);
      expect((await refusalOf(say("e")))?.isKnown).toBe(false);
      await expect(journal.settle()).rejects.toThrow("SHORT");
      fs.heal();
      await journal.settle();
      expect(await saidIn(folder)).toEqual(["a"]);
      await say("f");
      expect(await saidIn(folder)).toEqual(["a", "f"]);
      await journal.close();
    },
  );

  folderTest(
    "a write that cannot be cut off is left out by the file that follows",
    async ({ folder }) => {
      const { fs, journal, say } = await opened(folder);
      await say("a");
      const truncate = fs.calls.length + 1;
      fs.failAt(0, "SHORT", true);
      const refused = ["b", "c", "d"].map((value) => refusalOf(say(value)));
      await Promise.all(refused);
      expect(fs.calls[truncate]).toBe("handle.truncate");
      fs.heal();
      await say("e");
      expect(await saidIn(folder)).toEqual(["a", "e"]);
      await journal.close();
    },
  );

  folderTest("a new file that is refused at any call is no file", async ({ folder }) => {
    for (let n = 0; n < 4; n++) {
      for (const forever of [false, true]) {
        const place = join(folder, `${n} ${forever}`);
        await new Disk().makeFolder(place);
        const { fs, journal, say } = await opened(place);
        fs.failAt(n, "SHORT", forever);
        const refusal = await refusalOf(say("a"));
        expect(refusal).toBeInstanceOf(NotAppended);
        if (refusal?.isKnown) expect(await saidIn(place)).toEqual([]);
        else expect(forever).toBe(true);
        fs.heal();
        await say("b");
        expect(await saidIn(place)).toEqual(["b"]);
        await journal.close();
      }
    }
  });

  folderTest(
    "new files that are refused one after the other all count for nothing, once that is said",
    async ({ folder }) => {
      for (let first = 1; first < 8; first++) {
        for (let second = 1; second < 6; second++) {
          const place = join(folder, `${first} ${second}`);
          await new Disk().makeFolder(place);
          const { fs, journal, say } = await opened(place);
          await say("a");
          await journal.rest();
          const begin = fs.calls.length;
          fs.failAt(first, "EIO", true);
          const kept = (await refusalOf(say("b"))) ? ["a"] : ["a", "b"];
          expect(fs.calls.length).toBeGreaterThan(begin);
          fs.heal();
          fs.failAt(second, "EIO");
          const refusal = await refusalOf(say("c"));
          const at = `${first} ${second}`;
          if (refusal?.isKnown) expect(await saidIn(place), at).toEqual(kept);
          fs.heal();
          await journal.settle();
          expect(await saidIn(place), at).toEqual(refusal ? kept : [...kept, "c"]);
          // What could not be removed goes before the file that made it count for nothing.
          await journal.close();
          await journal.cut(Number.POSITIVE_INFINITY);
          expect(await readdir(place), at).toEqual([]);
        }
      }
    },
  );

  folderTest(
    "what gathers while the disk is slow is written in pieces that a start can read",
    async ({ folder }) => {
      const { journal, say } = await opened(folder, { segmentBytes: 1000 });
      const values = Array.from({ length: 200 }, (_, n) => `${n} ${"x".repeat(100)}`);
      await Promise.all(values.map(say));
      for (const name of await readdir(folder)) {
        const text = await readFile(join(folder, name), "latin1");
        expect(text.replaceAll("\0", "").length).toBeLessThan(2500);
      }
      expect(await saidIn(folder)).toEqual(values);
      await journal.close();
    },
  );
});

describe("the journal's folder at a start", () => {
  folderTest("a file that was to be removed and came back does not count", async ({ folder }) => {
    const { journal, say } = await opened(folder, { segmentBytes: 1 });
    for (const value of ["a", "b", "c", "d"]) await say(value);
    const kept = await readFile(join(folder, "000000000001.jsonl"));
    await journal.cut(3);
    await journal.close();
    await writeFile(join(folder, "000000000001.jsonl"), kept);
    const { contents, stale } = await readJournalFolder(new Disk(), folder);
    expect(contents).toMatchObject([{ says: "c" }, { says: "d" }]);
    expect(stale).toEqual([join(folder, "000000000001.jsonl")]);
  });

  folderTest(
    "a file whose making was cut short counts for nothing, at any byte",
    async ({ folder }) => {
      const { journal, say } = await opened(folder, { segmentBytes: 1 });
      for (const value of ["a", "b"]) await say(value);
      await journal.close();
      const path = join(folder, "000000000002.jsonl");
      const bytes = await readFile(path);
      const length = bytes.indexOf(0);
      for (let cut = 0; cut < length; cut++) {
        await writeFile(path, bytes.subarray(0, cut));
        expect(await saidIn(folder), `cut at ${cut}`).toEqual(["a"]);
      }
    },
  );

  folderTest("a file that somebody took away is followed by another", async ({ folder }) => {
    const { journal, say } = await opened(folder);
    await say("a");
    await journal.look();
    expect(journal.segment).toBe(1);
    await rename(join(folder, "000000000001.jsonl"), join(folder, "away"));
    await journal.look();
    await say("b");
    expect(journal.segment).toBe(2);
    expect(await saidIn(folder)).toEqual(["b"]);
    await journal.close();
  });

  folderTest(
    "a journal that cannot be read keeps the start from going on without it",
    async ({ folder }) => {
      const { journal, say } = await opened(folder);
      await say("a");
      await journal.close();
      const fs = failingFileSystem();
      fs.failAt(1, "EIO");
      await expect(readJournalFolder(new Disk(fs), folder)).rejects.toThrow("EIO");
      await rm(folder, { recursive: true });
    },
  );
});
