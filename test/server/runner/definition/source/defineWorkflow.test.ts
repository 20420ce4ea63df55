import { expect, test } from "vitest";
import {
  type CodeStep,
  defineWorkflow,
} from "../../../../../server/runner/definition/source/defineWorkflow.js";

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

test("a definition in code does not go on on another node: nothing ends a function whose server is lost", () => {
  const wanted = { name: "n", steps: [{ action: "copy", run: () => {} }], onNodeLoss: "resume" };
  expect(() => defineWorkflow(wanted as never)).toThrow(
    /is for recipes: a function runs in its server, and nothing ends it where that is lost\s+→ at onNodeLoss/,
  );
});

test("a function ends with its process: a definition in code cannot say that it survives", () => {
  const run = () => {};
  const surviving = { action: "copy", run, survives: true } as unknown as CodeStep;
  expect(() => defineWorkflow({ name: "n", steps: [surviving] })).toThrow(
    /must be false: a function ends with its process\s+→ at steps\[0\]\.survives/,
  );
  const [said, unsaid] = defineWorkflow({
    name: "n",
    steps: [
      { action: "one", run, survives: false },
      { action: "two", run },
    ],
  }).steps;
  expect([said, unsaid].map((step) => step?.survives)).toEqual([false, false]);
});
