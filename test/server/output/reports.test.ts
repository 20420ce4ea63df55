/** Reports and output: how much there was, and that it is durable before anyone hears that a step is done. */
import { describe, expect } from "vitest";
import { OutputFrames } from "../../../server/egress/outputFrames.js";
import { OutputStore } from "../../../server/output/outputStore.js";
import { Leases } from "../../../server/state/leases.js";
import { Workflows } from "../../../server/state/workflows.js";
import { LIMITS } from "../../../shared/limits.js";
import type { Command } from "../../../shared/schema/command.js";
import type { StepUpdate } from "../../../shared/schema/workflow.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { failingFileSystem } from "../../support/disks/failingFileSystem.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";

const W = { workflow_id: "w", steps: [{ action: "a" }, { action: "b" }] };

async function started(dataDir: string) {
  const store = new MemoryStore();
  const commits = commitsOf(store);
  const clock = manualClock();
  const fileSystem = failingFileSystem();
  const outputBytes = LIMITS.outputBytes;
  const logs = await OutputStore.open({
    dataDir,
    commits,
    limits: { ...LIMITS, outputBytes },
    elapsed: clock.elapsed,
    fileSystem,
  });
  const workflows = new Workflows({
    store,
    commits,
    leases: new Leases(commits, clock, LIMITS.leaseMs),
    clock,
    limits: LIMITS,
    clearAfterMs: 30_000,
    keepsHistory: true,
    outputs: logs,
  });
  const submit = (command: Command) => workflows.submit({ command, bytes: 200 });
  await submit({ kind: "save", state: W });
  const { epoch } = workflows.find("w")!.record;
  const name = { workflow_id: "w", epoch, step: 0, attempt: 1 };
  const step = () => workflows.find("w")!.record.state.steps[0]!;
  return { logs, fileSystem, submit, name, step };
}

const report = (update: StepUpdate): Command => ({ kind: "step", index: 0, update });

describe("a step's log_bytes", () => {
  folderTest(
    "a step's log_bytes is the server's, and stands still between reports",
    async ({ folder }) => {
      const { logs, submit, name, step } = await started(folder);
      await submit(report({ status: "in_progress", log_bytes: 77 }));
      expect(step()).not.toHaveProperty("log_bytes");
      await logs.append(name, Buffer.from("abc"));
      await submit({ kind: "step", index: 1, update: { message: "another" } });
      expect(step()).not.toHaveProperty("log_bytes");
      await submit(report({ progress: 0.5 }));
      expect(step().log_bytes).toBe(3);
      await logs.append(name, Buffer.from("def"));
      await submit({ kind: "save", state: W });
      expect(step().log_bytes).toBe(6);
      await logs.close();
    },
  );

  folderTest("a step's log_bytes starts again with a new attempt", async ({ folder }) => {
    const { logs, submit, name, step } = await started(folder);
    await submit(report({ status: "in_progress" }));
    await logs.append(name, Buffer.from("abc"));
    await submit(report({ status: "failed" }));
    expect(step().log_bytes).toBe(3);
    await submit(report({ status: "in_progress" }));
    expect(step()).toMatchObject({ attempt: 2 });
    expect(step()).not.toHaveProperty("log_bytes");
    await logs.close();
  });
});

describe("a report that a step is done", () => {
  folderTest(
    "a report that a step is done comes after its output is durable, and not without",
    async ({ folder }) => {
      const { logs, fileSystem, submit, name, step } = await started(folder);
      await logs.append(name, Buffer.from("abc"));
      await submit(report({ progress: 0.5 }));
      expect(fileSystem.calls).not.toContain("handle.datasync");
      fileSystem.failAt(0, "ENOSPC");
      await expect(submit(report({ status: "completed" }))).rejects.toMatchObject({
        code: "storage_full",
      });
      expect(step().status).toBe("pending");
      await submit(report({ status: "completed" }));
      expect(step()).toMatchObject({ status: "completed", log_bytes: 3 });
      await logs.close();
    },
  );
});

describe("followers at the same place", () => {
  folderTest("share one read and one frame", async ({ folder }) => {
    const { logs, fileSystem, name } = await started(folder);
    await logs.append(name, Buffer.from("abc"));
    const frames = new OutputFrames(logs, LIMITS.outputFrameBytes);
    const before = fileSystem.calls.length;
    const all = await Promise.all(Array.from({ length: 100 }, () => frames.at(name, 0, false)));
    expect(new Set(all.map(({ frame }) => frame)).size).toBe(1);
    expect(fileSystem.calls.slice(before)).toEqual(["handle.read"]);
    await logs.close();
  });
});
