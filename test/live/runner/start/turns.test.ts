/** Starting: once however often it is asked, in turn where there are many, and every refusal says what is wrong. */
import { describe, expect } from "vitest";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const WAITS =
  'name: waits\nsteps:\n  - action: a\n    ask: { prompt: "?" }\n  - action: off\n    enabled: false\n    run: echo on\n';

describe("starting", () => {
  test("starting twice with the same key starts one workflow", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("waits.yaml", WAITS);
    const start = () =>
      world.server.call("POST", "/workflow/start", {
        body: { name: "waits" },
        headers: { "Idempotency-Key": "double-click" },
      });
    const [first, second] = await Promise.all([start(), start()]);
    expect(first.status).toBe(201);
    expect(second.body).toEqual(first.body);
    await world.until(first.body.workflow_id, ({ status }) => status === "blocked");
    await world.server.restart();
    expect((await start()).body).toEqual(first.body);
    expect((await world.server.get("/workflows")).body.workflows).toHaveLength(1);
  });

  test("starting over a socket is the same as over REST", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("waits.yaml", WAITS);
    const tab = await world.server.openTab();
    const started = await tab.ask({ kind: "start", name: "waits", workflow_id: "mine" });
    expect(started).toMatchObject({ type: "accepted", workflow_id: "mine" });
    await world.until("mine", ({ status }) => status === "blocked");
    await tab.ask({ kind: "stop" });
    expect((await world.ended("mine")).status).toBe("cancelled");
    const retried = await tab.ask({ kind: "retry", workflow_id: "mine" });
    expect(retried).toMatchObject({ type: "accepted" });
  });

  test("the others get their turn when a workflow is over, in order, also after a restart", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({ maxConcurrent: 1 });
    world.define("waits.yaml", WAITS);
    const [first, second, third] = [
      await world.start("waits"),
      await world.start("waits"),
      await world.start("waits"),
    ];
    await world.until(first, ({ status }) => status === "blocked");
    expect(await world.stateOf(second)).toMatchObject({
      status: "running",
      queued: { since: expect.any(String) },
    });
    expect((await world.stateOf(second)).driver).toBeUndefined();
    await world.server.restart();
    await world.command("answer", { workflow_id: first, answer: {} });
    const next = await world.until(second, ({ status }) => status === "blocked");
    expect(next.queued).toBeUndefined();
    expect(await world.stateOf(third)).toHaveProperty("queued");
    const stopped = await world.command("stop", { workflow_id: third });
    expect(stopped).toMatchObject({ status: 202, body: { message: "Workflow stopped" } });
    expect((await world.stateOf(third)).status).toBe("cancelled");
  });

  test("a start is refused where even the queue is full", async ({ runnerWorld }) => {
    const world = await runnerWorld({ maxConcurrent: 1, limits: { queuedWorkflows: 1 } });
    world.define("waits.yaml", WAITS);
    await world.start("waits");
    await world.start("waits");
    const refused = await world.command("start", { name: "waits" });
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many", retry: true } });
    expect(refused.body.message).toContain("the queue is full");
  });

  test.for([
    [{ name: "nothing" }, 404, "unknown_definition", undefined],
    [{}, 400, "bad_message", "name"],
    [{ name: "typed" }, 400, "bad_message", "inputs.host"],
    [{ name: "typed", inputs: { host: "-x" } }, 400, "bad_message", "inputs.host"],
    [{ name: "typed", inputs: { host: "a", more: 1 } }, 400, "bad_message", "inputs.more"],
    [{ name: "typed", inputs: { host: { deep: 1 } } }, 400, "bad_message", "inputs.host"],
    [{ name: "typed", inputs: { host: "a" }, skip: ["b"] }, 400, "bad_message", "skip.0"],
    [{ name: "typed", inputs: { host: "a" }, skip: ["a"] }, 400, "bad_message", "skip"],
    [
      { name: "typed", inputs: { host: "a" }, workflow_id: "../x" },
      400,
      "bad_message",
      "workflow_id",
    ],
    [{ name: "typed", inputs: { host: "a" }, workflow_id: "taken" }, 409, "id_in_use", undefined],
    [{ name: "typed", run: "rm -rf /" }, 400, "bad_message", undefined],
  ] as const)("a start with %o is refused", async ([body, status, code, path], { runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "typed.yaml",
      "name: typed\ninputs: { host: { type: string, pattern: '^[a-z]+$', required: true } }\nsteps:\n  - action: a\n    run: echo a\n",
    );
    await world.server.saved({ workflow_id: "taken" });
    const refused = await world.command("start", body);
    expect(refused).toMatchObject({ status, body: { success: false, code } });
    if (path !== undefined) expect(refused.body.errors.map((error) => error.path)).toContain(path);
  });

  test("a start with nothing, or with what is no object, is refused in words for people", async ({
    runnerWorld,
  }) => {
    const { server } = await runnerWorld();
    const detailOf = async (body: string) => {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`${server.url}/workflow/start`, { method: "POST", headers, body });
      expect(answer.status).toBe(400);
      return (await answer.json()).detail;
    };
    expect(await detailOf("{}")).toBe("name: is required");
    expect(await detailOf('{"name":7}')).toBe("name: must be text");
    for (const body of ["[]", '"waits"', "null"])
      expect(await detailOf(body)).toBe("the body must be an object");
  });

  test("a start can switch steps off, and on", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("waits.yaml", WAITS);
    const id = await world.start("waits", { skip: ["a"], enable: ["off"] });
    const state = await world.ended(id);
    expect(state.steps.map(({ status }) => status)).toEqual(["skipped", "completed"]);
    const retried = await world.command("retry", { workflow_id: id, from: "a" });
    expect(retried).toMatchObject({ status: 409, body: { code: "step_switched_off" } });
  });
});

describe("definitions", () => {
  test("definitions are listed without their commands, and read again when they change", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "a.yaml",
      "name: a\ntitle: First\nsteps:\n  - action: x\n    run: secret-command\n",
    );
    world.define("broken.yaml", "name: broken\nsteps:\n  - action: x\n    rum: ls\n");
    const list = async () => {
      const { body, text } = await world.server.get("/workflow/definitions");
      expect(text).not.toContain("secret-command");
      return body as unknown as { definitions: { title?: string }[]; problems: object[] };
    };
    expect(await list()).toMatchObject({
      definitions: [{ name: "a", title: "First", inputs: {}, steps: [{ action: "x" }] }],
      problems: [
        { file: "broken.yaml", line: 3, field: "steps.0.run" },
        {
          file: "broken.yaml",
          line: 4,
          field: "steps.0.rum",
          message: expect.stringContaining("did you mean run?"),
        },
      ],
    });
    world.define("a.yaml", "name: a\ntitle: Second title\nsteps:\n  - action: x\n    run: ls\n");
    world.define("broken.yaml", "name: mended\nsteps:\n  - action: x\n    run: ls\n");
    expect(await list()).toMatchObject({
      definitions: [{ title: "Second title" }, { name: "mended" }],
      problems: [],
    });
  });

  test("definitions of the same name do not hide one another in silence", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const source = "name: same\nsteps:\n  - action: x\n    run: ls\n";
    world.define("a.yaml", source);
    world.define("b.yaml", source);
    const { body } = await world.server.get("/workflow/definitions");
    expect(body).toMatchObject({
      definitions: [{ file: "a.yaml" }],
      problems: [{ file: "b.yaml", field: "name" }],
    });
  });
});
