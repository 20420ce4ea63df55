/** The lock as a fence: whoever no longer has the folder changes nothing in it, and says so. */
import { chmod, cp, link, mkdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { DataDirLock } from "../../../../server/machine/lock/dataDirLock.js";
import { lockDataDir } from "../../../../server/machine/lock/lockDataDir.js";
import { SyncError } from "../../../../shared/errors.js";
import { lockIn } from "../../../support/disks/plantedLock.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

async function held(folder: string) {
  const dataDir = join(folder, "data");
  await mkdir(dataDir, { mode: 0o700 });
  return { dataDir, lock: await lockDataDir(dataDir) };
}

const refusalOf = (lock: DataDirLock) =>
  lock.prove().then(
    () => null,
    (error: unknown) => error as SyncError,
  );

describe("the proof that a data folder is still ours", () => {
  folderTest(
    "the proof that a data folder is still ours holds as long as nothing happens",
    async ({ folder }) => {
      const { dataDir, lock } = await held(folder);
      await lock.prove();
      await mkdir(join(dataDir, "workflows"));
      await chmod(lockIn(dataDir), 0o640);
      await chmod(dataDir, 0o755);
      await lock.prove();
      await lock.release();
    },
  );

  const LOSSES: Record<string, readonly [(dataDir: string) => Promise<unknown>, string]> = {
    "the folder was removed": [(dataDir) => rm(dataDir, { recursive: true }), "gone"],
    "a file is in its place": [
      async (dataDir) => {
        await rm(dataDir, { recursive: true });
        await writeFile(dataDir, "");
      },
      "another folder",
    ],
    "an empty folder is in its place": [
      async (dataDir) => {
        await rm(dataDir, { recursive: true });
        await mkdir(dataDir);
      },
      "another folder",
    ],
    "a copy is in its place": [
      async (dataDir) => {
        await cp(dataDir, `${dataDir}.copy`, {
          recursive: true,
          filter: (from) => !from.endsWith(".sock"),
        });
        await rename(dataDir, `${dataDir}.old`);
        await rename(`${dataDir}.copy`, dataDir);
      },
      "another folder",
    ],
    "a folder with the same lock file is in its place": [
      async (dataDir) => {
        await mkdir(`${dataDir}.other`);
        await link(lockIn(dataDir), lockIn(`${dataDir}.other`));
        await rename(dataDir, `${dataDir}.old`);
        await rename(`${dataDir}.other`, dataDir);
      },
      "another folder",
    ],
    "its lock was removed": [(dataDir) => unlink(lockIn(dataDir)), "removed"],
    "its lock was replaced by a copy": [
      async (dataDir) => {
        const text = await readFile(lockIn(dataDir));
        await unlink(lockIn(dataDir));
        await writeFile(lockIn(dataDir), text);
      },
      "taken over",
    ],
    "its lock was written over": [(dataDir) => writeFile(lockIn(dataDir), "{}"), "taken over"],
    "its lock was emptied": [(dataDir) => writeFile(lockIn(dataDir), ""), "taken over"],
  };
  for (const [name, [lose, why]] of Object.entries(LOSSES)) {
    folderTest(`fails where ${name}`, async ({ folder }) => {
      const { dataDir, lock } = await held(folder);
      await lose(dataDir);
      for (let again = 0; again < 3; again++) {
        const error = await refusalOf(lock);
        expect(error).toBeInstanceOf(SyncError);
        expect(error).toMatchObject({
          code: "not_saved",
          message: expect.stringMatching(new RegExp(`${why}.*nothing was changed`)),
        });
        expect(error?.message).not.toContain(folder);
      }
      await lock.release();
    });
  }

  folderTest(
    "the proof that a data folder is still ours holds again where the very folder comes back",
    async ({ folder }) => {
      const { dataDir, lock } = await held(folder);
      await rename(dataDir, `${dataDir}.away`);
      expect(await refusalOf(lock)).toMatchObject({ code: "not_saved" });
      await rename(`${dataDir}.away`, dataDir);
      await lock.prove();
      await lock.release();
    },
  );

  folderTest("survives a backup by hard links", async ({ folder }) => {
    const { dataDir, lock } = await held(folder);
    await link(lockIn(dataDir), join(folder, "backup"));
    await lock.prove();
    await lock.release();
  });

  folderTest(
    "the proof that a data folder is still ours tells a disk that does not answer from a folder that is lost",
    async ({ folder }) => {
      const real = await import("node:fs/promises");
      let isBroken = false;
      const lock = await lockDataDir(folder, {
        fileSystem: {
          ...real,
          lstat: ((...args: Parameters<typeof real.lstat>) => {
            if (isBroken) throw Object.assign(new Error("EIO"), { code: "EIO" });
            return real.lstat(...args);
          }) as typeof real.lstat,
        },
      });
      isBroken = true;
      expect(await refusalOf(lock)).toMatchObject({ code: "EIO" });
      isBroken = false;
      await lock.prove();
      await lock.release();
    },
  );

  folderTest("fails once the folder was given back", async ({ folder }) => {
    const { lock } = await held(folder);
    await lock.release();
    expect(await refusalOf(lock)).toMatchObject({ code: "not_saved" });
    await lock.release();
  });

  for (const code of ["EROFS", "EIO", "EACCES"]) {
    folderTest(
      `a lock is given back also where that is refused with ${code}`,
      async ({ folder }) => {
        const real = await import("node:fs/promises");
        let isRefusing = false;
        const refused = (call: (...args: never[]) => unknown) =>
          ((...args: never[]) => {
            if (isRefusing) throw Object.assign(new Error(code), { code });
            return call(...args);
          }) as never;
        const left: unknown[] = [];
        const lock = await lockDataDir(folder, {
          fileSystem: { ...real, unlink: refused(real.unlink), rename: refused(real.rename) },
          onLeft: (error) => left.push(error),
        });
        isRefusing = true;
        await lock.release();
        expect(left).toEqual([expect.objectContaining({ code })]);
        await (await lockDataDir(folder)).release();
      },
    );
  }
});
