/** One server a data folder: taken from the dead, never from the living. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { DataDirLocked, lockDataDir } from "../../../server/state/lock.js";
import { folderTest } from "../../support/temporaryFolder.js";

const fileIn = (folder: string) => join(folder, "instep.lock");
const holderIn = async (folder: string) =>
  JSON.parse(await readFile(fileIn(folder), "utf8")) as Record<string, unknown>;
const refusal = (folder: string) =>
  lockDataDir(folder).then(
    () => null,
    (error: unknown) => error,
  );

describe("the lock of a data folder", () => {
  folderTest("is had by one, and told by its process number", async ({ folder }) => {
    const release = await lockDataDir(folder);
    const error = await refusal(folder);
    expect(error).toBeInstanceOf(DataDirLocked);
    expect(error).toMatchObject({
      pid: process.pid,
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await release();
    await (await lockDataDir(folder))();
    expect(await readdir(folder)).toEqual([]);
  });

  folderTest("goes to one of many who ask at once", async ({ folder }) => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(folder)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["instep.lock"]);
  });

  folderTest("is taken from a process that was killed, by one of many", async ({ folder }) => {
    const child = spawn("sleep", ["1000"]);
    const pid = child.pid!;
    const release = await lockDataDir(folder);
    const held = { ...(await holderIn(folder)), pid, started: await startOf(pid) };
    await release();
    await writeFile(fileIn(folder), JSON.stringify(held));
    expect(await refusal(folder)).toMatchObject({ pid });

    child.kill("SIGKILL");
    await once(child, "exit");
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(folder)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await holderIn(folder)).toMatchObject({ pid: process.pid });
  });

  folderTest("is taken also where somebody died while taking it", async ({ folder }) => {
    const release = await lockDataDir(folder);
    const held = { ...(await holderIn(folder)), started: "1" };
    await release();
    await writeFile(fileIn(folder), JSON.stringify(held));
    await writeFile(`${fileIn(folder)}.taking`, JSON.stringify({ ...held, nonce: "f".repeat(16) }));
    await (await lockDataDir(folder))();
    expect(await readdir(folder)).toEqual([]);
  });

  folderTest("is not kept by another process that has the old number", async ({ folder }) => {
    const release = await lockDataDir(folder);
    const self = await holderIn(folder);
    await release();
    await writeFile(fileIn(folder), JSON.stringify({ ...self, started: "1" }));
    await (await lockDataDir(folder))();
  });

  folderTest("does not outlive a reboot", async ({ folder }) => {
    const release = await lockDataDir(folder);
    const self = await holderIn(folder);
    await release();
    await writeFile(fileIn(folder), JSON.stringify({ ...self, boot_id: "another boot" }));
    await (await lockDataDir(folder))();
  });

  folderTest("of another host is not guessed about", async ({ folder }) => {
    const release = await lockDataDir(folder);
    const self = await holderIn(folder);
    await release();
    await writeFile(fileIn(folder), JSON.stringify({ ...self, hostname: `not-${hostname()}` }));
    expect(await refusal(folder)).toMatchObject({ message: expect.stringContaining("remove") });
  });

  for (const [kind, text] of [
    ["empty", ""],
    ["cut", '{"pid":1,"sta'],
    ["full of NULs", "\0".repeat(120)],
    ["not a lock at all", "42"],
  ] as const) {
    folderTest(`that is ${kind} is a dead one, and goes to one of many`, async ({ folder }) => {
      await writeFile(fileIn(folder), text);
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => lockDataDir(folder)),
      );
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await holderIn(folder)).toMatchObject({ pid: process.pid });
      expect(await readdir(folder)).toEqual(["instep.lock"]);
    });
  }

  folderTest("that is being taken by a cut guard is taken all the same", async ({ folder }) => {
    await writeFile(fileIn(folder), "");
    await writeFile(`${fileIn(folder)}.taking`, "");
    await (await lockDataDir(folder))();
    expect(await readdir(folder)).toEqual([]);
  });
});

async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
