/** A data folder that cannot be used: a sentence that says why, and never a stack. */
import { spawnSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { folderTest } from "../support/temporaryFolder.js";

const MAIN = fileURLToPath(new URL("../../dist/server/main.js", import.meta.url));

function serve(dataDir: string, openFiles = "1024") {
  const command = `ulimit -n ${openFiles}; exec "$0" "$1" serve --port 0 --data-dir "$2"`;
  return spawnSync("bash", ["-c", command, process.execPath, MAIN, dataDir], {
    encoding: "utf8",
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
}

/** Each makes `path` unusable, and gives what is to be said of it. */
const UNUSABLE: Record<string, (path: string) => Promise<string>> = {
  "others may write to": async (path) => {
    await mkdir(path);
    await chmod(path, 0o777);
    return `${path} can be written by other users; choose a folder of your own.`;
  },
  "is a link": async (path) => {
    await mkdir(`${path}.real`);
    await symlink(`${path}.real`, path);
    return `${path} is a link, not a folder; name the folder it leads to.`;
  },
  "is a file": async (path) => {
    await writeFile(path, "");
    return `${path} is a file, not a folder.`;
  },
  "has a file in place of a folder": async (path) => {
    await mkdir(path, { mode: 0o700 });
    await writeFile(join(path, "history"), "");
    return `${path}/history is a file, not a folder.`;
  },
  "has a link in place of a folder": async (path) => {
    await mkdir(path, { mode: 0o700 });
    await symlink("/tmp", join(path, "logs"));
    return `${path}/logs is a link, not a folder; name the folder it leads to.`;
  },
};

describe("a data folder", () => {
  folderTest.for(Object.entries(UNUSABLE))(
    "that %s is refused with a sentence",
    async ([, make], { folder }) => {
      const path = join(folder, "data");
      const words = await make(path);
      const { status, stderr } = serve(path);
      expect([status, stderr]).toEqual([1, `instep: The data folder cannot be used: ${words}\n`]);
    },
  );

  folderTest("below a file is refused with a sentence", async ({ folder }) => {
    await writeFile(join(folder, "file"), "");
    const { status, stderr } = serve(join(folder, "file", "data"));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^instep: The data folder .* a part of .* is a file.*\.\n$/);
  });
});

describe("a process that may not open enough files", () => {
  folderTest.for(["20", "32", "64"])("(%s) says so", async (openFiles, { folder }) => {
    const { status, stderr } = serve(join(folder, "data"), openFiles);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^instep: .*ulimit -n 1024\.\n$/);
  });
});
