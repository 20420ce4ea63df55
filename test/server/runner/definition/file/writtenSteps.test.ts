import { describe, expect, test } from "vitest";
import { repeatedActions } from "../../../../../server/runner/definition/file/sameActions.js";
import { writtenSteps } from "../../../../../server/runner/definition/file/writtenSteps.js";

const walked = (raw: unknown) =>
  [...writtenSteps(raw)].map(({ path, number, keys }) => [path.join("."), number, keys.action]);

describe("the steps of a recipe as it was written", () => {
  test("each step comes with its path and its number, a parallel step before its branches", () => {
    const steps = [{ action: "a" }, { action: "b", parallel: [{ action: "c" }, { action: "d" }] }];
    expect(walked({ steps })).toEqual([
      ["steps.0", "1", "a"],
      ["steps.1", "2", "b"],
      ["steps.1.parallel.0", "2.1", "c"],
      ["steps.1.parallel.1", "2.2", "d"],
    ]);
  });

  test.each([
    ["nothing", null],
    ["text", "steps"],
    ["steps that are no list", { steps: { parallel: [] } }],
    ["no steps", { steps: [] }],
  ])("%s has no steps to walk over", (_, raw) => {
    expect(walked(raw)).toEqual([]);
  });

  test("a step that is no map has no keys and keeps its place", () => {
    expect(walked({ steps: [null, "x", { action: "a" }] })).toEqual([
      ["steps.0", "1", undefined],
      ["steps.1", "2", undefined],
      ["steps.2", "3", "a"],
    ]);
  });

  test("a name that stands again is said with the first one's number, also of more steps than a workflow can have", () => {
    const steps = Array.from({ length: 2_010 }, (_, at) => ({ action: `step ${at}` }));
    steps[2_000] = { action: "again" };
    steps[2_009] = { action: "again" };
    expect(repeatedActions({ steps })).toMatchObject([
      { first: "2001", path: ["steps", 2_009, "action"] },
    ]);
  });
});
