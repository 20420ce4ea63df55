/** A data folder that cannot be used: a sentence that says why, and never a stack. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished } from "vitest";
import { PATIENCE_MS, until } from "../../../support/deadline.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const MAIN = fileURLToPath(new URL("../../../../dist/server/main.js", import.meta.url));

function serveWith(dataDir: string, openFiles: string): readonly string[] {
  const command = `ulimit -n ${openFiles}; exec "$0" "$1" serve --port 0 --data-dir "$2"`;
  return ["-c", command, process.execPath, MAIN, dataDir];
}

function serve(dataDir: string, openFiles = "1024") {
  return spawnSync("bash", serveWith(dataDir, openFiles), {
    encoding: "utf8",
    timeout: PATIENCE_MS,
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
  folderTest("a process that may not open enough files says so", async ({ folder }) => {
    const { status, stderr } = serve(join(folder, "data"), "20");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^instep: .*ulimit -n 1024\.\n$/);
  });
});

describe("a process that may open just enough files", () => {
  folderTest.for(["32", "64"])("(%s) warns of it, and saves", async (openFiles, { folder }) => {
    const serving = spawn("bash", serveWith(join(folder, "data"), openFiles));
    onTestFinished(() => void serving.kill("SIGKILL"));
    const [printed, logged] = [textOf(serving.stdout), textOf(serving.stderr)];
    const url = await until(
      () => /http:\/\/[\d.]+:\d+/.exec(printed())?.[0],
      () => `it listens: ${logged()}`,
    );
    const warning = "few files may be open here: raise the limit (ulimit -n)";
    await until(() => logged().includes(warning), warning);
    const saved = await fetch(`${url}/workflow/state`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ workflow_id: "few", steps: [{ action: "go" }] }),
    });
    expect(saved.status).toBe(200);
    serving.kill("SIGTERM");
    expect((await once(serving, "exit"))[0]).toBe(0);
  });
});

function textOf(stream: Readable): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  return () => text;
}
