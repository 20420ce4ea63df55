/** The steps at work, as whoever embeds the server is told of them. */
import { expect } from "vitest";
import { defineWorkflow } from "../../../../server/server.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

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
      - { action: stays, run: sleep 60 }
      - { action: goes, run: sleep 60, survives: false }
      - { action: tried, run: "false", retries: 1, backoff: 60s }
  - { action: last, run: "true" }
`,
  );
  expect(world.server.instep.atWork()).toEqual([]);
  const many = await world.start("many");
  const code = await world.start("code");
  await world.until(many, ({ steps }) => {
    const { steps: branches = [] } = steps[1] as { steps?: { retry_at?: unknown }[] };
    return branches[2]?.retry_at != null;
  });
  await world.until(code, ({ steps }) => steps[0]?.status === "in_progress");
  const survivals = world.server.instep
    .atWork()
    .map(({ workflow_id, index, action, survives }) => [workflow_id, index, action, survives]);
  expect(survivals).toEqual([
    [many, 1_001, "stays", true],
    [many, 2_001, "goes", false],
    [code, 0, "f", false],
  ]);
  await world.command("stop", { workflow_id: many, now: true });
  await world.ended(many);
  expect(world.server.instep.atWork()).toHaveLength(1);
});
