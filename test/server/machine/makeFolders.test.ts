/** Folders that are made with those they are in, also where nothing can be made. */
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolders } from "../../../server/machine/makeFolders.js";
import { systemFiles } from "../../../server/machine/systemFiles.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";

const made = (path: string) => makeFolders(systemFiles, path, 0o700);

describe("a folder that is made with those it is in", () => {
  folderTest("a folder is said by the outermost one that was not there", async ({ folder }) => {
    expect(await made(join(folder, "a", "b", "c"))).toBe(join(folder, "a"));
    expect(statSync(join(folder, "a", "b", "c")).mode & 0o777).toBe(0o700);
    expect(await made(join(folder, "a", "b", "d"))).toBe(join(folder, "a", "b", "d"));
    expect(await made(join(folder, "a", "b"))).toBe(undefined);
    expect(await made("/")).toBe(undefined);
  });

  folderTest(
    "a folder may be behind a link to another, and behind two dots",
    async ({ folder }) => {
      mkdirSync(join(folder, "real"));
      symlinkSync("real", join(folder, "link"));
      expect(await made(join(folder, "link", "a"))).toBe(join(folder, "link", "a"));
      expect(await made(join(folder, "link"))).toBe(undefined);
      await made(`${folder}/none/../other`);
      expect(existsSync(join(folder, "other"))).toBe(true);
    },
  );

  folderTest(
    "a folder is refused below a file, and behind a link to nothing",
    async ({ folder }) => {
      writeFileSync(join(folder, "file"), "");
      symlinkSync("nothing", join(folder, "broken"));
      await expect(made(join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
      await expect(made(join(folder, "file", "a"))).rejects.toMatchObject({ code: "ENOTDIR" });
      await expect(made(join(folder, "broken", "a"))).rejects.toMatchObject({
        code: expect.stringMatching(/^(ENOENT|EEXIST|ENOTDIR)$/),
      });
    },
  );

  folderTest("a folder is made once by many at once", async ({ folder }) => {
    const path = join(folder, "a", "b", "c");
    await Promise.all(Array.from({ length: 20 }, () => made(path)));
    expect(existsSync(path)).toBe(true);
  });

  test.skipIf(!existsSync("/proc/self"))(
    "a folder is refused where the system has one in which nothing can be made",
    async () => {
      await expect(made("/proc/instep/data")).rejects.toMatchObject({ code: "ENOENT" });
    },
  );
});
