/** The steps at work, as whoever embeds the server is told of them. */
import { expect } from "vitest";
import { defineWorkflow } from "../../../../server/server.js";
import type { Step } from "../../../../shared/schema/workflow.js";
import { branchesOf } from "../../../../shared/state/stepPlace.js";
import { processOf } from "../../../../shared/state/stepProcess.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const isAtWork = ({ status }: Step): boolean => status === "in_progress";

test("a server tells which of its steps are at work, and which of them outlive it", async ({
  runnerWorld,
}) => {
  const forEver = new Promise(() => {});
  const world = await runnerWorld({
    definitions: [defineWorkflow({ name: "code", steps: [{ action: "f", run: () => forEver }] })],
  });
  world.define(
    "many.yaml",
    `name: many
steps:
  - { action: first, run: "true" }
  - action: all
    parallel:
      - { action: one, run: sleep 1000 }
      - { action: two, run: sleep 1000 }
      - { action: tried, run: "false", retries: 1, backoff: 1h }
  - { action: last, run: "true" }
`,
  );
  world.define(
    "mixed.yaml",
    `name: mixed
steps:
  - action: all
    parallel:
      - { action: stays, run: sleep 1000 }
      - { action: goes, run: sleep 1000, survives: false }
`,
  );
  expect(world.server.instep.atWork()).toEqual([]);
  const many = await world.start("many");
  const mixed = await world.start("mixed");
  const code = await world.start("code");
  await world.until(many, ({ steps }) => {
    const [one, two, tried] = branchesOf(steps[1]);
    return [one, two].every((step) => processOf(step?.data)) && tried?.retry_at != null;
  });
  await world.until(code, ({ steps }) => steps[0]?.status === "in_progress");
  await world.until(mixed, ({ steps }) => branchesOf(steps[0]).every(isAtWork));
  const survivals = world.server.instep
    .atWork()
    .map(({ workflow_id, index, action, survives }) => [workflow_id, index, action, survives]);
  expect(survivals).toEqual([
    [many, 1_001, "one", true],
    [many, 2_001, "two", true],
    // They are left together or not at all.
    [mixed, 1_000, "stays", false],
    [mixed, 2_000, "goes", false],
    [code, 0, "f", false],
  ]);
  await world.command("stop", { workflow_id: many, now: true });
  await world.ended(many);
  expect(world.server.instep.atWork()).toHaveLength(3);
});
