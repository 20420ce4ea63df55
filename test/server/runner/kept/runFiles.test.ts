/** What a workflow runs with, on a disk that refuses it. */
import { describe, expect } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import { RunFiles } from "../../../../server/runner/kept/runFiles.js";
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
});
