/** What a driver elsewhere knows while several steps report at once. */
import { expect, it } from "vitest";
import { RemoteState, withUpdate } from "../../../../server/cli/run/remoteState.js";
import type { StepUpdate, WorkflowState } from "../../../../shared/schema/workflow.js";
import { branchesOf, stepAtIndex } from "../../../../shared/state/stepPlace.js";
import { stateOf } from "../../../support/disks/records.js";

const STATE = stateOf({
  steps: [
    {
      action: "copy",
      status: "in_progress",
      index: 0,
      steps: [1000, 2000].map((index) => ({
        action: `web-${index}`,
        status: "in_progress",
        index,
      })),
    },
  ],
});

const begun = (): RemoteState => {
  const known = new RemoteState();
  known.hear(STATE, 5);
  return known;
};
const told = (index: number, update: StepUpdate) => (state: WorkflowState) =>
  withUpdate(state, index, update);
const statusesOf = ({ steps }: WorkflowState) => branchesOf(steps[0]).map(({ status }) => status);

it("a remote state loses no report of several whose answers come in another order", () => {
  const known = begun();
  expect(known.accept(7, told(2000, { status: "completed" }))).toBe(true);
  expect(known.accept(6, told(1000, { status: "failed" }))).toBe(true);
  expect(statusesOf(known.state)).toEqual(["failed", "completed"]);
});

it("a remote state takes the server's own word for what that is newer than, and only for that", () => {
  const known = begun();
  known.accept(6, told(1000, { status: "failed" }));
  known.accept(7, told(2000, { status: "completed" }));
  known.hear(told(1000, { status: "failed", error: "no room" })(STATE), 6);
  expect(statusesOf(known.state)).toEqual(["failed", "completed"]);
  expect(stepAtIndex(known.state, 1000)?.error).toBe("no room");
  expect(known.hear(STATE, 5)).toBe(false);
  expect(known.accept(6, told(1000, { status: "completed" }))).toBe(false);
  expect(statusesOf(known.state)).toEqual(["failed", "completed"]);
});

it("a remote state says again what each step at work said, and nothing of one whose end was heard", () => {
  const known = begun();
  known.say(1000, { status: "in_progress" });
  known.say(2000, { status: "in_progress" });
  known.say(1000, { progress: 0.5 });
  known.said(1000, { progress: 0.5 });
  known.say(2000, { status: "completed" });
  expect(statusesOf(known.here)).toEqual(["in_progress", "completed"]);
  expect(known.saying).toEqual([
    [1000, { status: "in_progress", progress: 0.5 }],
    [2000, { status: "completed" }],
  ]);
  known.said(2000, { status: "completed" });
  expect(known.saying.map(([index]) => index)).toEqual([1000]);
});
