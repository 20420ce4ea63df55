/** The store of output: what is kept of it, what a crash and a failing disk leave of it. */
import {
  appendFile,
  mkdir,
  readdir,
  readlink,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk } from "../../../server/machine/disk.js";
import { fileNameOf } from "../../../server/machine/fileName.js";
import { OutputStore } from "../../../server/output/outputStore.js";
import type { OutputStoreOptions } from "../../../server/output/outputStoreOptions.js";
import { FileStore } from "../../../server/state/store/fileStore.js";
import { LIMITS } from "../../../shared/limits.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { failingFileSystem } from "../../support/disks/failingFileSystem.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf } from "../../support/disks/records.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";

/** Segments of 64 bytes, 8 of them for each half. */
const OUTPUT_BYTES = 1024;
const NAME = { workflow_id: "deploy", epoch: "e1", step: 0, attempt: 1 };
const FOLDER = `${fileNameOf("deploy")}.e1`;

async function withDeploy(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.commit(recordOf(), null);
  return store;
}

async function opened(
  dataDir: string,
  { store, ...options }: Partial<OutputStoreOptions> & { store?: MemoryStore } = {},
): Promise<OutputStore> {
  const commits = commitsOf(store ?? (await withDeploy()));
  return OutputStore.open({
    dataDir,
    commits,
    limits: { ...LIMITS, outputBytes: OUTPUT_BYTES },
    elapsed: () => 0,
    ...options,
  });
}

/** All there is from `from` on, with what is left out as `<n>`. */
async function all(logs: OutputStore, name = NAME, from = 0): Promise<string> {
  let text = "";
  for (let at = from; at < logs.next(name); ) {
    const chunk = await logs.read(name, at, 50);
    if (chunk.skipped > 0) text += `<${chunk.skipped}>`;
    text += chunk.bytes;
    at = chunk.next;
  }
  return text;
}

const numbers = (from: number, to: number): string => {
  let text = "";
  for (let i = from; i < to; i += 4) text += `${i.toString().padStart(4, "0")}`;
  return text;
};

describe("output", () => {
  folderTest("output is written to one file after another", async ({ folder }) => {
    const logs = await opened(folder);
    expect(await logs.append(NAME, Buffer.from(numbers(0, 100)))).toEqual({ from: 0, next: 100 });
    expect(await logs.append(NAME, Buffer.from(numbers(100, 200)))).toMatchObject({ from: 100 });
    expect(await all(logs)).toBe(numbers(0, 200));
    const path = join(folder, "logs", FOLDER);
    expect((await readdir(path)).sort()).toEqual([
      "step-0.attempt-1.from-0.log",
      "step-0.attempt-1.from-128.log",
      "step-0.attempt-1.from-192.log",
      "step-0.attempt-1.from-64.log",
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(path))
      expect((await stat(join(path, name))).mode & 0o777).toBe(0o600);
    await logs.close();
  });

  folderTest(
    "output keeps its beginning and its newest part, and offsets that stay",
    async ({ folder }) => {
      const logs = await opened(folder);
      for (let i = 0; i < 2000; i += 40) await logs.append(NAME, Buffer.from(numbers(i, i + 40)));
      const leftOut = 2000 - (2000 % 64) - 7 * 64 - 512;
      expect(await all(logs)).toBe(`${numbers(0, 512)}<${leftOut}>${numbers(512 + leftOut, 2000)}`);
      expect(await all(logs, NAME, 600)).toBe(
        `<${512 + leftOut - 600}>${numbers(512 + leftOut, 2000)}`,
      );
      expect(await readdir(join(folder, "logs", FOLDER))).toHaveLength(16);
      expect(logs.hasAll(NAME, 0, 512)).toBe(true);
      expect(logs.hasAll(NAME, 0, 513)).toBe(false);
      expect(logs.hasAll(NAME, 512 + leftOut, 2000)).toBe(true);
      await logs.close();

      const again = await opened(folder);
      expect(await all(again)).toBe(
        `${numbers(0, 512)}<${leftOut}>${numbers(512 + leftOut, 2000)}`,
      );
      expect(await again.append(NAME, Buffer.from("x"))).toEqual({ from: 2000, next: 2001 });
      await again.close();
    },
  );

  folderTest("longer than the limit in one piece is cut like any other", async ({ folder }) => {
    const logs = await opened(folder);
    expect(await logs.append(NAME, Buffer.from(numbers(0, 4000)))).toEqual({ from: 0, next: 4000 });
    expect(await all(logs, NAME, 3600)).toBe(numbers(3600, 4000));
    expect(await readdir(join(folder, "logs", FOLDER))).toHaveLength(16);
    await logs.close();
  });

  folderTest("output is appended in order, however many ask at once", async ({ folder }) => {
    const logs = await opened(folder);
    const heard: number[] = [];
    logs.listen((name) => heard.push(logs.next(name)));
    const pieces = Array.from({ length: 40 }, (_, i) => numbers(i * 20, i * 20 + 20));
    const appended = await Promise.all(pieces.map((text) => logs.append(NAME, Buffer.from(text))));
    expect(appended.map(({ from }) => from)).toEqual(pieces.map((_, i) => i * 20));
    expect(heard).toEqual(pieces.map((_, i) => i * 20 + 20));
    expect(await all(logs)).toBe(numbers(0, 800));
    await logs.close();
  });

  folderTest("the output of a thousand steps needs no thousand open files", async ({ folder }) => {
    const logs = await opened(folder);
    const names = Array.from({ length: 1000 }, (_, step) => ({ ...NAME, step }));
    await Promise.all(names.map((name) => logs.append(name, Buffer.from(`${name.step}`))));
    expect(await openFilesIn(folder)).toBeLessThanOrEqual(128);
    for (const name of names) expect(await all(logs, name)).toBe(`${name.step}`);
    await logs.close();
    expect(await openFilesIn(folder)).toBe(0);
  });
});

describe("a file that a crash cut short", () => {
  folderTest(
    "an output ends where a crash cut its file short, and goes on from there",
    async ({ folder }) => {
      const logs = await opened(folder);
      await logs.append(NAME, Buffer.from(numbers(0, 100)));
      await logs.close();
      const path = join(folder, "logs", FOLDER);
      await truncate(join(path, "step-0.attempt-1.from-64.log"), 10);
      const again = await opened(folder);
      expect(again.next(NAME)).toBe(74);
      await again.append(NAME, Buffer.from("."));
      expect(await all(again)).toBe(`${numbers(0, 100).slice(0, 74)}.`);
      await again.close();
    },
  );

  folderTest(
    "a file that a crash cut short in the middle leaves a gap, and no byte at a wrong offset",
    async ({ folder }) => {
      const logs = await opened(folder);
      await logs.append(NAME, Buffer.from(numbers(0, 200)));
      await logs.close();
      const path = join(folder, "logs", FOLDER);
      await truncate(join(path, "step-0.attempt-1.from-64.log"), 0);
      const again = await opened(folder);
      expect(await all(again)).toBe(`${numbers(0, 64)}<64>${numbers(128, 200)}`);
      await again.close();
    },
  );

  folderTest(
    "a file that a crash left too long is not taken for more than fits before the next",
    async ({ folder }) => {
      const logs = await opened(folder);
      await logs.append(NAME, Buffer.from(numbers(0, 100)));
      await logs.close();
      await appendFile(join(folder, "logs", FOLDER, "step-0.attempt-1.from-0.log"), "junk");
      const again = await opened(folder);
      expect(await all(again)).toBe(numbers(0, 100));
      await again.close();
    },
  );
});

describe("a disk that refuses", () => {
  folderTest(
    "a disk that refuses leaves nothing of what it refused, whichever call fails",
    async ({ folder }) => {
      for (let n = 0; ; n++) {
        const fileSystem = failingFileSystem();
        const dataDir = join(folder, `${n}`);
        const logs = await opened(dataDir, { fileSystem });
        await logs.append(NAME, Buffer.from(numbers(0, 40)));
        const heard: number[] = [];
        logs.listen((name) => heard.push(logs.next(name)));
        fileSystem.failAt(n, n % 2 ? "ENOSPC" : "EIO");
        const before = fileSystem.calls.length;
        const refused = await logs.append(NAME, Buffer.from(numbers(40, 200))).then(
          () => null,
          (error) => error.code,
        );
        const isOver = fileSystem.calls.length - before <= n;
        if (isOver) expect(refused).toBeNull();
        else {
          expect(refused).toBe(n % 2 ? "storage_full" : "not_saved");
          expect([logs.next(NAME), heard]).toEqual([40, []]);
        }
        fileSystem.heal();
        if (refused) await logs.append(NAME, Buffer.from("....".repeat(10)), { at: 40 });
        const expected = refused ? `${numbers(0, 40)}${"....".repeat(10)}` : numbers(0, 200);
        expect(await all(logs)).toBe(expected);
        await logs.close();
        // Also what the next start finds.
        const again = await opened(dataDir);
        expect(await all(again)).toBe(expected);
        await again.close();
        if (isOver) break;
      }
    },
  );

  folderTest("a disk that refuses for good brings no byte back later", async ({ folder }) => {
    const fileSystem = failingFileSystem();
    const logs = await opened(folder, { fileSystem });
    await logs.append(NAME, Buffer.from(numbers(0, 40)));
    fileSystem.failAt(1, "EIO", true);
    for (let i = 0; i < 3; i++)
      await expect(logs.append(NAME, Buffer.from(numbers(40, 200)))).rejects.toMatchObject({
        code: "not_saved",
      });
    fileSystem.heal();
    await logs.append(NAME, Buffer.from("x"));
    await logs.close();
    const again = await opened(folder);
    expect(await all(again)).toBe(`${numbers(0, 40)}x`);
    await again.close();
  });

  folderTest(
    "a disk that cannot make output durable refuses the report, once",
    async ({ folder }) => {
      const fileSystem = failingFileSystem();
      const logs = await opened(folder, { fileSystem });
      await logs.append(NAME, Buffer.from("x"));
      fileSystem.failAt(0, "EIO");
      await expect(logs.flush(NAME)).rejects.toMatchObject({ code: "not_saved" });
      await logs.flush(NAME);
      await logs.append(NAME, Buffer.from("y"));
      const before = fileSystem.calls.length;
      await logs.flush(NAME);
      expect(fileSystem.calls.slice(before)).toContain("handle.datasync");
      await logs.flush(NAME);
      expect(await all(logs)).toBe("xy");
      await logs.close();
    },
  );
});

describe("output goes with its workflow", () => {
  const folders = (folder: string) => readdir(join(folder, "logs"));

  folderTest(
    "output goes when its workflow is removed, forgotten, or cleared with a trace",
    async ({ folder }) => {
      for (const end of ["removed", "forgotten", "cleared"]) {
        const store = await withDeploy();
        const record = store.open.get("deploy")!;
        const logs = await opened(folder, { store });
        await logs.append(NAME, Buffer.from("x"));
        expect(await folders(folder)).toEqual([FOLDER]);
        if (end === "removed") await store.remove(record);
        if (end === "cleared") await store.commit({ ...record, state: null }, record);
        if (end === "forgotten") {
          await store.archive(record);
          expect(logs.next(NAME)).toBe(1);
          await store.forget("e1");
        }
        expect(logs.next(NAME)).toBe(0);
        await logs.close();
        expect(await folders(folder)).toEqual([]);
      }
    },
  );

  folderTest(
    "output that still waits to be appended goes with its workflow, too",
    async ({ folder }) => {
      const store = await withDeploy();
      const logs = await opened(folder, { store });
      const first = logs.append(NAME, Buffer.from("x"));
      const waiting = [1, 2, 3].map((i) => logs.append(NAME, Buffer.from(`${i}`)));
      const refusals = Promise.allSettled([first, ...waiting]);
      await store.remove(store.open.get("deploy")!);
      for (const result of (await refusals).slice(1)) {
        if (result.status === "rejected") expect(result.reason.code).toBe("unknown_workflow");
      }
      await logs.close();
      expect(await folders(folder)).toEqual([]);
    },
  );

  folderTest(
    "output stays while its workflow's record lies aside as damaged",
    async ({ folder }) => {
      const before = await opened(folder);
      await before.append(NAME, Buffer.from("mine"));
      await before.close();
      await mkdir(join(folder, "workflows"));
      await writeFile(join(folder, "workflows", `${fileNameOf("deploy")}.json`), "half a rec");
      for (const start of [1, 2]) {
        const { damages } = await FileStore.load(new Disk(), folder, () => start);
        const isSpared = (name: string) => damages.mayOwn(name);
        await (await opened(folder, { store: new MemoryStore(), isSpared })).close();
      }
      const found = await opened(folder);
      expect(await all(found)).toBe("mine");
      await found.close();
    },
  );

  folderTest(
    "output of a workflow that is gone at the start goes; what is not ours stays",
    async ({ folder }) => {
      const logs = await opened(folder);
      await logs.append(NAME, Buffer.from("x"));
      await logs.append({ ...NAME, epoch: "e2" }, Buffer.from("old life"));
      await logs.append({ ...NAME, workflow_id: "gone" }, Buffer.from("gone"));
      await logs.close();
      await mkdir(join(folder, "logs", "lost+found"));
      await writeFile(join(folder, "logs", FOLDER, "notes.txt"), "mine");
      const again = await opened(folder);
      expect((await folders(folder)).sort()).toEqual([FOLDER, "lost+found"].sort());
      expect(await all(again)).toBe("x");
      await again.close();
    },
  );

  folderTest("no output is read or written through a planted link", async ({ folder }) => {
    const logs = await opened(folder);
    await logs.append(NAME, Buffer.from("x"));
    await writeFile(join(folder, "secret"), "secret");
    const link = join(folder, "logs", FOLDER, "step-1.attempt-1.from-0.log");
    await symlink(join(folder, "secret"), link);
    await expect(logs.append({ ...NAME, step: 1 }, Buffer.from("y"))).rejects.toMatchObject({
      code: "not_saved",
    });
    expect((await stat(join(folder, "secret"))).size).toBe(6);
    await logs.close();
  });
});

async function openFilesIn(folder: string): Promise<number> {
  const links = await readdir("/proc/self/fd");
  const paths = await Promise.all(
    links.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  return paths.filter((path) => path.startsWith(join(folder, "logs"))).length;
}
