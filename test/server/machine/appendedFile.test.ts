/** A file that only grows: its bytes are where they belong, and a refused write leaves nothing that counts. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { AppendedFile } from "../../../server/machine/appendedFile.js";
import { failingFileSystem } from "../../support/disks/failingFileSystem.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";

const line = (n: number) => Buffer.from(`line ${n}\n`);

async function created(folder: string) {
  const fs = failingFileSystem();
  const path = join(folder, "file");
  return { fs, path, file: await AppendedFile.create(fs, path) };
}

/** The file's bytes without the zeros behind them. */
const textOf = async (path: string) => (await readFile(path, "utf8")).replace(/\0*$/, "");

describe("a file that only grows", () => {
  folderTest(
    "a file has all that was appended, in order, and zeros behind it",
    async ({ folder }) => {
      const { path, file } = await created(folder);
      let wanted = "";
      // More than the room behind it, so that it is made longer on the way.
      for (let n = 0; wanted.length < 600_000; n++) {
        const bytes = n % 50 === 0 ? Buffer.from(`${"x".repeat(60_000)}\n`) : line(n);
        await file.append(bytes);
        wanted += bytes.toString();
        expect(file.end).toBe(wanted.length);
      }
      await file.close();
      expect(await textOf(path)).toBe(wanted);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    },
  );

  folderTest("a file takes no place that is taken", async ({ folder }) => {
    const { file } = await created(folder);
    await expect(created(folder)).rejects.toMatchObject({ code: "EEXIST" });
    await file.close();
  });

  for (const code of ["EIO", "SHORT"]) {
    folderTest(
      `a write that was refused with ${code} is taken back, and the file can go on`,
      async ({ folder }) => {
        const { fs, path, file } = await created(folder);
        await file.append(line(1));
        fs.failAt(0, code);
        await expect(file.append(Buffer.concat([line(2), line(3)]))).rejects.toThrow(code);
        expect(file.end).toBe(line(1).length);
        await file.takeBack();
        expect(await readFile(path, "utf8")).toBe("line 1\n");
        await file.append(line(4));
        await file.close();
        expect(await textOf(path)).toBe("line 1\nline 4\n");
      },
    );
  }
});
