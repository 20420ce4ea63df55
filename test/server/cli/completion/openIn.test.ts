/** The ids that `run --take-up` is offered: those of the data folder, without a server. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { folderTest as test } from "../../../support/disks/temporaryFolder.js";
import { commandLine } from "../../../support/servers/commandLine.js";

const record = (workflow_id: unknown, status: string) =>
  JSON.stringify({ format: 1, record: { workflow_id, state: { name: "n", status, steps: [] } } });

async function offered(cwd: string, ...words: string[]): Promise<readonly string[]> {
  const { stdout } = await commandLine(["__complete", "zsh", "run", "--take-up", ...words], {
    env: {},
    cwd,
  });
  return stdout.split("\n").slice(1, -1).sort();
}

test("a workflow is taken up by an id of the data folder, and files that are none are passed over", async ({
  folder,
}) => {
  const write = (dataDir: string, name: string, text: string) => {
    mkdirSync(path.join(folder, dataDir, "workflows"), { recursive: true });
    writeFileSync(path.join(folder, dataDir, "workflows", name), text);
  };
  expect(await offered(folder, "")).toEqual([]);
  write(".instep", "a.json", record("nightly-1", "running"));
  write(".instep", "b.json", record("nightly-2", "completed"));
  write(".instep", "c.json", record("weekly-1", "interrupted"));
  write(".instep", "c.json.bak", record("weekly-0", "interrupted"));
  write(".instep", "d.json", "{");
  write(".instep", "e.json", record("\u001b[2J", "running"));
  write(".instep", "f.json", "null");
  write("other", "g.json", record("elsewhere-1", "blocked"));
  expect(await offered(folder, "")).toEqual([
    "nightly-1\trunning · n",
    "weekly-1\tinterrupted · n",
  ]);
  expect(await offered(folder, "week")).toEqual(["weekly-1\tinterrupted · n"]);
});
