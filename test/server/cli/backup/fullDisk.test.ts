/** A disk that takes no more during `instep backup` and `instep restore`: a sentence and an exit code, and no half that is taken for a whole. */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { diskProblem } from "../../../../server/cli/process/diskProblem.js";
import { PATIENCE_MS } from "../../../support/deadline.js";
import { folderTest as test } from "../../../support/disks/temporaryFolder.js";
import { fillFolder } from "../../../support/etcd/movedFolder.js";
import { commandLine } from "../../../support/servers/commandLine.js";

const MAIN = fileURLToPath(new URL("../../../../dist/server/main.js", import.meta.url));

/** A process that may write no file longer than 8 KiB: what a full disk does, without a disk of its own. */
function onFullDisk(cwd: string, ...args: readonly string[]) {
  const shell = ["-c", 'ulimit -f 8; exec "$0" "$@"', process.execPath, MAIN, ...args];
  const { status, stdout, stderr } = spawnSync("bash", shell, {
    ...{ cwd, encoding: "utf8", timeout: PATIENCE_MS, killSignal: "SIGKILL" },
  });
  return [status, stdout, stderr];
}

test("a backup that the disk does not take leaves nothing, and a restore leaves what no server begins on", async ({
  folder,
}) => {
  await fillFolder(join(folder, "data"));
  await mkdir(join(folder, "data", "logs"), { recursive: true });
  await writeFile(join(folder, "data", "logs", "long"), Buffer.alloc(100_000));
  const words =
    "The disk takes no file that large, or is full (EFBIG, write). b was not made, and nothing is left of it.";
  const backup = ["backup", "b", "--data-dir", "data"] as const;
  expect(onFullDisk(folder, ...backup)).toEqual([1, "", `instep: ${words}\n`]);
  const error = { code: "failed", message: words, errors: [] };
  expect(onFullDisk(folder, ...backup, "--json")).toEqual([
    ...[1, "", `${JSON.stringify({ error })}\n`],
  ]);
  expect(await readdir(folder)).toEqual(["data"]);

  expect((await commandLine(backup, { cwd: folder })).code).toBe(0);
  const fresh = join(folder, "new");
  expect(onFullDisk(folder, "restore", "b", "--data-dir", "new")).toEqual([
    ...[1, "", expect.stringMatching(/^instep: The disk .*full \(EFBIG, write\)\. .*\n$/)],
  ]);
  const again = await commandLine(["restore", "b", "--data-dir", "new"], { cwd: folder });
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining(`${fresh} is not empty`)]);
  expect(await readdir(fresh)).toContain("instep.move");
});

test("an error of the disk is said with the system's word and its path, and one of the network or of ours is none", () => {
  const problem = (code: string, more: object) =>
    diskProblem(Object.assign(new Error("no"), { code, ...more }));
  expect(problem("ENOSPC", { syscall: "write" })).toBe("The disk is full (ENOSPC, write)");
  expect(problem("EROFS", { syscall: "mkdir", path: "/b" })).toBe(
    "The disk is read-only (EROFS, mkdir) at /b",
  );
  expect(problem("EACCES", { syscall: "open", path: "/b" })).toBe(
    "The disk refuses (EACCES, open) at /b",
  );
  expect(problem("EDQUOT", { syscall: "fsync" })).toContain("The quota of the disk is used up");
  expect(problem("ECONNREFUSED", { syscall: "connect" })).toBe(null);
  expect(problem("ERR_INVALID_ARG_TYPE", {})).toBe(null);
  expect(diskProblem(undefined)).toBe(null);
});
