/** Files and journal together: any history of a store, cut anywhere, with its files anywhere behind, is found as it was acknowledged. */
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import type { FileStore } from "../../../../server/state/store/fileStore.js";
import {
  encodeEntry,
  entryOf,
  parseEntry,
  withChange,
} from "../../../../server/state/store/journalEntries.js";
import {
  isLive,
  type LiveRecord,
  type WorkflowRecord,
} from "../../../../server/state/store/record.js";
import { seeded } from "../../../support/chance.js";
import { failingFileSystem } from "../../../support/disks/failingFileSystem.js";
import { recordOf, stateOf } from "../../../support/disks/records.js";
import { foundAfterCrash, loadStore as load } from "../../../support/disks/stores.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const receipt = (id: string) => ({ id, print: "p", epoch: "e1", revision: 1 });

describe("an entry of the journal", () => {
  const states = fc.record({
    n: fc.jsonValue(),
    text: fc.string(),
    list: fc.array(fc.jsonValue()),
  });
  const receipts = fc.array(fc.uuid().map(receipt), { maxLength: 5 });
  const members = fc.record({
    fence: fc.nat(5),
    lease: fc.option(fc.record({ token: fc.nat(), driver: fc.string() })),
    clear_at: fc.option(fc.nat()),
    order: fc.nat(),
    run: fc.string({ minLength: 1 }),
  });

  test("an entry leads from the record before it to the one it was made of", () => {
    const step = fc.record({ state: states, added: receipts, members });
    fc.assert(
      fc.property(step, step, fc.integer({ min: 1, max: 6 }), (one, other, limit) => {
        const before = recordOf({ ...one.members, receipts: one.added, state: stateOf(one.state) });
        const after = recordOf({
          ...other.members,
          revision: 5,
          receipts: [...before.receipts, ...other.added].slice(-limit),
          state: { ...before.state, ...other.state },
        });
        const entry = parseEntry(asJson(JSON.parse(encodeEntry(entryOf(after, before)))))!;
        const found =
          entry.kind === "change"
            ? withChange(asJson(before), entry)
            : entry.kind === "put" && entry.record;
        expect(found).toEqual(asJson(after));
      }),
    );
  });

  test("a report of one field is told in a fraction of the record", () => {
    const before = recordOf({ receipts: Array.from({ length: 64 }, (_, n) => receipt(`${n}`)) });
    const steps = before.state.steps.map((step) => ({ ...step, progress: 0.5 }));
    const after: LiveRecord = {
      ...before,
      revision: 2,
      receipts: [...before.receipts.slice(1), receipt("new")],
      state: { ...before.state, steps: [steps[0]!, ...before.state.steps.slice(1)] },
    };
    expect(encodeEntry(entryOf(after, before)).length).toBeLessThan(300);
  });

  test("an entry of another kind is none", () => {
    expect(parseEntry({ kind: "later" })).toBe(null);
    expect(parseEntry({})).toBe(null);
  });
});

const contentOf = ({ open, history }: Pick<FileStore, "open" | "history">) => ({
  open: Object.fromEntries([...open].sort(([a], [b]) => a.localeCompare(b))),
  history: Object.fromEntries([...history].sort(([a], [b]) => a.localeCompare(b))),
});

const IDS = ["one", "two", "three"];

/** One random deed of a store's. */
async function deed(store: FileStore, chance: { below(n: number): number }, count: number) {
  const id = IDS[chance.below(IDS.length)]!;
  const known = store.open.get(id);
  if (!known || !isLive(known)) {
    const fresh = recordOf({ workflow_id: id, epoch: `e${count}`, order: count });
    if (known && chance.below(4) === 0) return store.remove(known);
    return store.commit(fresh, known ?? null);
  }
  switch (chance.below(8)) {
    case 0:
      return store.archive(known);
    case 1:
      return store.remove(known);
    case 2:
      return store.commit({ ...known, state: null, lease: null }, known);
    case 3: {
      const [epoch] = store.history.keys();
      return epoch === undefined ? undefined : store.forget(epoch);
    }
    default: {
      const receipts = [...known.receipts, receipt(`r${count}`)].slice(-3);
      const state = { ...known.state, n: count, [`k${chance.below(3)}`]: chance.below(5) };
      return store.commit(
        { ...known, revision: known.revision + 1 + chance.below(3), receipts, state },
        known,
      );
    }
  }
}

describe("a store", () => {
  folderTest(
    "a store is found as it was acknowledged, whichever files had followed and wherever its process ended",
    async ({ folder }) => {
      await seeded(async (chance) => {
        for (let round = 0; round < 10; round++) {
          let place = join(folder, `${round}`);
          await new Disk().makeFolder(place);
          let count = 0;
          let store = await load(place);
          for (let life = 1; life <= 3; life++) {
            for (let n = 0; n < 12; n++) {
              count += 1;
              await deed(store, chance, count);
              if (chance.below(5) === 0) await store.settle();
              if (n % 4 === 3) {
                const found = await foundAfterCrash(place);
                expect(found.damaged).toEqual([]);
                expect(contentOf(found)).toEqual(asJson(contentOf(store)));
              }
            }
            const before = asJson(contentOf(store));
            // Closed, or gone as after a SIGKILL.
            if (chance.below(2) === 0) await store.close();
            const next = `${place}.${life}`;
            await cp(place, next, { recursive: true });
            await store.close();
            place = next;
            store = await load(place);
            expect(contentOf(store)).toEqual(before);
            expect(store.damaged).toEqual([]);
          }
          await store.close();
        }
      });
    },
  );

  folderTest(
    "a store whose journal is cut at any byte is found at a moment of its past, never before what its files say",
    async ({ folder }) => {
      const data = join(folder, "data");
      await new Disk().makeFolder(data);
      const store = await load(data);
      const past: WorkflowRecord[] = [recordOf()];
      await store.commit(past[0]!, null);
      await store.settle();
      for (let revision = 2; revision <= 5; revision++) {
        const base = past.at(-1)!;
        const next = { ...base, revision, state: { ...base.state!, n: revision } };
        await store.commit(next, base);
        past.push(next);
      }
      await store.archive(past.at(-1)!);
      const file = join("journal", "000000000001.jsonl");
      const bytes = await readFile(join(data, file));
      const length = bytes.indexOf(0);
      let last = 0;
      const change = bytes.indexOf('"kind":"change"');
      const isInRecord = (at: number) => at > change - 40 && at < change + 300;
      for (let cut = 0; cut <= length; cut += isInRecord(cut) ? 1 : 13) {
        const copy = join(folder, "copy");
        await cp(data, copy, { recursive: true, force: true });
        await writeFile(join(copy, file), bytes.subarray(0, cut));
        const found = await load(copy);
        const record = found.open.get("deploy") ?? found.history.get("e1");
        expect(past, `cut at ${cut}`).toContainEqual(record);
        expect(record!.revision).toBeGreaterThanOrEqual(last);
        last = record!.revision;
        expect(found.damaged).toEqual([]);
      }
      expect(last).toBe(5);
    },
  );

  folderTest(
    "a damaged change makes its workflow damaged, with what was before it; the others are whole",
    async ({ folder }) => {
      const store = await load(folder);
      const [one, other] = [recordOf(), recordOf({ workflow_id: "other", epoch: "e2" })];
      await store.commit(one, null);
      await store.commit(other, null);
      await store.settle();
      const second = { ...one, revision: 2 };
      const third = { ...one, revision: 3, state: { ...one.state, n: "damage me" } };
      await store.commit(second, one);
      await store.commit(third, second);
      await store.commit({ ...other, revision: 2 }, other);
      const file = join(folder, "journal", "000000000001.jsonl");
      const text = await readFile(file, "latin1");
      await writeFile(file, text.replace("damage me", "damage mE"), "latin1");
      for (let start = 1; start <= 3; start++) {
        const found = await load(folder);
        expect([...found.open.values()]).toEqual([{ ...other, revision: 2 }]);
        expect(found.damaged).toMatchObject([{ workflow_id: "deploy", in_history: false }]);
        expect(found.damages.of("deploy")[0]!.backup).toEqual(second);
        // What cannot be read stays for people.
        if (start === 2) await found.close();
      }
      expect(await readdir(join(folder, "journal"))).toEqual(["000000000001.jsonl.damaged"]);
    },
  );

  for (const hasFile of [true, false]) {
    folderTest(
      `a damaged change is gone for good once its workflow is cleared, ${hasFile ? "with a file" : "without one"}`,
      async ({ folder }) => {
        const first = join(folder, "first");
        await new Disk().makeFolder(first);
        const store = await load(first);
        const one = recordOf({ state: stateOf({ name: "damage me" }) });
        await store.commit(one, null);
        if (hasFile) await store.settle();
        const second = { ...one, revision: 2, state: { ...one.state, name: "damage me" } };
        const third = { ...second, revision: 3, state: { ...one.state, name: "as it is" } };
        await store.commit(second, one);
        await store.commit(third, second);
        const other = recordOf({ workflow_id: "other", epoch: "e2" });
        await store.commit(other, null);
        await cp(first, join(folder, "second"), { recursive: true });
        const file = join(folder, "second", "journal", "000000000001.jsonl");
        const text = await readFile(file, "latin1");
        await writeFile(file, text.replace('"revision":3', '"revision":4'), "latin1");
        const damaged = await load(join(folder, "second"));
        expect(damaged.damaged).toMatchObject([{ workflow_id: "deploy" }]);
        await damaged.damages.putAway("deploy");
        const found = await foundAfterCrash(join(folder, "second"));
        expect(found.damaged).toEqual([]);
        expect([...found.open.values()]).toEqual([other]);
      },
    );
  }

  folderTest(
    "a record that the disk cannot give now has its changes once the disk can, however many starts later",
    async ({ folder }) => {
      const data = join(folder, "data");
      await new Disk().makeFolder(data);
      const before = await load(data);
      const one = recordOf();
      await before.commit(one, null);
      await before.close();
      const again = await load(data);
      const second = { ...one, revision: 2 };
      await again.commit(second, again.open.get("deploy")!);
      const copy = join(folder, "copy");
      await cp(data, copy, { recursive: true });
      const refusing = () => {
        const fs = failingFileSystem();
        const openSync: typeof fs.openSync = (path, flags) => {
          if (path.includes("deploy-")) throw Object.assign(new Error("EIO"), { code: "EIO" });
          return fs.openSync(path, flags);
        };
        return new Disk({ ...fs, openSync });
      };
      for (let start = 1; start <= 2; start++) {
        const store = await load(copy, refusing());
        expect(store.damaged).toMatchObject([{ workflow_id: "deploy", movedTo: null }]);
        const other = recordOf({ workflow_id: `other-${start}`, epoch: `e${start}`, order: 9 });
        await store.commit(other, null);
        await store.close();
      }
      const store = await load(copy);
      expect(store.damaged).toEqual([]);
      expect(store.open.get("deploy")).toEqual(second);
    },
  );
});
