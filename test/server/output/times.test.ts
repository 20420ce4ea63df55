/** When output came: kept beside it, as durable as it is, and never a wrong time, whatever a crash or a disk does. */
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { fileNameOf } from "../../../server/machine/fileName.js";
import { OutputStore } from "../../../server/output/outputStore.js";
import type { OutputStoreOptions } from "../../../server/output/outputStoreOptions.js";
import { parseSegmentName } from "../../../server/output/segments.js";
import { LIMITS } from "../../../shared/limits.js";
import type { Moment, TimedOffset } from "../../../shared/wire/logTimes.js";
import { seeded } from "../../support/chance.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { failingFileSystem } from "../../support/disks/failingFileSystem.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf } from "../../support/disks/records.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";
import { encodedRuns } from "../../support/samples/encodedRuns.js";

/** Segments of 64 bytes, 8 of them for each half. */
const OUTPUT_BYTES = 1024;
const NAME = { workflow_id: "deploy", epoch: "e1", step: 0, attempt: 1 };
const FOLDER = join("logs", `${fileNameOf("deploy")}.e1`);
const NOON = 1_764_072_000_000;
const MOST = 10_000;

class World {
  wall = NOON;
  readonly failures: unknown[] = [];
  readonly #store = new MemoryStore();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(more: Partial<OutputStoreOptions> = {}): Promise<OutputStore> {
    if (this.#store.open.size === 0) await this.#store.commit(recordOf(), null);
    return OutputStore.open({
      dataDir: this.#folder,
      commits: commitsOf(this.#store),
      limits: { ...LIMITS, outputBytes: OUTPUT_BYTES },
      elapsed: () => 0,
      now: () => this.wall,
      onTimesFailure: (error) => this.failures.push(error),
      ...more,
    });
  }

  async clear(): Promise<void> {
    await this.#store.remove(this.#store.open.get("deploy")!);
  }

  print(logs: OutputStore, text: string, at = this.wall): Promise<unknown> {
    this.wall = at;
    return logs.append(NAME, Buffer.from(text));
  }

  path(name: string): string {
    return join(this.#folder, FOLDER, name);
  }

  async files(): Promise<string[]> {
    return (await readdir(join(this.#folder, FOLDER))).sort();
  }
}

/** All there is, read a few at a time. */
async function timesOf(
  logs: OutputStore,
  from = 0,
  to = logs.next(NAME),
  most = 3,
): Promise<TimedOffset[]> {
  const all: TimedOffset[] = [];
  for (let at = from; at < to; ) {
    const part = await logs.times(NAME, at, to, most);
    expect(part.times[0]?.[0]).toBe(at);
    expect(part.next).toBeGreaterThan(at);
    for (const one of part.times) if (all.at(-1)?.[1] !== one[1]) all.push(one);
    at = part.next;
  }
  return all;
}

async function timeOfEach(logs: OutputStore): Promise<Moment[]> {
  const end = logs.next(NAME);
  const { times } = await logs.times(NAME, 0, end, MOST);
  return times.flatMap(([from, at], i) => {
    const next = times[i + 1]?.[0] ?? end;
    return Array.from({ length: next - from }, () => at);
  });
}

const FIRST = "step-0.attempt-1.from-0";

describe("the times of output", () => {
  folderTest(
    "the times of output are those at which each piece came, also after a restart",
    async ({ folder }) => {
      const world = new World(folder);
      const logs = await world.open();
      await world.print(logs, "one\n");
      await world.print(logs, "two\n", NOON + 250);
      await world.print(logs, "three\n", NOON + 3_600_000);
      const expected = [
        [0, NOON],
        [4, NOON + 250],
        [8, NOON + 3_600_000],
      ];
      expect(await timesOf(logs)).toEqual(expected);
      expect(await timesOf(logs, 5, 9)).toEqual([
        [5, NOON + 250],
        [8, NOON + 3_600_000],
      ]);
      expect(await logs.times(NAME, 14, 500, MOST)).toEqual({ times: [], next: 14 });
      await logs.close();
      const again = await world.open();
      expect(await timesOf(again)).toEqual(expected);
      await world.print(again, "four\n", NOON + 3_600_001);
      expect(await timesOf(again)).toEqual([...expected, [14, NOON + 3_600_001]]);
      expect((await stat(world.path(`${FIRST}.times`))).mode & 0o777).toBe(0o600);
      await again.close();
    },
  );

  folderTest(
    "the times of output are what the clock showed, also where it is set back",
    async ({ folder }) => {
      const world = new World(folder);
      const logs = await world.open();
      const shown = [NOON, NOON - 86_400_000, NOON + 1, 5, Number.NaN, -3, 7.9];
      for (const at of shown) await world.print(logs, "x", at);
      const expected = [NOON, NOON - 86_400_000, NOON + 1, 5, null, null, 7];
      expect(await timeOfEach(logs)).toEqual(expected);
      await logs.close();
      const again = await world.open();
      expect(await timeOfEach(again)).toEqual(expected);
      await again.close();
    },
  );

  folderTest(
    "the times of output are of when a piece came, not of when its turn came",
    async ({ folder }) => {
      const world = new World(folder);
      const logs = await world.open();
      await Promise.all([0, 1, 2, 3].map((i) => world.print(logs, "xx", NOON + i * 10)));
      expect(await timesOf(logs)).toEqual([0, 1, 2, 3].map((i) => [2 * i, NOON + i * 10]));
      await logs.close();
    },
  );

  folderTest("go with the bytes they are of, and with the workflow", async ({ folder }) => {
    const world = new World(folder);
    const logs = await world.open();
    for (let i = 0; i < 100; i++) await world.print(logs, "x".repeat(20), NOON + i);
    const names = await world.files();
    expect(names).toHaveLength(32);
    const of = (part: string) =>
      names
        .map(parseSegmentName)
        .filter((name) => name?.part === part)
        .map((name) => name?.from);
    expect(of("times")).toEqual(of("bytes"));
    const times = await timesOf(logs);
    const gap = times.findIndex(([, at]) => at === null);
    expect([times[gap]![0], times[gap + 1]![0]]).toEqual([512, 2000 - (2000 % 64) - 7 * 64]);
    expect(times.at(-1)).toEqual([1980, NOON + 99]);
    await logs.close();
    const again = await world.open();
    expect(await timesOf(again)).toEqual(times);
    await world.clear();
    await again.close();
    expect(await readdir(join(folder, "logs"))).toEqual([]);
  });

  folderTest(
    "the times of output take no more than five bytes where one byte comes at a time",
    async ({ folder }) => {
      const world = new World(folder);
      const logs = await world.open({ limits: LIMITS });
      for (let i = 0; i < 1_000; i++) await world.print(logs, "x", NOON + i * 2_400);
      expect((await stat(world.path(`${FIRST}.times`))).size).toBeLessThan(5 * 1_000 + 8);
      await logs.close();
    },
  );

  folderTest("the times of output are counted with the output they are of", async ({ folder }) => {
    const world = new World(folder);
    const limits = { ...LIMITS, outputTotalBytes: 10 * 8_192, outputWorkflowBytes: 10 * 8_192 };
    const logs = await world.open({ limits });
    for (let step = 0; step < 20; step++)
      await logs.append({ ...NAME, step }, Buffer.from("a line\n"));
    const kept = await world.files();
    expect(kept.filter((name) => name.endsWith(".log")).length).toBeLessThanOrEqual(10);
    expect(kept.filter((name) => name.endsWith(".times")).length).toBeLessThanOrEqual(10);
    await logs.close();
  });
});

describe("output without times", () => {
  folderTest(
    "output from before there were times has none, and goes on with them",
    async ({ folder }) => {
      const world = new World(folder);
      const old = await world.open({ now: undefined as never });
      await world.print(old, "old\n");
      await old.close();
      expect(await world.files()).toEqual([`${FIRST}.log`]);
      const logs = await world.open();
      expect(await timesOf(logs)).toEqual([[0, null]]);
      await world.print(logs, "new\n", NOON + 5);
      const expected = [
        [0, null],
        [4, NOON + 5],
      ];
      expect(await timesOf(logs)).toEqual(expected);
      await logs.close();
      const again = await world.open();
      expect(await timesOf(again)).toEqual(expected);
      await again.close();
    },
  );

  folderTest(
    "appended by a server that keeps none is not given the time of others",
    async ({ folder }) => {
      const world = new World(folder);
      const logs = await world.open();
      await world.print(logs, "one\n");
      await logs.close();
      await appendFile(world.path(`${FIRST}.log`), "by another\n");
      const again = await world.open();
      await world.print(again, "two\n", NOON + 9);
      expect(await timesOf(again)).toEqual([
        [0, NOON],
        [4, null],
        [15, NOON + 9],
      ]);
      await again.close();
    },
  );

  folderTest(
    "output without times whose index is gone, empty, or another thing is read all the same",
    async ({ folder }) => {
      for (const harm of ["gone", "empty", "junk", "zeros"]) {
        const world = new World(join(folder, harm));
        const logs = await world.open();
        await world.print(logs, "one\n");
        await logs.close();
        const path = world.path(`${FIRST}.times`);
        if (harm === "gone") await rm(path);
        else
          await writeFile(
            path,
            { empty: "", junk: Buffer.alloc(40, 0xff), zeros: Buffer.alloc(40) }[harm]!,
          );
        const again = await world.open();
        expect([harm, await timesOf(again)]).toEqual([harm, [[0, null]]]);
        await world.print(again, "two\n", NOON + 1);
        const expected = [
          [0, null],
          [4, NOON + 1],
        ];
        expect(await timesOf(again)).toEqual(expected);
        await again.close();
        const third = await world.open();
        expect(await timesOf(third)).toEqual(expected);
        await third.close();
      }
    },
  );
});

describe("an index that a crash left longer than its output", () => {
  folderTest(
    "an index that a crash left longer than its output is cut before other bytes take their place",
    async ({ folder }) => {
      const world = new World(folder);
      const logs = await world.open();
      for (let i = 0; i < 6; i++) await world.print(logs, "12345\n", NOON + i * 1_000);
      await logs.close();
      // The last whole piece and a half are gone.
      await truncate(world.path(`${FIRST}.log`), 27);
      const again = await world.open();
      const kept = [0, 1, 2, 3, 4].map((i) => [i * 6, NOON + i * 1_000]);
      expect(await timesOf(again)).toEqual(kept);
      await world.print(again, "and more\n", NOON + 90_000);
      expect(await timesOf(again)).toEqual([...kept, [27, NOON + 90_000]]);
      await again.close();
      const third = await world.open();
      expect(await timesOf(third)).toEqual([...kept, [27, NOON + 90_000]]);
      await third.close();
    },
  );

  folderTest(
    "an index that a crash left too long is durable as cut before anything is appended",
    async ({ folder }) => {
      const world = new World(folder);
      const logs = await world.open();
      for (const at of [NOON, NOON + 1]) await world.print(logs, "12345\n", at);
      await logs.close();
      await truncate(world.path(`${FIRST}.log`), 6);
      const fileSystem = failingFileSystem();
      const again = await world.open({ fileSystem });
      const before = fileSystem.calls.length;
      await world.print(again, "x", NOON + 2);
      const calls = fileSystem.calls.slice(before);
      expect(calls.indexOf("handle.datasync")).toBeGreaterThan(calls.indexOf("handle.truncate"));
      expect(calls.indexOf("handle.write")).toBeGreaterThan(calls.indexOf("handle.datasync"));
      await again.close();
    },
  );

  folderTest(
    "an index whose output is gone goes, and is not taken for that of what comes later",
    async ({ folder }) => {
      const world = new World(folder);
      const logs = await world.open();
      await world.print(logs, "one\n");
      await logs.close();
      await rm(world.path(`${FIRST}.log`));
      const again = await world.open();
      expect(await world.files()).toEqual([]);
      await world.print(again, "another\n", NOON + 7);
      expect(await timesOf(again)).toEqual([[0, NOON + 7]]);
      await again.close();
    },
  );
});

describe("a disk that refuses", () => {
  folderTest(
    "the time alone takes the bytes, whichever call fails, and tells it once",
    async ({ folder }) => {
      for (const code of ["ENOSPC", "EIO", "SHORT"]) {
        const world = new World(join(folder, code));
        const fileSystem = failingFileSystem();
        const isIndex = (path: unknown) => `${path}`.endsWith(".times");
        let isRefusing = false;
        const onlyTimes = {
          ...fileSystem,
          open: async (...args: Parameters<typeof fileSystem.open>) => {
            if (isRefusing && isIndex(args[0])) throw Object.assign(new Error(code), { code });
            return fileSystem.open(...args);
          },
        };
        const logs = await world.open({ fileSystem: onlyTimes });
        isRefusing = true;
        for (let i = 0; i < 5; i++) await world.print(logs, "lost\n", NOON + i);
        expect(world.failures).toHaveLength(1);
        isRefusing = false;
        await world.print(logs, "kept\n", NOON + 10);
        const expected = [
          [0, null],
          [25, NOON + 10],
        ];
        expect(await timesOf(logs)).toEqual(expected);
        await logs.close();
        const again = await world.open();
        expect(await timesOf(again)).toEqual(expected);
        await again.close();
      }
    },
  );

  folderTest("anything, anywhere, leaves no wrong time", async ({ folder }) => {
    for (const code of ["ENOSPC", "EIO"]) {
      for (let n = 0; ; n++) {
        const world = new World(join(folder, `${code}${n}`));
        const fileSystem = failingFileSystem();
        const logs = await world.open({ fileSystem });
        const came: Moment[] = [];
        const print = async (count: number) => {
          world.wall += 1_000;
          const at = world.wall;
          const kept = await world.print(logs, "x".repeat(count)).then(
            () => true,
            () => false,
          );
          if (kept) came.push(...Array.from({ length: count }, () => at));
          return kept;
        };
        await print(40);
        fileSystem.failAt(n, code);
        const before = fileSystem.calls.length;
        await print(150);
        const isOver = fileSystem.calls.length - before <= n;
        fileSystem.heal();
        await print(30);
        const check = async (one: OutputStore) => {
          const found = await timeOfEach(one);
          expect(found).toHaveLength(came.length);
          for (const [i, at] of found.entries()) expect([came[i], null]).toContain(at);
          if (isOver) expect(found).toEqual(came);
          return found;
        };
        const found = await check(logs);
        await logs.close();
        const again = await world.open();
        expect(await check(again)).toEqual(found);
        await again.close();
        if (isOver) break;
      }
    }
  });

  folderTest("a disk that cannot make the times durable refuses no report", async ({ folder }) => {
    const world = new World(folder);
    const fileSystem = failingFileSystem();
    const logs = await world.open({ fileSystem });
    await world.print(logs, "x");
    fileSystem.failAt(0, "EIO");
    const failed = await logs.flush(NAME).then(
      () => false,
      () => true,
    );
    // Whichever of the two it was.
    expect(failed ? 0 : world.failures.length).toBe(failed ? 0 : 1);
    fileSystem.heal();
    const before = fileSystem.calls.length;
    await world.print(logs, "y");
    await logs.flush(NAME);
    const synced = fileSystem.calls.slice(before).filter((call) => call === "handle.datasync");
    expect(synced).toHaveLength(2);
    await logs.close();
  });
});

describe("an index that tells of each byte by itself", () => {
  const COUNT = 60_000;
  const limits = { ...LIMITS, outputBytes: 16 * 1024 * 1024 };
  const momentOfByte = (place: number) => NOON + 2 * place;

  async function written(world: World): Promise<void> {
    const logs = await world.open({ limits });
    await world.print(logs, "x", NOON);
    await logs.close();
    const runs = Array.from({ length: COUNT }, (_, place) => ({
      count: 1,
      at: momentOfByte(place),
    }));
    await writeFile(world.path(`${FIRST}.log`), "x".repeat(COUNT));
    await writeFile(world.path(`${FIRST}.times`), encodedRuns(runs));
  }

  folderTest(
    "an index that tells of each byte by itself is read right wherever one looks, and goes on",
    async ({ folder }) => {
      const world = new World(folder);
      await written(world);
      const logs = await world.open({ limits });
      const look = async (from: number, to: number) => {
        const { times, next } = await logs.times(NAME, from, to, COUNT);
        expect(next).toBe(to);
        expect(times).toEqual(
          Array.from({ length: to - from }, (_, i) => [from + i, momentOfByte(from + i)]),
        );
      };
      for (const [from, to] of [
        [59_990, 60_000],
        [0, 3],
        [8_190, 8_195],
        [30_000, 50_000],
        [16_384, 16_385],
        [0, COUNT],
      ] as const)
        await look(from, to);
      await world.print(logs, "yy", NOON + 2 * COUNT + 7);
      expect(await timesOf(logs, COUNT - 1)).toEqual([
        [COUNT - 1, momentOfByte(COUNT - 1)],
        [COUNT, NOON + 2 * COUNT + 7],
      ]);
      await truncate(world.path(`${FIRST}.log`), 45_678);
      await logs.close();
      const again = await world.open({ limits });
      await world.print(again, "z", NOON + 1);
      expect(await timesOf(again, 45_676, undefined)).toEqual([
        [45_676, momentOfByte(45_676)],
        [45_677, momentOfByte(45_677)],
        [45_678, NOON + 1],
      ]);
      await again.close();
    },
  );

  folderTest(
    "an index that tells of each byte by itself is never read, or held, as a whole",
    async ({ folder }) => {
      const world = new World(folder);
      await written(world);
      const fileSystem = failingFileSystem();
      const logs = await world.open({ limits, fileSystem });
      const readsFor = async (from: number, to: number) => {
        const before = fileSystem.calls.length;
        await logs.times(NAME, from, to, 1_000);
        return fileSystem.calls.slice(before).filter((call) => call === "handle.read").length;
      };
      // Some 240 KB in all.
      expect(await readsFor(COUNT - 5, COUNT)).toBeGreaterThan(4);
      expect(await readsFor(COUNT - 5, COUNT)).toBe(0);
      // The first append after a start reads all of the index once.
      await world.print(logs, "y", NOON + 3 * COUNT - 1);
      await readsFor(COUNT, COUNT + 1);
      for (let i = 0; i < 5; i++) {
        const from = logs.next(NAME);
        await world.print(logs, "y", NOON + 3 * COUNT + i);
        expect(await readsFor(from, from + 1)).toBeLessThanOrEqual(1);
      }
      expect(await readsFor(20_000, 20_010)).toBeLessThanOrEqual(2);
      await logs.close();
    },
  );
});

describe("whatever happens to the files", () => {
  folderTest("no byte has a wrong time", async ({ folder }) => {
    await seeded(async (chance) => {
      for (let round = 0; round < 20; round++) {
        const world = new World(join(folder, `${round}`));
        const came: Moment[] = [];
        for (let life = 0; life < 4; life++) {
          const logs = await world.open();
          came.length = logs.next(NAME);
          const check = async () => {
            const found = await timeOfEach(logs);
            expect(found).toHaveLength(came.length);
            for (const [i, at] of found.entries()) expect([came[i], null]).toContain(at);
          };
          if (chance.below(2) === 0) await check();
          for (let i = chance.below(12); i > 0; i--) {
            world.wall += chance.below(5) === 0 ? -chance.below(100_000) : chance.below(20_000);
            const count = 1 + chance.below(chance.pick([3, 90]));
            await world.print(logs, "x".repeat(count));
            came.push(...Array.from({ length: count }, () => world.wall));
            if (chance.below(4) === 0) await check();
          }
          await check();
          await logs.close();
          await harm(world, chance.below(6), chance.below);
        }
      }
    });
  });
});

/** Damage that a crash, or somebody, may do to the newest files. */
async function harm(world: World, kind: number, below: (limit: number) => number): Promise<void> {
  const names = await world.files().catch(() => [] as string[]);
  const froms = names.flatMap((name) => parseSegmentName(name)?.from ?? []);
  if (froms.length === 0) return;
  const newest = `step-0.attempt-1.from-${Math.max(...froms)}`;
  const bytes = world.path(`${newest}.log`);
  const times = world.path(`${newest}.times`);
  const sizeOf = async (path: string) => (await stat(path).catch(() => ({ size: 0 }))).size;
  const shorter = async (path: string) => {
    const size = await sizeOf(path);
    if (size > 0) await truncate(path, below(size));
  };
  if (kind === 0) await shorter(bytes);
  if (kind === 1) await shorter(times);
  if (kind === 2) await rm(times, { force: true });
  if (kind === 3) await appendFile(times, Buffer.alloc(1 + below(30)));
  if (kind === 4) {
    await shorter(bytes);
    await shorter(times);
  }
  if (kind === 5) expect((await readFile(bytes)).length).toBe(await sizeOf(bytes));
}
