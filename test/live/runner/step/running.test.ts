/** Workflows that run in the server: from the start to the end, each step with what it printed and said. */
import { describe, expect } from "vitest";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const HELLO = `
name: hello
title: Hello
inputs:
  host: { type: string, pattern: '^[a-z.]+$', required: true }
  mode: { type: choice, options: [blue, green], default: blue }
  key: { type: secret }
env: { GREETING: hi }
steps:
  - action: greet
    run: |
      echo "$GREETING $INPUT_HOST $INPUT_MODE"
      echo "$INSTEP_WORKFLOW_ID $INSTEP_STEP $INSTEP_ATTEMPT" >&2
  - action: off
    enabled: false
    run: echo never
  - action: list
    argv: [printf, '%s|', 'a b', '$(id)', '-x']
`;

describe("a workflow that runs in the server", () => {
  test("a workflow that runs in the server runs its steps one after the other, with its inputs as variables", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("hello.yaml", HELLO);
    const id = await world.start("hello", { inputs: { host: "example.com" } });
    const state = await world.ended(id);
    expect(state).toMatchObject({
      status: "completed",
      name: "hello",
      title: "Hello",
      definition: "hello",
      inputs: { host: "example.com", mode: "blue" },
    });
    expect(state.steps.map(({ status }) => status)).toEqual(["completed", "skipped", "completed"]);
    expect(state.steps[0]).toMatchObject({ attempt: 1, data: { exit_code: 0 } });
    expect((await world.outputOf(id, 0)).split("\n").sort()).toEqual(
      ["", "hi example.com blue", `${id} 0 1`].sort(),
    );
    expect(await world.outputOf(id, 2)).toBe("a b|$(id)|-x|");
  });

  test("a workflow fails with the step that fails, and says how", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "fails.yaml",
      "name: fails\nsteps:\n  - action: break\n    title: Break it\n    run: echo no; exit 3\n  - action: after\n    run: echo never\n",
    );
    const state = await world.ended(await world.start("fails"));
    expect(state).toMatchObject({ status: "failed", error_message: "Break it: exit code 3" });
    expect(state.steps[0]).toMatchObject({
      status: "failed",
      error: "exit code 3",
      data: { exit_code: 3, last_lines: ["no"] },
    });
    expect(state.steps[1]).toMatchObject({ status: "pending" });
  });

  test("a workflow tries a step again, and keeps every attempt with its output", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    world.define(
      "again.yaml",
      `name: again\nsteps:\n  - action: try\n    retries: 2\n    backoff: 10ms\n    run: echo attempt $INSTEP_ATTEMPT; test $INSTEP_ATTEMPT = 3\n    env: { F: ${folder} }\n`,
    );
    const id = await world.start("again");
    const state = await world.ended(id);
    expect(state.status).toBe("completed");
    expect(state.steps[0]).toMatchObject({
      attempt: 3,
      attempts: [
        { attempt: 1, status: "failed", error: "exit code 1", exit_code: 1, log_bytes: 10 },
        { attempt: 2, status: "failed", error: "exit code 1", exit_code: 1, log_bytes: 10 },
      ],
    });
    for (const attempt of [1, 2, 3]) {
      expect(await world.outputOf(id, 0, attempt)).toBe(`attempt ${attempt}\n`);
    }
  });
});
