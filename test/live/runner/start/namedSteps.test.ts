/** Steps as commands over REST name them: by action, or by index. */
import { describe, expect } from "vitest";
import { defineWorkflow } from "../../../../server/server.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const THREE = `name: three
steps:
  - { action: one, run: "true" }
  - { action: two, run: "true", enabled: false }
  - { action: "0", run: "true" }
`;

describe("a step is named", () => {
  test("a step is named by its index or its action, where it is left out or switched on", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("three.yaml", THREE);
    const statuses = async (more: object) => {
      const { steps } = await world.ended(await world.start("three", more));
      return steps.map(({ status }) => status);
    };
    expect(await statuses({ skip: [0], enable: [1] })).toEqual([
      "skipped",
      "completed",
      "completed",
    ]);
    // Text is an action, also where it looks like a number.
    expect(await statuses({ skip: ["0"] })).toEqual(["completed", "skipped", "skipped"]);
    const wrong = await world.command("start", { name: "three", skip: [7, "1", -1] });
    expect(wrong.status).toBe(400);
    const none = await world.command("start", { name: "three", skip: [7, "1"] });
    expect(none.body.errors).toEqual([
      { path: "skip.0", message: "is no step of it; there are 3, counted from 0" },
      { path: "skip.1", message: expect.stringMatching(/^is no step of it; /) },
    ]);
  });

  test("a step is never named by an action that two steps have, as of a recipe that was taken before", async ({
    runnerWorld,
  }) => {
    const coded = defineWorkflow({ name: "old", steps: [{ action: "test", run: () => {} }] });
    const [step] = coded.steps;
    const steps = [step!, { ...step!, action: "build" }, { ...step! }];
    const world = await runnerWorld({ definitions: [{ ...coded, steps }] });
    const id = await world.start("old");
    expect((await world.ended(id)).status).toBe("completed");
    const said = "is the name of steps 1 and 3; say which by its index, 0 or 2, counted from 0";
    const retry = await world.command("retry", { workflow_id: id, from: "test" });
    expect([retry.status, retry.body.errors]).toEqual([400, [{ path: "from", message: said }]]);
    const start = await world.command("start", { name: "old", skip: ["test"] });
    expect([start.status, start.body.errors]).toEqual([400, [{ path: "skip.0", message: said }]]);
    const again = await world.command("retry", { workflow_id: id, from: 2 });
    expect(again.status).toBe(201);
    expect((await world.ended(again.body.workflow_id)).retried_from?.step).toBe(2);
    const some = await world.ended(await world.start("old", { skip: [2] }));
    expect(some.steps.map(({ status }) => status)).toEqual(["completed", "completed", "skipped"]);
  });
});
