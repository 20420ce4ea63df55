import { expect, test } from "vitest";
import { defineWorkflow } from "../../../../../server/runner/definition/source/defineWorkflow.js";

test("a definition in code has no two steps of one action", () => {
  const run = () => {};
  const steps = [
    { action: "test", run },
    { action: "build", run },
    { action: "test", run },
  ];
  expect(() => defineWorkflow({ name: "n", steps })).toThrow(
    /is the name of step 1 too: give this one another, such as test_2\s+→ at steps\[2\]\.action/,
  );
  expect(defineWorkflow({ name: "n", steps: steps.slice(0, 2) }).steps).toHaveLength(2);
});
