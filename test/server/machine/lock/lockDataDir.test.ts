/** One server a data folder: taken from the dead, never from the living. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as nodeFileSystem from "node:fs/promises";
import {
  type link,
  mkdir,
  readdir,
  rm,
  symlink,
  truncate,
  unlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { DataDirLocked } from "../../../../server/machine/lock/dataDirLocked.js";
import { lockDataDir } from "../../../../server/machine/lock/lockDataDir.js";
import { processOf } from "../../../../server/machine/processes.js";
import { holderIn, lockIn, plantLock } from "../../../support/disks/plantedLock.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const SOCKET = /^instep\.[0-9a-f]{16}\.sock$/;
const NO_PROCESS = { pid: 2 ** 22 - 1, started: "1" };

const refusal = (folder: string) =>
  lockDataDir(folder).then(
    () => null,
    (error: unknown) => error,
  );
const many = (folder: string) =>
  Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(folder)));

async function takenByOneOfMany(folder: string): Promise<void> {
  const results = await many(folder);
  const taken = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(taken).toHaveLength(1);
  for (const one of results) {
    if (one.status === "rejected") expect(one.reason).toBeInstanceOf(DataDirLocked);
  }
  await taken[0]!.prove();
  expect(await holderIn(folder)).toMatchObject({ pid: process.pid });
  expect((await readdir(folder)).sort()).toEqual([expect.stringMatching(SOCKET), "instep.lock"]);
  await taken[0]!.release();
  expect(await readdir(folder)).toEqual([]);
}

describe("the lock of a data folder", () => {
  folderTest(
    "the lock of a data folder is had by one process, and told by its process number",
    async ({ folder }) => {
      const lock = await lockDataDir(folder);
      const error = await refusal(folder);
      expect(error).toBeInstanceOf(DataDirLocked);
      expect(error).toMatchObject({
        pid: process.pid,
        message: expect.stringContaining(`process ${process.pid}`),
      });
      await lock.release();
      await (await lockDataDir(folder)).release();
      expect(await readdir(folder)).toEqual([]);
    },
  );

  folderTest("the lock of a data folder goes to one of many who ask at once", ({ folder }) =>
    takenByOneOfMany(folder),
  );

  folderTest(
    "works in a folder whose path is longer than a socket's may be",
    async ({ folder }) => {
      const deep = join(folder, "x".repeat(200), "y".repeat(200));
      await mkdir(deep, { recursive: true });
      await takenByOneOfMany(deep);
    },
  );

  folderTest(
    "the lock of a data folder is taken from a process that was killed, by one of many",
    async ({ folder }) => {
      const child = spawn("sleep", ["1000"]);
      const pid = child.pid!;
      await plantLock(folder, { pid, started: processOf(pid)?.started });
      expect(await refusal(folder)).toMatchObject({ pid });

      child.kill("SIGKILL");
      await once(child, "exit");
      await takenByOneOfMany(folder);
    },
  );

  for (const [kind, text] of [
    ["empty", ""],
    ["cut", '{"pid":1,"sta'],
    ["full of NULs", "\0".repeat(120)],
    ["longer than any", " ".repeat(100_000)],
    ["not a lock at all", "42"],
    [
      "of a nonce that leads elsewhere",
      '{"pid":1,"started":null,"boot_id":null,"hostname":"h","nonce":"/../../../x/y"}',
    ],
  ] as const) {
    folderTest(
      `a lock of a data folder that is ${kind} is a dead one, and goes to one of many`,
      async ({ folder }) => {
        await writeFile(lockIn(folder), text);
        await takenByOneOfMany(folder);
      },
    );
  }

  folderTest("cut at any byte is a dead one", async ({ folder }) => {
    await plantLock(folder, NO_PROCESS);
    const { length } = JSON.stringify(await holderIn(folder));
    await rm(lockIn(folder));
    for (let bytes = 0; bytes < length; bytes += 7) {
      await plantLock(folder, {});
      await truncate(lockIn(folder), bytes);
      await (await lockDataDir(folder)).release();
    }
  });

  folderTest(
    "a lock of a data folder whose place holds something else is named",
    async ({ folder }) => {
      for (const make of [
        () => mkdir(lockIn(folder)),
        () => symlink("/etc/passwd", lockIn(folder)),
        () => once(spawn("mkfifo", [lockIn(folder)]), "exit"),
        () => once(createServer().listen(lockIn(folder)).unref(), "listening"),
      ]) {
        await make();
        expect(await refusal(folder)).toMatchObject({
          name: "DataDirLocked",
          message: expect.stringContaining(`${lockIn(folder)} is no file`),
        });
        await rm(lockIn(folder), { recursive: true });
      }
    },
  );

  folderTest(
    "the lock of a data folder is not kept by another process that has the old number",
    async ({ folder }) => {
      await plantLock(folder, { started: "1" });
      await (await lockDataDir(folder)).release();
    },
  );

  folderTest(
    "the lock of a data folder does not outlive a reboot, under whatever host name",
    async ({ folder }) => {
      await plantLock(folder, { boot_id: "another boot" });
      await (await lockDataDir(folder)).release();
      await plantLock(folder, { boot_id: "another boot", hostname: "renamed", machine: null });
      await (await lockDataDir(folder)).release();
    },
  );

  folderTest(
    "a lock of an earlier version, without a socket, goes by its number",
    async ({ folder }) => {
      const older = { pid_namespace: undefined, machine: undefined, inode: undefined };
      await plantLock(folder, older);
      expect(await refusal(folder)).toMatchObject({ pid: process.pid });
      await rm(lockIn(folder));
      await plantLock(folder, { ...older, ...NO_PROCESS });
      await (await lockDataDir(folder)).release();
    },
  );

  folderTest(
    "a lock without a socket, of numbers that do not count here, is taken only when somebody says so",
    async ({ folder }) => {
      await plantLock(folder, { ...NO_PROCESS, pid_namespace: "pid:[1]", hostname: "elsewhere" });
      expect(await refusal(folder)).toMatchObject({
        pid: NO_PROCESS.pid,
        message: expect.stringMatching(/process \d+ on elsewhere.*--take-over/),
      });
      await (await lockDataDir(folder, { takeOver: true })).release();
    },
  );

  folderTest("the lock of a living server is not taken, whoever says so", async ({ folder }) => {
    const lock = await lockDataDir(folder);
    await expect(lockDataDir(folder, { takeOver: true })).rejects.toBeInstanceOf(DataDirLocked);
    await lock.release();
  });

  folderTest(
    "a lock of a data folder that came back with a backup is a copy, and nobody's",
    async ({ folder }) => {
      await plantLock(folder, { inode: "1" });
      await takenByOneOfMany(folder);
    },
  );

  folderTest(
    "a lock of a data folder that was removed under a living server does not let another one in",
    async ({ folder }) => {
      const lock = await lockDataDir(folder);
      await unlink(lockIn(folder));
      expect(await refusal(folder)).toMatchObject({
        name: "DataDirLocked",
        message: expect.stringContaining("still runs"),
      });
      expect(await readdir(folder)).toEqual([expect.stringMatching(SOCKET)]);
      await lock.release();
      await takenByOneOfMany(folder);
    },
  );

  folderTest(
    "the lock of a data folder is not given back by somebody who no longer has it",
    async ({ folder }) => {
      const lock = await lockDataDir(folder);
      await rm(folder, { recursive: true });
      await mkdir(folder, { mode: 0o700 });
      const next = await lockDataDir(folder);
      await lock.release();
      await next.prove();
      await next.release();
    },
  );

  folderTest("a lock is not sensitive to a host name alone", async ({ folder }) => {
    await plantLock(folder, { hostname: `not-${hostname()}`, ...NO_PROCESS });
    await takenByOneOfMany(folder);
  });

  folderTest("a disk that cannot hold a lock is named as the reason", async ({ folder }) => {
    const noLinks: typeof link = async () => {
      throw Object.assign(new Error("no"), { code: "EPERM" });
    };
    const fileSystem = { ...(await import("node:fs/promises")), link: noLinks };
    await expect(lockDataDir(folder, { fileSystem })).rejects.toThrow("has no hard links");
    expect(await readdir(folder)).toEqual([]);
  });

  for (const code of ["EMFILE", "ENOSPC", "EROFS", "EIO"]) {
    for (const call of ["open", "link", "chmod", "rename", "readdir"] as const) {
      folderTest(
        `a lock leaves nothing behind where ${call} fails with ${code}`,
        async ({ folder }) => {
          const real = await import("node:fs/promises");
          for (let nth = 0; nth < 4; nth++) {
            let calls = 0;
            const failing = (...args: unknown[]) => {
              if (calls++ !== nth) return (real[call] as (...all: unknown[]) => unknown)(...args);
              throw Object.assign(new Error(code), { code });
            };
            const fileSystem = { ...real, [call]: failing };
            const outcome = await lockDataDir(folder, { fileSystem }).catch(
              (error: unknown) => error,
            );
            if (outcome instanceof Error) expect(outcome).toMatchObject({ code });
            else await (outcome as Awaited<ReturnType<typeof lockDataDir>>).release();
            expect(await readdir(folder)).toEqual([]);
          }
        },
      );
    }
  }

  /** As a folder looks that is mounted from elsewhere. */
  const NFS = 0x6969;
  const onDisk = (type: number) => ({
    ...nodeFileSystem,
    statfs: (async () => ({ type })) as never,
  });
  const OTHER_BOOT = { boot_id: "another boot", ...NO_PROCESS };
  const INITIAL = "pid:[4026531836]";
  for (const [name, holder, isTaken] of [
    ["of a machine that was restarted", { ...OTHER_BOOT, machine: "ours" }, true],
    ["of a container of another machine", { ...OTHER_BOOT, machine: null }, false],
    ["of another machine of that name", { ...OTHER_BOOT, machine: "theirs" }, false],
    ["of a machine with the same id", { ...OTHER_BOOT, machine: "ours", hostname: "twin" }, false],
    ["of this boot, its process gone", { ...NO_PROCESS, pid_namespace: INITIAL }, true],
    ["of this boot, its process alive", {}, false],
    ["of this boot, from another container", { ...NO_PROCESS, pid_namespace: "pid:[1]" }, false],
    [
      "of an earlier version and another host",
      { ...OTHER_BOOT, machine: undefined, hostname: "old" },
      false,
    ],
  ] as const) {
    folderTest(
      `${name}, on a disk that machines may share, is ${isTaken ? "taken" : "left until somebody says that it is dead"}`,
      async ({ folder }) => {
        const self = await ownHolder(folder);
        const ours = (value: unknown) => (value === "ours" ? self.machine : value);
        const known = Object.entries(holder).map(([key, value]) => [key, ours(value)]);
        await plantLock(folder, Object.fromEntries(known));
        const isTold = self.machine !== null && self.pid_namespace === INITIAL;
        if (!isTold && JSON.stringify(holder).includes("ours")) return;
        const options = { fileSystem: onDisk(NFS) };
        if (!isTaken) await expect(lockDataDir(folder, options)).rejects.toThrow(DataDirLocked);
        const isAlive = Object.keys(holder).length === 0;
        if (isAlive) return;
        await (await lockDataDir(folder, { ...options, takeOver: !isTaken })).release();
      },
    );
  }

  folderTest("excludes others also where there can be no socket", async ({ folder }) => {
    const deep = join(folder, "x".repeat(120));
    await mkdir(deep);
    const noProc = {
      ...nodeFileSystem,
      stat: (async (path: string, ...rest: []) => {
        if (path.startsWith("/proc/")) throw Object.assign(new Error(), { code: "ENOENT" });
        return nodeFileSystem.stat(path, ...rest);
      }) as never,
    };
    const lock = await lockDataDir(deep, { fileSystem: noProc });
    expect(await readdir(deep)).toEqual(["instep.lock"]);
    expect(await refusal(deep)).toMatchObject({ pid: process.pid });
    await lock.prove();
    await lock.release();
    await plantLock(deep, NO_PROCESS);
    await (await lockDataDir(deep, { fileSystem: noProc })).release();
  });
});

async function ownHolder(folder: string): Promise<Record<string, unknown>> {
  const lock = await lockDataDir(folder);
  const self = await holderIn(folder);
  await lock.release();
  return self;
}
