/** The server's own commands as a table: the status that each leads to, and where nothing is done. */
import { describe, expect, it, test } from "vitest";
import {
  reduceServerCommand,
  type ServerCommand,
} from "../../../../server/state/rules/serverCommands.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { cellsOf } from "../../../support/cells.js";
import { NOW, recordOf, stateOf } from "../../../support/disks/records.js";

const CONTEXT = { now: Date.parse(NOW), clearAfterMs: 30_000 };
const lease = { driver: "instep", boot_id: "b2" };

const COMMANDS: Readonly<Record<string, ServerCommand>> = {
  interrupt: { kind: "interrupt", reason: "driver_gone" },
  take: { kind: "take", lease },
  behind: { kind: "behind", group: "g", behind: "other" },
  replace: { kind: "replace", by: "newer", lease },
  processes: { kind: "processes", left: "ended", note: "All were ended." },
  note: { kind: "note", note: "The disk was full." },
};

const of = (fields: Partial<WorkflowState>, record: Partial<LiveRecord> = {}): LiveRecord =>
  recordOf({ run: "r1", state: stateOf(fields), ...record });

const RECORDS: Readonly<Record<string, LiveRecord>> = {
  running: of({}, { lease: { token: 1, driver: "laptop" }, fence: 1 }),
  queued: of({ queued: { since: NOW } }),
  "asked to stop": of(
    { stop_requested: { at: NOW } },
    { lease: { token: 1, driver: "laptop" }, fence: 1 },
  ),
  "blocked, of a dead server": of(
    { status: "blocked", block_info: { prompt: "Go on?" } },
    { lease: { token: 1, driver: "instep", boot_id: "b1" }, fence: 1 },
  ),
  interrupted: of({
    status: "interrupted",
    interruption: { at: NOW, reason: "silent", step: 0, last_seen: NOW },
  }),
  completed: of({ status: "completed", end_time: NOW }),
};

describe("a command of the server's own", () => {
  test.each(
    cellsOf(`
                               interrupt    take     behind   replace      processes    note
    running                    interrupted  nothing  nothing  running      nothing      nothing
    queued                     interrupted  running  running  cancelled    nothing      nothing
    asked to stop              cancelled    nothing  nothing  nothing      nothing      nothing
    blocked, of a dead server  interrupted  blocked  nothing  blocked      nothing      nothing
    interrupted                nothing      nothing  nothing  cancelled    interrupted  interrupted
    completed                  nothing      nothing  nothing  nothing      nothing      nothing`),
  )("a workflow that is %s, told to %s: %s", (there, command, expected) => {
    const after = reduceServerCommand(RECORDS[there]!, COMMANDS[command]!, CONTEXT);
    expect(after?.state?.status ?? "nothing").toBe(expected);
    if (after) expect(after.revision).toBe(2);
  });

  it("an interruption ends the lease, and the next claim gets another token", () => {
    const after = reduceServerCommand(RECORDS.running!, COMMANDS.interrupt!, CONTEXT);
    expect(after).toMatchObject({ lease: null, fence: 1 });
  });

  it("a workflow that is taken is under the runner's lease and waits no more", () => {
    const after = reduceServerCommand(RECORDS.queued!, COMMANDS.take!, CONTEXT);
    expect(after).toMatchObject({ lease: { token: 1, ...lease }, fence: 1 });
    expect(after?.state).not.toHaveProperty("queued");
  });

  it("an end begins the time in which it is shown", () => {
    const after = reduceServerCommand(RECORDS["asked to stop"]!, COMMANDS.interrupt!, CONTEXT);
    expect(after?.clear_at).toBe(CONTEXT.now + CONTEXT.clearAfterMs);
  });

  it("notes of an interruption add up", () => {
    const once = reduceServerCommand(RECORDS.interrupted!, COMMANDS.note!, CONTEXT);
    const twice = reduceServerCommand(once!, { kind: "note", note: "It is free again." }, CONTEXT);
    expect(twice?.state?.interruption?.note).toBe("The disk was full. It is free again.");
  });

  it("a hook is told of an ended workflow, too, and of a cleared one never", () => {
    const command: ServerCommand = {
      kind: "hook",
      run: { on: "completed", command: "mail", at: NOW, state: "running" } as never,
    };
    expect(reduceServerCommand(RECORDS.completed!, command, CONTEXT)?.revision).toBe(2);
    expect(
      reduceServerCommand({ ...RECORDS.completed!, state: null }, command, CONTEXT),
    ).toBeNull();
  });
});
