/** Workflows of one group: never more at once than it allows, in order, whoever waits is told for whom, and a killed server changes none of it. */
import { describe, expect } from "vitest";
import type { RunnerWorld } from "../../../support/servers/runnerWorld.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const deploy = (concurrency: string, name = "deploy") => `
name: ${name}
concurrency: ${concurrency}
inputs: { host: { type: string } }
steps:
  - { action: a, ask: { prompt: "Go on?" } }
  - { action: b, run: echo b }
`;

const blocked = (world: RunnerWorld, id: string) =>
  world.until(id, ({ status }) => status === "blocked");
const goOn = async (world: RunnerWorld, id: string) => {
  await world.command("answer", { workflow_id: id, answer: {} });
  return world.ended(id);
};
const waitsFor = (world: RunnerWorld, id: string, behind: string, group = "deploy") =>
  world.until(id, ({ queued }) => queued?.behind === behind && queued.group === group);

describe("one at a time", () => {
  test("workflows of a group that run one at a time wait in order, and each says for whom", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("deploy.yaml", deploy("1"));
    for (const id of ["d1", "d2", "d3"]) await world.start("deploy", { workflow_id: id });
    await blocked(world, "d1");
    await waitsFor(world, "d2", "d1");
    await waitsFor(world, "d3", "d2");
    expect((await world.stateOf("d1")).concurrency).toEqual({
      group: "deploy",
      limit: 1,
      when_busy: "wait",
    });
    // A workflow that leaves the line is not waited for.
    await world.command("stop", { workflow_id: "d2" });
    await waitsFor(world, "d3", "d1");
    await goOn(world, "d1");
    const { queued } = await blocked(world, "d3");
    expect(queued).toBeUndefined();
  });

  test("a workflow that waits for its group takes no place from others, and a full server is said as such", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({ maxConcurrent: 2 });
    world.define("deploy.yaml", deploy("1"));
    world.define("other.yaml", 'name: other\nsteps: [{ action: a, ask: { prompt: "?" } }]\n');
    await world.start("deploy", { workflow_id: "d1" });
    await world.start("deploy", { workflow_id: "d2" });
    await waitsFor(world, "d2", "d1");
    await world.start("other", { workflow_id: "o1" });
    await blocked(world, "o1");
    await world.start("other", { workflow_id: "o2" });
    expect((await world.stateOf("o2")).queued).toEqual({ since: expect.any(String) });
    // Its group is free, the server is not: d2 was there before o2.
    await goOn(world, "d1");
    await blocked(world, "d2");
    expect((await world.stateOf("o2")).queued).toBeDefined();
  });

  test("a limit holds for all definitions of a group, and the smallest limit counts", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("one.yaml", deploy("{ group: site }", "one"));
    world.define("two.yaml", deploy("{ group: site, limit: 2 }", "two"));
    await world.start("two", { workflow_id: "t1" });
    await world.start("two", { workflow_id: "t2" });
    await blocked(world, "t1");
    await blocked(world, "t2");
    await world.start("one", { workflow_id: "o1" });
    await waitsFor(world, "o1", "t2", "site");
    await goOn(world, "t1");
    await waitsFor(world, "o1", "t2", "site");
    await world.start("two", { workflow_id: "t3" });
    // Nobody overtakes in the line.
    await waitsFor(world, "t3", "o1", "site");
    await goOn(world, "t2");
    await blocked(world, "o1");
    await waitsFor(world, "t3", "o1", "site");
  });

  test("a limit counts for each value of an input that the group names", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("deploy.yaml", deploy('"deploy $INPUT_HOST"'));
    const start = (id: string, host: string) =>
      world.start("deploy", { workflow_id: id, inputs: { host } });
    await start("a1", "a");
    await start("b1", "b");
    await start("a2", "a");
    await blocked(world, "a1");
    await blocked(world, "b1");
    await waitsFor(world, "a2", "a1", "deploy a");
  });

  test("a group is held by an interrupted workflow until it is over, and by a retry", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "deploy.yaml",
      "name: deploy\nconcurrency: 1\nsteps: [{ action: a, run: sleep 1000 }]\n",
    );
    await world.start("deploy", { workflow_id: "d1" });
    await world.until("d1", ({ steps }) => steps[0]?.status === "in_progress");
    await world.server.restart();
    await world.until("d1", ({ status }) => status === "interrupted");
    await world.start("deploy", { workflow_id: "d2" });
    await waitsFor(world, "d2", "d1");
    // A workflow that goes on does not wait for those that came after it.
    await world.command("resume", { workflow_id: "d1" });
    await world.until("d1", ({ status, steps }) => {
      return status === "running" && steps[0]?.status === "in_progress";
    });
    await waitsFor(world, "d2", "d1");
    await world.command("stop", { workflow_id: "d1", now: true });
    await world.until("d2", ({ steps }) => steps[0]?.status === "in_progress");
    const { body } = await world.command("retry", { workflow_id: "d1" });
    await waitsFor(world, body.workflow_id, "d2");
    await world.command("stop", { workflow_id: "d2", now: true });
    await world.until(body.workflow_id, ({ steps }) => steps[0]?.status === "in_progress");
  });
});

describe("a busy group", () => {
  test("a start can be refused, with the one that runs", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("deploy.yaml", deploy("{ when_busy: refuse }"));
    await world.start("deploy", { workflow_id: "d1" });
    await blocked(world, "d1");
    const refused = await world.command("start", { name: "deploy", workflow_id: "d2" });
    expect([refused.status, refused.body.code]).toEqual([409, "group_busy"]);
    expect(refused.body.message).toBe(
      '"d1" is not over yet, and of "deploy" only one runs at a time',
    );
    await goOn(world, "d1");
    await world.start("deploy", { workflow_id: "d2" });
    await blocked(world, "d2");
  });

  test("a refused start names the one that runs, not one that waits", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("deploy.yaml", deploy("{ when_busy: wait }"));
    world.define("check.yaml", deploy("{ group: deploy, when_busy: refuse }", "check"));
    for (const id of ["d1", "d2"]) await world.start("deploy", { workflow_id: id });
    await blocked(world, "d1");
    const refused = await world.command("start", { name: "check", workflow_id: "c1" });
    expect(refused.body.message).toContain('"d1" is not over yet');
  });

  test("the same start again is no second one", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("deploy.yaml", deploy("{ when_busy: refuse }"));
    const start = () =>
      world.server.call("POST", "/workflow/start", {
        body: { name: "deploy" },
        headers: { "Idempotency-Key": "k" },
      });
    const [first, second] = [await start(), await start()];
    expect(second.body).toEqual(first.body);
  });

  test("the newest can take the place of all that are older", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "deploy.yaml",
      `
name: deploy
concurrency: { when_busy: cancel_running }
steps:
  - { action: a, run: "trap 'echo ended; exit 143' TERM; echo begun; sleep 1000 & wait" }
`,
    );
    await world.start("deploy", { workflow_id: "d1" });
    await world.until("d1", ({ steps }) => steps[0]?.message === "begun");
    const ids = ["d2", "d3"];
    for (const id of ids) await world.start("deploy", { workflow_id: id });
    await world.until("d3", ({ steps }) => steps[0]?.message === "begun");
    const [one, two] = [await world.stateOf("d1"), await world.stateOf("d2")];
    expect([one.status, two.status]).toEqual(["cancelled", "cancelled"]);
    expect(two.replaced_by).toBe("d3");
    expect(["d2", "d3"]).toContain(one.replaced_by);
    // It began only once the other was gone.
    expect(await world.outputOf("d1", 0)).toContain("ended");
    const begun = Date.parse((await world.stateOf("d3")).steps[0]?.started_at ?? "");
    expect(begun).toBeGreaterThanOrEqual(Date.parse(one.end_time ?? ""));
  });
});
