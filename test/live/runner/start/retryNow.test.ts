/** A retry by the recipe as it is now, beside the one it was started with. */
import { describe, expect } from "vitest";
import { branchesOf } from "../../../../shared/state/stepPlace.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const THEN = `
name: ship
inputs:
  host: { type: string, required: true }
  key: { type: secret }
steps:
  - { action: build, run: echo built }
  - { action: copy, run: 'echo to $INPUT_HOST with \${#INPUT_KEY}; exit 3' }
  - { action: check, run: echo checked }
`;
const MENDED = THEN.replace("; exit 3", "");
const START = { inputs: { host: "web-7", key: "very-secret" } };

const statuses = ({ steps }: { steps: readonly { action: string; status: string }[] }) =>
  steps.map(({ action, status }) => `${action} ${status}`);

describe("a retry", () => {
  test("a retry by the recipe as it is now keeps what is done and the secrets, and says which recipe it was", async ({
    runnerWorld,
  }) => {
    const { define, start, ended, command, outputOf } = await runnerWorld();
    define("ship.yaml", THEN);
    const workflow_id = await start("ship", START);
    expect((await ended(workflow_id)).status).toBe("failed");
    define("ship.yaml", MENDED);

    const then = await command("retry", { workflow_id });
    const again = await ended(then.body.workflow_id);
    expect(again.status).toBe("failed");
    expect(again.retried_from).toEqual({
      workflow_id,
      step: 1,
      recipe: { from: "then", changed: true },
    });

    const now = await command("retry", { workflow_id, recipe: "now" });
    const done = await ended(now.body.workflow_id);
    expect(statuses(done)).toEqual(["build completed", "copy completed", "check completed"]);
    expect(done.retried_from).toEqual({
      workflow_id,
      step: 1,
      recipe: { from: "now", changed: true },
    });
    expect(await outputOf(now.body.workflow_id, 1)).toBe("to web-7 with 11\n");
    expect(JSON.stringify(done)).not.toContain("very-secret");

    // By then it has the mended one from the start.
    const third = await command("retry", { workflow_id: now.body.workflow_id, from: "copy" });
    expect((await ended(third.body.workflow_id)).retried_from?.recipe).toEqual({
      from: "then",
      changed: false,
    });
  });

  test("a retry finds its steps by their actions, wherever they stand now", async ({
    runnerWorld,
  }) => {
    const { define, start, ended, command } = await runnerWorld();
    define("ship.yaml", THEN);
    const workflow_id = await start("ship", START);
    await ended(workflow_id);
    define(
      "ship.yaml",
      `name: ship
title: Ship it
inputs: { host: { type: string } }
steps:
  - { action: build, title: Build it, run: echo again }
  - { action: test, run: echo tested }
  - { action: check, run: echo checked }
  - { action: copy, run: echo copied }
  - { action: tell, enabled: false, run: 'false' }
`,
    );
    const retried = await command("retry", { workflow_id, recipe: "now" });
    const done = await ended(retried.body.workflow_id);
    expect(done).toMatchObject({ title: "Ship it", inputs: { host: "web-7" } });
    expect(done.inputs).not.toHaveProperty("key");
    expect(done.retried_from?.step).toBe(1);
    expect(statuses(done)).toEqual([
      "build completed",
      "test completed",
      "check completed",
      "copy completed",
      "tell skipped",
    ]);

    const { status, body } = await command("retry", { workflow_id, recipe: "now", from: "copy" });
    expect(status).toBe(400);
    expect(body.errors?.[0]).toEqual({
      path: "from",
      message: expect.stringContaining("stands after step 2 (test)"),
    });
    expect((await command("retry", { workflow_id, recipe: "now", from: "gone" })).status).toBe(400);
  });

  test("a retry keeps the branches that are done, and does those that came to them", async ({
    runnerWorld,
  }) => {
    const { define, start, ended, command } = await runnerWorld();
    const recipe = (...branches: string[]) =>
      `name: p\nsteps:\n  - action: all\n    parallel:\n${branches
        .map((one) => `      - ${one}\n`)
        .join("")}  - { action: last, run: 'true' }\n`;
    const one = "{ action: one, run: echo 1 }";
    define("p.yaml", recipe(one, "{ action: two, run: 'false' }"));
    const workflow_id = await start("p");
    await ended(workflow_id);
    define("p.yaml", recipe("{ action: three, run: echo 3 }", one, "{ action: two, run: 'true' }"));
    const retried = await command("retry", { workflow_id, recipe: "now" });
    const done = await ended(retried.body.workflow_id);
    expect(done.status).toBe("completed");
    const branches = branchesOf(done.steps[0]);
    expect(branches.map(({ action, index }) => [action, index])).toEqual([
      ["three", 1000],
      ["one", 2000],
      ["two", 3000],
    ]);
    expect(branches.every(({ status }) => status === "completed")).toBe(true);
  });

  test("a retry names the inputs that are missing by now, and takes them", async ({
    runnerWorld,
  }) => {
    const { define, start, ended, command, outputOf } = await runnerWorld();
    define("ship.yaml", THEN);
    const workflow_id = await start("ship", START);
    await ended(workflow_id);
    define(
      "ship.yaml",
      `name: ship
inputs:
  host: { type: choice, options: [web-8], required: true }
  port: { type: number, required: true }
steps: [{ action: copy, run: 'echo "$INPUT_HOST $INPUT_PORT"' }]
`,
    );
    const refused = await command("retry", { workflow_id, recipe: "now" });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([
      { path: "inputs.host", message: "must be one of web-8, by the recipe as it is now" },
      { path: "inputs.port", message: "is required, by the recipe as it is now" },
    ]);
    const inputs = { host: "web-8", port: 22 };
    const taken = await command("retry", { workflow_id, recipe: "now", inputs });
    const done = await ended(taken.body.workflow_id);
    expect(done.inputs).toEqual(inputs);
    expect(await outputOf(taken.body.workflow_id, 0)).toBe("web-8 22\n");
    const other = await command("retry", { workflow_id, recipe: "now", inputs: { prot: 1 } });
    expect(other.body.errors?.[0]?.path).toBe("inputs.prot");
    const useless = await command("retry", { workflow_id, inputs });
    expect([useless.status, useless.body.errors?.[0]?.path]).toEqual([400, "inputs"]);
    expect((await command("retry", { workflow_id, recipe: "later" })).status).toBe(400);
  });

  test("a retry by a recipe that is gone or broken is refused, and by the one of then it is not", async ({
    runnerWorld,
  }) => {
    const { define, start, ended, command, server } = await runnerWorld();
    define("ship.yaml", THEN);
    const workflow_id = await start("ship", START);
    await ended(workflow_id);
    define("ship.yaml", "name: ship\nsteps: []\n");
    const { status, body } = await command("retry", { workflow_id, recipe: "now" });
    expect([status, body.code]).toEqual([409, "not_resumable"]);
    expect(body.message).toContain('its definition "ship" is not there any more');
    const then = await command("retry", { workflow_id });
    expect(then.status).toBe(201);
    expect((await ended(then.body.workflow_id)).retried_from?.recipe).toEqual({
      from: "then",
      changed: true,
    });

    const foreign = await server.saved({
      steps: [{ action: "a", status: "completed" }],
      status: "completed",
    });
    const refused = await command("retry", { workflow_id: foreign.workflow_id, recipe: "now" });
    expect(refused.body).toMatchObject({
      code: "not_resumable",
      message: "it was not started from a definition here",
    });
  });
});
