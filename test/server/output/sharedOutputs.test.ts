/** Output read from the folder of another node: what is there, also while that node writes, and nothing in it is touched. */
import { appendFile, mkdir, readdir, rm, stat, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { fileNameOf } from "../../../server/machine/fileName.js";
import { systemFiles } from "../../../server/machine/systemFiles.js";
import { OutputStore } from "../../../server/output/outputStore.js";
import type { SharedOutput } from "../../../server/output/shared/sharedOutput.js";
import { SharedOutputs } from "../../../server/output/shared/sharedOutputs.js";
import { LIMITS } from "../../../shared/limits.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf, stateOf } from "../../support/disks/records.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";

/** Segments of 64 bytes, 8 of them for each half. */
const OUTPUT_BYTES = 1024;
const NAME = { workflow_id: "deploy", epoch: "e1", step: 0, attempt: 1 };
const FOLDER = join("a", "logs", `${fileNameOf("deploy")}.e1`);
const RECORD = recordOf();
const NOON = 1_764_072_000_000;

interface World {
  /** Of node a. */
  readonly writer: OutputStore;
  readonly reader: SharedOutputs;
  print(text: string): Promise<unknown>;
  open(): Promise<SharedOutput>;
}

const it = folderTest.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const store = new MemoryStore();
    await store.commit(RECORD, null);
    const writer = await OutputStore.open({
      dataDir: join(folder, "a"),
      commits: commitsOf(store),
      limits: { ...LIMITS, outputBytes: OUTPUT_BYTES },
      elapsed: () => 0,
      now: () => NOON,
    });
    const reader = new SharedOutputs({ folder });
    await use({
      writer,
      reader,
      print: (text) => writer.append(NAME, Buffer.from(text)),
      open: async () => (await reader.open("a", RECORD, 0, 1))!,
    });
    await reader.close();
    await writer.close();
  },
});

/** All there is from `from` on, with what is left out as `<n>`. */
async function all(output: SharedOutput | OutputStore, from = 0, end = output.next(NAME)) {
  let text = "";
  for (let at = from; at < end; ) {
    const chunk = await output.read(NAME, at, 50);
    if (chunk.skipped > 0) text += `<${chunk.skipped}>`;
    if (chunk.next === at) break;
    text += chunk.bytes;
    at = chunk.next;
  }
  return text;
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, FOLDER));
  const sized = names.map(async (name) => {
    const { size, mtimeMs } = await stat(join(folder, FOLDER, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(sized)).sort();
}

describe("output in the folder of another node", () => {
  it("Output is read as that node reads it, with its times, its tail and its gap", async ({
    world,
  }) => {
    const { writer, print, open } = world;
    for (let line = 0; line < 40; line++) await print(`line ${line} `.padEnd(49, ".").concat("\n"));
    const output = await open();
    expect(output.next()).toBe(2_000);
    expect(await all(output)).toBe(await all(writer));
    expect(await all(output)).toMatch(/<\d+>/);
    expect(output.hasAll(NAME, 0, 2_000)).toBe(false);
    expect(output.hasAll(NAME, 1_900, 2_000)).toBe(true);
    expect(await output.tailStart(NAME, 70)).toBe(await writer.tailStart(NAME, 70));
    const times = await output.times(NAME, 0, 2_000, 100);
    expect(times).toEqual(await writer.times(NAME, 0, 2_000, 100));
    expect(times.times[0]).toEqual([0, NOON]);
  });

  it("Output is as it was when it was opened, and whoever opens it later sees more", async ({
    world,
  }) => {
    const { print, open } = world;
    await print("one\n");
    const before = await open();
    await print("two\n");
    expect([before.next(), await all(before)]).toEqual([4, "one\n"]);
    expect(await all(await open())).toBe("one\ntwo\n");
    await before.look();
    expect(await all(before)).toBe("one\ntwo\n");
  });

  it("Output comes whole and in order while its node writes, except where that has left it out", async ({
    world,
  }) => {
    const { writer, print, open } = world;
    const letter = (at: number) => String.fromCharCode(97 + (at % 26));
    const text = Array.from({ length: 6_000 }, (_, at) => letter(at)).join("");
    const writing = (async () => {
      for (let at = 0; at < text.length; at += 30) await print(text.slice(at, at + 30));
    })();
    let looks = 0;
    for (let end = 0; end < text.length; looks++) {
      const output = await open();
      expect(output.next()).toBeGreaterThanOrEqual(end);
      end = output.next();
      for (let at = 0; at < end; ) {
        const { bytes, from, next } = await output.read(NAME, at, 100);
        if (bytes.length === 0) break;
        expect(bytes.toString()).toBe(text.slice(from, next));
        at = next;
      }
    }
    await writing;
    expect(looks).toBeGreaterThan(0);
    expect(await all(await open())).toBe(await all(writer));
  });

  it("Nothing of it is made, cut or removed, not even what a crash left over", async ({
    world,
    folder,
  }) => {
    const { print, open } = world;
    await print("x".repeat(100));
    const stray = join(folder, FOLDER, "step-7.attempt-1.from-0.times");
    await appendFile(stray, "times of bytes that are not there");
    const before = await filesIn(folder);
    const output = await open();
    expect(await all(output)).toBe("x".repeat(100));
    await output.times(NAME, 0, 100, 10);
    expect(await filesIn(folder)).toEqual(before);
    expect(await readdir(join(folder, "a"))).toEqual(["logs"]);
  });

  it("A last segment that a power cut made shorter ends earlier, also while it is read", async ({
    world,
    folder,
  }) => {
    const { print, open } = world;
    await print("x".repeat(64) + "y".repeat(40));
    const before = await open();
    const last = join(folder, FOLDER, "step-0.attempt-1.from-64.log");
    await truncate(last, 10);
    expect(await all(before, 0, 104)).toBe("x".repeat(64) + "y".repeat(10));
    const after = await open();
    expect(after.next()).toBe(74);
    expect((await after.times(NAME, 0, 74, 10)).next).toBe(74);
  });

  it("Output that its node has removed reads as nothing, without an error", async ({
    world,
    folder,
  }) => {
    const { print, open } = world;
    await print("one\n");
    const output = await open();
    await rm(join(folder, FOLDER), { recursive: true });
    expect(await output.read(NAME, 0, 10)).toMatchObject({ from: 4, next: 4, skipped: 4 });
  });

  it("Where that node has no folder there is no output, and where it has one an unreported attempt is empty", async ({
    world,
  }) => {
    const { reader } = world;
    expect(await reader.open("b", RECORD, 0, 1)).toBeNull();
    expect(await reader.open("../a", RECORD, 0, 1)).toBeNull();
    expect((await reader.open("a", RECORD, 0, 1))?.next()).toBe(0);
    const [first] = stateOf().steps;
    const reported = recordOf({ state: stateOf({ steps: [{ ...first!, log_bytes: 8 }] }) });
    expect(await reader.open("a", reported, 0, 1)).toBeNull();
  });

  it("The output of a restored workflow is read under the epoch it was kept under", async ({
    world,
  }) => {
    const { reader, print } = world;
    await print("one\n");
    const restored = recordOf({ epoch: "e2", output_epoch: "e1" });
    expect(await all((await reader.open("a", restored, 0, 1))!)).toBe("one\n");
  });

  it("A link in place of a file is not followed", async ({ world, folder }) => {
    const { print, open } = world;
    await print("x".repeat(64));
    await appendFile(join(folder, "secret"), "secret");
    await symlink(join(folder, "secret"), join(folder, FOLDER, "step-0.attempt-1.from-64.log"));
    await mkdir(join(folder, FOLDER, "step-0.attempt-1.from-128.log"));
    expect(await all(await open())).toBe("x".repeat(64));
  });

  it("No file stays open, and once it is closed nothing is read", async ({ world, folder }) => {
    const { print } = world;
    await print("x".repeat(200));
    let open = 0;
    const reader = new SharedOutputs({
      folder,
      fileSystem: {
        ...systemFiles,
        open: async (...given) => {
          const handle = await systemFiles.open(...given);
          open += 1;
          const close = handle.close.bind(handle);
          handle.close = async () => {
            await close();
            open -= 1;
          };
          return handle;
        },
      },
    });
    const output = (await reader.open("a", RECORD, 0, 1))!;
    expect(await all(output)).toBe("x".repeat(200));
    await expect.poll(() => open).toBe(0);
    await reader.close();
    await expect(output.read(NAME, 0, 10)).rejects.toMatchObject({ code: "shutting_down" });
    await expect(reader.open("a", RECORD, 0, 1)).rejects.toMatchObject({ code: "shutting_down" });
  });
});
