/** Branches of a parallel step as people name them on the command line. */
import { expect, it } from "vitest";
import { chosenStep, stepIndex, switchedSteps } from "../../../../server/cli/refusals/steps.js";

const branch = (action: string, index: number) => ({ action, status: "pending", index });
const STATE = [
  { action: "build" },
  { action: "copy", steps: [branch("web-1", 1001), branch("web-2", 2001)] },
  { action: "2.1" },
];
const DEFINITION = [
  { action: "build" },
  { action: "copy", parallel: [{ action: "web-1" }, { action: "web-2" }] },
];

it.each([
  ["2", 1],
  ["2.2", 2001],
  ["web-1", 1001],
  // What is called so comes before what stands there.
  ["2.1", 2],
  ["2.3", null],
  ["1.1", null],
  ["2.0", null],
  ["web-3", null],
])("%j is the step with the index %j", (typed, index) => {
  expect(stepIndex(typed, STATE)).toBe(index);
});

it("switches a branch of a definition by its number, too", () => {
  expect(switchedSteps("--skip", ["2.1", "web-2", "1"], DEFINITION)).toEqual([
    "web-1",
    "web-2",
    "build",
  ]);
});

it("a call that names no branch there is is told which there are", () => {
  expect(() => chosenStep("--step", "2.9", DEFINITION)).toThrow(/2\.1 web-1, 2\.2 web-2/);
});
