/** The folder of a command on a disk that refuses: nothing is lost that was said to be kept. */
import { existsSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { SPOOL_BEGIN } from "../../../../server/runner/keeper/keeper.js";
import { KeeperFolder } from "../../../../server/runner/keeper/keeperFolder.js";
import { jobOf } from "../../../../server/runner/keeper/keptJob.js";
import { recordAt } from "../../../../server/runner/keeper/keptRecord.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const JOB = jobOf({
  ...{ workflow_id: "deploy", epoch: "e", index: 0, attempt: 1, tried: 0 },
  ...{ mark: "INSTEP_RUN=r.0.1", stop: { signal: "SIGTERM", patienceMs: 10_000 } },
  ...{ leaves: false, timeoutMs: null, far: null, secrets: "" },
});
const place = (at: number) => recordAt(0, { ...SPOOL_BEGIN, at });

folderTest("what was written of a command is found by the next server", async ({ folder }) => {
  const made = KeeperFolder.create(folder, JOB);
  made.keep(place(7));
  made.keepLine("::output a=1");
  made.close();
  const found = KeeperFolder.open(made.path);
  expect(found?.job).toEqual(JOB);
  expect(found?.record()).toEqual(place(7));
  expect(found?.lines().toString()).toBe("::output a=1\n");
});

folderTest("no record goes beyond a line that the disk did not take", async ({ folder }) => {
  const made = KeeperFolder.create(folder, JOB);
  // A folder in its place: no line can be written.
  mkdirSync(join(made.path, "lines"));
  made.keepLine("::output a=1");
  made.keepLine("::output b=2");
  expect(() => made.keep(place(7))).toThrow("EISDIR");
  expect(made.record()).toEqual(place(0));

  rmdirSync(join(made.path, "lines"));
  made.keep(place(9));
  expect(made.record()).toEqual(place(9));
  expect(made.lines().toString()).toBe("\n::output a=1\n::output b=2\n");
  made.close();
});

folderTest("a folder that is closed is not opened again", async ({ folder }) => {
  const made = KeeperFolder.create(folder, JOB);
  made.close();
  expect(() => made.keep(place(7))).toThrow("closed");
  rmSync(made.path, { recursive: true });
  made.keepLine("::output a=1");
  expect(existsSync(made.path)).toBe(false);
});

folderTest("a folder without its paper is no command's", async ({ folder }) => {
  const root = join(folder, "keepers");
  mkdirSync(join(root, "begun"), { recursive: true });
  expect(KeeperFolder.open(join(root, "begun"))).toBeNull();
});
