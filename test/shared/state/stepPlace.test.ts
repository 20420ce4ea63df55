/** Steps and branches by the numbers that address them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step } from "../../../shared/schema/workflow.js";
import {
  branchesOf,
  countSteps,
  eachStep,
  indexOfNumber,
  indexOfPlace,
  mapSteps,
  placeNumber,
  placeOfIndex,
  stepAtIndex,
  withStepAt,
} from "../../../shared/state/stepPlace.js";

const step = (action: string, index: number, steps?: Step[]): Step => ({
  action,
  status: "pending",
  index,
  ...(steps && { steps }),
});
const STEPS = [
  step("build", 0),
  step("copy", 1, [step("web-1", 1001), step("web-2", 2001)]),
  step("switch", 2),
];
const STATE = { steps: STEPS };

describe("an index", () => {
  it("an index is a step's place from 0, and 1000 * (branch + 1) + step for a branch", () => {
    expect(indexOfPlace({ step: 7, branch: null })).toBe(7);
    expect(indexOfPlace({ step: 7, branch: 0 })).toBe(1007);
    expect(indexOfPlace({ step: 999, branch: 99 })).toBe(100_999);
  });

  it("stands for exactly one place", () => {
    const place = fc.record({
      step: fc.nat(999),
      branch: fc.option(fc.nat(99)),
    });
    fc.assert(
      fc.property(place, (one) => {
        expect(placeOfIndex(indexOfPlace(one))).toEqual(one);
        expect(indexOfNumber(placeNumber(indexOfPlace(one)))).toBe(indexOfPlace(one));
      }),
    );
  });

  it.each([
    ["3", 2],
    ["3.2", 2002],
    ["1000.100", 100_999],
    ["0", null],
    ["3.0", null],
    ["03", null],
    ["3.", null],
    ["1001", null],
    ["3.2.1", null],
    ["-1", null],
    [" 3", null],
    ["3e2", null],
  ])("is meant by %j: %j", (text, index) => {
    expect(indexOfNumber(text)).toBe(index);
  });
});

describe("the steps of a state", () => {
  it("the steps of a state are told with their branches, each parallel step before its own", () => {
    expect(eachStep(STATE).map(([index, { action }]) => [index, action])).toEqual([
      [0, "build"],
      [1, "copy"],
      [1001, "web-1"],
      [2001, "web-2"],
      [2, "switch"],
    ]);
    expect(countSteps(STATE)).toBe(5);
  });

  it("the steps of a state are found by their indexes, and nothing is found by others", () => {
    expect(stepAtIndex(STATE, 2001)?.action).toBe("web-2");
    for (const index of [3, 1000, 3001, 1002, 1003, 1e9]) {
      expect(stepAtIndex(STATE, index)).toBeUndefined();
    }
  });

  it("share all but what changed", () => {
    const changed = withStepAt(STEPS, 2001, { ...stepAtIndex(STATE, 2001)!, status: "failed" });
    expect(stepAtIndex({ steps: changed }, 2001)?.status).toBe("failed");
    expect(changed[0]).toBe(STEPS[0]);
    expect(branchesOf(changed[1])[0]).toBe(branchesOf(STEPS[1])[0]);
    expect(mapSteps(STEPS, (one) => one)).toEqual(STEPS);
    expect(mapSteps(STEPS, (one) => one)[1]).toBe(STEPS[1]);
  });

  it("the steps of a state have no branches where a driver of before has a field of its own called steps", () => {
    for (const steps of ["a,b", 3, [1, 2], [{ name: "a" }], [step("a", 0)], {}, null]) {
      expect(branchesOf({ ...STEPS[0], steps })).toEqual([]);
    }
  });
});
