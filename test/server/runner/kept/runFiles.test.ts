/** What a workflow runs with, on a disk that refuses it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { type FileSystem, systemFiles } from "../../../../server/machine/systemFiles.js";
import { RunFiles } from "../../../../server/runner/kept/runFiles.js";
import { until } from "../../../support/deadline.js";
import { failingFileSystem } from "../../../support/disks/failingFileSystem.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const DATA = { name: "deploy", source: {}, folder: "/", inputs: {}, secret_answers: {} };

describe("a run's own file", () => {
  folderTest.for([
    ["EIO", "not_saved"],
    ["EDQUOT", "storage_full"],
  ])("refused with %s is a refusal, not a fault of ours", async ([code, word], { folder }) => {
    const fs = failingFileSystem();
    const files = await RunFiles.open(new Disk(fs), folder, new Set());
    fs.failAt(0, code!);
    await expect(files.write("r", DATA)).rejects.toMatchObject({ code: word });
    expect(files.get("r")).toBeUndefined();
    await files.write("r", DATA);
    expect(files.get("r")).toEqual(DATA);
  });

  folderTest("removed while a change of it is being written, stays away", async ({ folder }) => {
    let release: (() => void) | null = null;
    let isHeld = false;
    const rename: FileSystem["rename"] = async (from, to) => {
      if (isHeld) await new Promise<void>((resolve) => (release = resolve));
      return systemFiles.rename(from, to);
    };
    const files = await RunFiles.open(new Disk({ ...systemFiles, rename }), folder, new Set());
    await files.write("r", DATA);
    isHeld = true;
    const updated = files.update("r", (data) => ({ ...data, secret_answers: { a: {} } }) as never);
    const queued = files.update("r", (data) => data);
    const letGo = await until(() => release, "the change is being written");
    const removed = files.remove("r");
    expect(files.get("r")).toBeUndefined();
    isHeld = false;
    letGo();
    await Promise.all([updated, queued, removed]);
    expect(files.get("r")).toBeUndefined();
    expect(readdirSync(join(folder, "runs"))).toEqual([]);
  });
});
