/** The commands in keepers' hands by the folder they have in common: found, told apart from those that are over, removed, and left. */
import { existsSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Disk } from "../../../../server/machine/disk.js";
import type { Keeper } from "../../../../server/runner/keeper/keeper.js";
import { isOver, type KeeperHands, Keepers } from "../../../../server/runner/kept/keepers.js";
import type { Step } from "../../../../shared/schema/workflow.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { recordOf, stateOf } from "../../../support/disks/records.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const JOB = {
  ...{ workflow_id: "deploy", epoch: recordOf({}).epoch, index: 0, attempt: 1, tried: 0 },
  ...{ mark: "INSTEP_RUN=r.0.1", stop: { signal: "SIGTERM" as const, patienceMs: 10_000 } },
  ...{ leaves: false, timeoutMs: null, far: null, secrets: "" },
};

/** Hands that only say what they were asked for. */
function handsOf(): { hands: KeeperHands; asked: string[] } {
  const asked: string[] = [];
  const keeper = {
    leave: async () => void asked.push("leave"),
    remove: async () => void asked.push("remove"),
  } as unknown as Keeper;
  const hands: KeeperHands = {
    works: () => true,
    start: () => keeper,
    takeUp: () => keeper,
    standing: async () => "at work",
    close: async () => void asked.push("close"),
  };
  return { hands, asked };
}

const open = (folder: string, clock = manualClock(), { hands } = handsOf()) =>
  Keepers.open(new Disk(), folder, hands, clock);

const seenIn = (folder: string) => join(folder, "keepers", ".seen");

folderTest(
  "the time of the server before stays what it was, however many commands are taken up",
  async ({ folder }) => {
    const before = await open(folder);
    before.prepare(JOB);
    before.prepare({ ...JOB, index: 1 });
    const then = new Date(Date.UTC(2025, 11, 31));
    utimesSync(seenIn(folder), then, then);

    const after = await open(folder);
    for (const found of after.found().folders) after.takeUp(found);

    expect(statSync(seenIn(folder)).mtimeMs).toBeGreaterThan(then.getTime());
    expect(after.seenUntil).toBe(then.getTime());
  },
);

folderTest("a server that is the first here knows of none before it", async ({ folder }) => {
  expect((await open(folder)).seenUntil).toBeNull();
});

folderTest("nothing is written once they were left, and no timer waits", async ({ folder }) => {
  const clock = manualClock();
  const { hands, asked } = handsOf();
  const keepers = await open(folder, clock, { hands, asked });
  keepers.begin(keepers.prepare(JOB), { argv: ["true"], cwd: "/", env: {} });
  expect(clock.waiting).toBe(1);

  await keepers.close();

  expect(clock.waiting).toBe(0);
  expect(asked).toEqual(["leave", "close"]);
  const [left] = (await open(folder)).found().folders;
  expect(left?.record()?.left).toBe(clock.now());
});

folderTest("a command that is over is removed, and the others stay", async ({ folder }) => {
  const { hands, asked } = handsOf();
  const keepers = await open(folder, manualClock(), { hands, asked });
  const first = keepers.prepare(JOB);
  const second = keepers.prepare({ ...JOB, index: 1 });
  keepers.begin(first, { argv: ["true"], cwd: "/", env: {} });
  const [copied, ...rest] = stateOf().steps as [Step, ...Step[]];
  const steps: Step[] = [{ ...copied, status: "completed", attempt: 1 }, ...rest];

  keepers.see(recordOf({ state: stateOf({ steps }) }));
  await keepers.close();

  expect(asked).toEqual(["remove", "close"]);
  expect([existsSync(first.path), existsSync(second.path)]).toEqual([false, true]);
});

folderTest(
  "at a start what was being removed goes, and what cannot be understood is named and stays",
  async ({ folder }) => {
    const keepers = await open(folder);
    const whole = keepers.prepare(JOB);
    const torn = keepers.prepare(JOB);
    writeFileSync(join(torn.path, "job.json"), '{"version":2}');
    const gone = keepers.prepare(JOB).path;
    await keepers.close();
    renameSync(gone, `${gone}.gone`);

    const { folders, unknown } = (await open(folder)).found();

    expect(folders.map(({ path }) => path)).toEqual([whole.path]);
    expect(unknown).toEqual([torn.path]);
    expect(readdirSync(join(folder, "keepers")).filter((name) => name.endsWith(".gone"))).toEqual(
      [],
    );
  },
);

describe("whether an attempt is over", () => {
  const step = (one: Partial<Step>) => {
    const [first, ...rest] = stateOf().steps as [Step, ...Step[]];
    return recordOf({ state: stateOf({ steps: [{ ...first, ...one }, ...rest] }) });
  };
  const { epoch } = JOB;
  test.each<[string, Parameters<typeof isOver>[1], boolean]>([
    ["at work", step({ status: "in_progress", attempt: 1 }), false],
    [
      "waiting to be tried again",
      step({ status: "in_progress", attempt: 1, retry_at: "x" }),
      false,
    ],
    ["only prepared, its step not begun", step({ status: "pending" }), false],
    ["only prepared, its step asks first", step({ status: "blocked", attempt: 1 }), false],
    ["completed", step({ status: "completed", attempt: 1 }), true],
    ["failed", step({ status: "failed", attempt: 1 }), true],
    ["interrupted", step({ status: "interrupted", attempt: 1 }), true],
    ["followed by another", step({ status: "in_progress", attempt: 2 }), true],
    ["of a workflow that was begun anew", { ...step({}), epoch: `${epoch}x` }, true],
    ["of a workflow that ended", recordOf({ state: stateOf({ status: "cancelled" }) }), true],
    ["of a step that is not there", recordOf({ state: stateOf({ steps: [] }) }), true],
  ])("%s", (_, record, expected) => {
    expect(isOver(JOB, record)).toBe(expected);
  });
});
