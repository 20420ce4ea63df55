/** Why a step failed, in the words of what failed: in its state, with the place in its output. */
import { describe, expect } from "vitest";
import type { StepHandler } from "../../../../server/runner/definition/runStep.js";
import { defineWorkflow } from "../../../../server/server.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const one = (run: string, more = "") =>
  `name: one\nsteps:\n  - action: work\n${more}    run: ${JSON.stringify(run)}\n`;
const SSH = "ssh: Could not resolve hostname web-7: Name or service not known";

describe("a step that fails says why", () => {
  test("a failed step says why in the sentence that looks like its error, with how it ended and where it stands", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("one.yaml", one(`echo begin; echo copying; echo '${SSH}' >&2; exit 255`));
    const id = await world.start("one");
    const { error_message, steps } = await world.ended(id);
    expect(error_message).toBe(`work: ${SSH} (exit code 255)`);
    expect(steps[0]).toMatchObject({
      status: "failed",
      error: `${SSH} (exit code 255)`,
      data: { exit_code: 255 },
      error_line: { offset: expect.any(Number), line: expect.any(Number) },
    });
    const { offset, line } = steps[0]!.error_line!;
    const output = await world.outputOf(id, 0);
    expect(output.slice(offset)).toMatch(SSH);
    expect(output.split("\n")[line! - 1]).toBe(SSH);
  });

  test("each attempt of a failed step says why for itself, and the next one starts without", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const run = `case $INSTEP_ATTEMPT in 1) echo 'Error: cold'; exit 4;; 2) exit 5;; esac`;
    world.define("one.yaml", one(run, "    retries: 2\n    backoff: 10ms\n"));
    const { steps } = await world.ended(await world.start("one"));
    expect(steps[0]?.attempts).toMatchObject([
      { error: "Error: cold (exit code 4)", exit_code: 4, error_line: { offset: 0, line: 1 } },
      { error: "exit code 5", exit_code: 5 },
    ]);
    expect(steps[0]?.attempts?.[1]).not.toHaveProperty("error_line.offset");
    expect(steps[0]?.error_line ?? null).toBeNull();
    expect(steps[0]?.error ?? null).toBeNull();
  });

  test("a failed step says why by its own word before all that looks like an error", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("one.yaml", one("echo 'Error: x'; echo '::error::The disk is full'; exit 3"));
    const { steps } = await world.ended(await world.start("one"));
    expect(steps[0]).toMatchObject({
      error: "The disk is full",
      error_line: { offset: 9, line: 2 },
    });
  });

  for (const [name, run, more, error] of [
    [
      "that took too long",
      "echo 'Error: x'; sleep 30",
      "    timeout: 300ms\n",
      /^took longer than/,
    ],
    [
      "that was killed",
      "echo 'Error: x'; kill -9 $$",
      "",
      /^was ended by SIGKILL, often by the kernel for lack of memory: Error: x$/,
    ],
    [
      "whose child was killed",
      "echo 'Error: x'; sh -c 'kill -9 $$'; exit $?",
      "",
      /^exit code 137: ended by SIGKILL, often by the kernel for lack of memory: /,
    ],
    ["that said nothing of it", "echo '0 errors'; exit 1", "", /^exit code 1$/],
  ] as const) {
    test(`a failed step of one ${name} says that first`, async ({ runnerWorld }) => {
      const world = await runnerWorld();
      world.define("one.yaml", one(run, more));
      const { steps } = await world.ended(await world.start("one"));
      expect(steps[0]?.error).toMatch(error);
    });
  }

  test("a step whose function failed by a command has that command's sentence and place", async ({
    runnerWorld,
  }) => {
    const handler: StepHandler = async (step) => {
      await step.output("from the handler\n");
      await step.run("echo 'Error: survived'; exit 1").catch(() => {});
      await step.run(`echo '${SSH}' >&2; exit 255`);
    };
    const steps = [{ action: "work", run: handler }];
    const world = await runnerWorld({ definitions: [defineWorkflow({ name: "coded", steps })] });
    const id = await world.start("coded");
    const end = await world.ended(id);
    expect(end.steps[0]).toMatchObject({
      error: `${SSH} (exit code 255)`,
      error_line: { line: 3 },
    });
    const { offset } = end.steps[0]!.error_line!;
    expect((await world.outputOf(id, 0)).slice(offset)).toBe(`${SSH}\n`);
  });
});
