/** The workflow that a command means, and the refusal where there is none. */
import { expect, it } from "vitest";
import { isStart, namedIn, nothingThere } from "../../../../server/state/rules/meantWorkflow.js";
import type { Command } from "../../../../shared/schema/command.js";

const state = { steps: [] };

it.each<[Command, string | null, boolean]>([
  [{ kind: "save", state }, null, true],
  [{ kind: "save", state: { ...state, workflow_id: "a" } }, "a", true],
  [{ kind: "save", workflow_id: "a", state }, "a", true],
  [{ kind: "save", workflow_id: "current", state }, null, true],
  [{ kind: "save", merge: true, state: { note: 1 } }, null, false],
  [{ kind: "start", name: "deploy" }, null, true],
  [{ kind: "start", name: "deploy", workflow_id: "a" }, "a", true],
  [{ kind: "retry", workflow_id: "a" }, null, true],
  [{ kind: "stop", workflow_id: "a" }, "a", false],
  [{ kind: "clear" }, null, false],
])("%j names %s, and makes a new workflow where it names none: %s", (command, named, starts) => {
  expect(namedIn(command)).toBe(named);
  expect(isStart(command)).toBe(starts);
});

it.each<[Command, string]>([
  [
    { kind: "save", workflow_id: "a", state: { ...state, workflow_id: "b" } },
    'is "a", but the state says "b"',
  ],
  [
    { kind: "save", state: { ...state, workflow_id: "current" } },
    '"current" is no workflow\'s own name',
  ],
])("%j is refused: %s", (command, message) => {
  expect(() => namedIn(command)).toThrow(
    expect.objectContaining({ code: "bad_message", errors: [{ path: "workflow_id", message }] }),
  );
});

it("a clear of nothing is done, everything else needs a workflow, and a position is never that of nothing", () => {
  const clear = { command: { kind: "clear" } as const, bytes: 10 };
  const nothing = { workflow_id: null, epoch: null, revision: null };
  expect(nothingThere(clear)).toEqual(nothing);
  expect(nothingThere({ ...clear, expected: "none" })).toEqual(nothing);
  expect(() => nothingThere({ ...clear, expected: "any" })).toThrow(
    expect.objectContaining({ code: "position_moved", at: null }),
  );
  expect(() => nothingThere({ command: { kind: "stop" }, bytes: 10 })).toThrow(
    expect.objectContaining({ code: "unknown_workflow" }),
  );
});
