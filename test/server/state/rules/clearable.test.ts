/** A clear that is refused although the workflow is there. */
import { expect, it } from "vitest";
import {
  checkNotRunningHere,
  checkOnlyOneMeant,
} from "../../../../server/state/rules/clearable.js";
import type { LiveRecord } from "../../../../server/state/store/record.js";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { NOW, recordOf, stateOf } from "../../../support/disks/records.js";

const here = { token: 1, driver: "instep", boot_id: "b1" };
const interrupted = (processes: "ending" | "ended"): Partial<WorkflowState> => ({
  status: "interrupted",
  interruption: { at: NOW, reason: "server_restart", step: 0, last_seen: NOW, processes },
});

it.each<[what: string, result: string, Partial<WorkflowState>, Partial<LiveRecord>]>([
  ["runs in the server", "refused", {}, { run: "r1", lease: here }],
  ["waits in the server's queue", "refused", { queued: { since: NOW } }, { run: "r1" }],
  ["left processes that are being ended", "refused", interrupted("ending"), { run: "r1" }],
  ["left processes that are gone", "taken", interrupted("ended"), { run: "r1" }],
  ["ran in the server and has ended", "taken", { status: "completed" }, { run: "r1", lease: here }],
  ["another driver reports on", "taken", {}, { lease: { token: 1, driver: "laptop" } }],
])("a clear of a workflow that %s is %s", (_what, result, state, record) => {
  const check = () => checkNotRunningHere(recordOf({ state: stateOf(state), ...record }));
  if (result === "refused")
    expect(check).toThrow(expect.objectContaining({ code: "running_here" }));
  else expect(check).not.toThrow();
});

it("a clear without an id that could mean several names them, and no more than ten", () => {
  expect(() => checkOnlyOneMeant("a", [])).not.toThrow();
  expect(() => checkOnlyOneMeant("a", ["b"])).toThrow(
    expect.objectContaining({ code: "ambiguous", message: expect.stringContaining('"a", "b"') }),
  );
  const many = Array.from({ length: 12 }, (_, i) => `w${i}`);
  expect(() => checkOnlyOneMeant("a", many)).toThrow(/"w8" and 3 more$/);
});
