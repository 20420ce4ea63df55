/** `$NAME` in `env`, as real commands find it. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { defineWorkflow } from "../../../../server/server.js";
import { type RunnerWorld, runnerTest as test } from "../../../support/servers/runnerWorld.js";

/** Apart, as the one before the other is a sign of this language. */
const BRACED = `${"$"}{X#y}`;

async function ran(world: RunnerWorld, recipe: object, inputs: object = {}) {
  world.define("one.yaml", JSON.stringify({ name: "one", ...recipe }));
  const id = await world.start("one", { inputs });
  return { state: await world.ended(id), output: (step = 0) => world.outputOf(id, step) };
}

describe("a name in a value of env", () => {
  test("a name in a value of env means what the command would have: PATH goes on", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    mkdirSync(join(folder, "tools"));
    writeFileSync(join(folder, "tools", "greet"), "#!/bin/sh\necho hello\n");
    chmodSync(join(folder, "tools", "greet"), 0o755);
    const steps = [
      { action: "a", run: "greet; ls / >/dev/null" },
      { action: "b", argv: ["greet"] },
    ];
    const env = { PATH: `${join(folder, "tools")}:$PATH` };
    const { state, output } = await ran(world, { env, steps });
    expect(state.status).toBe("completed");
    expect([await output(0), await output(1)]).toEqual(["hello\n", "hello\n"]);
  });

  test("a name in a value of env is of the layer below: server, inputs, answers, values, recipe, Instep, step", async ({
    runnerWorld,
  }) => {
    const env = { PATH: process.env.PATH, HOME: "/home/me" };
    const { state, output } = await ran(
      await runnerWorld({ env }),
      {
        inputs: { host: { type: "string" }, port: { type: "number" } },
        env: {
          URL: "http://$INPUT_HOST:$INPUT_PORT",
          LOG: "$HOME/$INSTEP_WORKFLOW_ID.$INSTEP_STEP",
        },
        steps: [
          { action: "make", run: "echo '::output key=k1'" },
          {
            action: "use",
            env: { URL: "$URL/$OUTPUT_MAKE_KEY", FILE: "$INSTEP_OUTPUT", TERM: "$TERM-x" },
            run: 'echo "$URL|$(basename "$LOG")|$TERM"; test "$FILE" = "$INSTEP_OUTPUT"; test -f "$FILE"',
          },
        ],
      },
      { host: "web-7", port: 80 },
    );
    expect(state.steps[1]?.error ?? null).toBeNull();
    expect(await output(1)).toMatch(/^http:\/\/web-7:80\/k1\|workflow_\w+\.1\|dumb-x\n$/);
  });

  test("a name in a value of env puts in text and never a command", async ({ runnerWorld }) => {
    const { output } = await ran(
      await runnerWorld(),
      {
        inputs: { text: { type: "string" } },
        steps: [{ action: "a", env: { A: "<$INPUT_TEXT>" }, run: 'printf %s "$A"' }],
      },
      { text: `"; echo $(id) \`id\` $HOME ${BRACED}` },
    );
    expect(await output()).toBe(`<"; echo $(id) \`id\` $HOME ${BRACED}>`);
  });

  test("the name of an input that was not given is empty in env, and a name of nothing ends the step in words", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const inputs = { token: { type: "string" }, far: { type: "ssh" } };
    const steps = [{ action: "a", env: { A: "[$INPUT_TOKEN$INPUT_FAR_USER]" }, run: 'echo "$A"' }];
    const empty = await ran(world, { inputs, steps });
    expect(await empty.output()).toBe("[]\n");
    const { state } = await ran(world, {
      env: { PASSWORD: "s3cret$abc" },
      steps: [{ action: "a", run: "true" }],
    });
    expect(state.steps[0]?.error).toBe(
      "did not start: env.PASSWORD: there is no variable abc; a dollar sign is written $$, and --pass-env abc passes on the server's",
    );
  });

  test("a name in a value of env also holds where a question is decided", async ({
    runnerWorld,
  }) => {
    const { state } = await ran(await runnerWorld(), {
      env: { A: "no" },
      steps: [
        {
          action: "a",
          env: { B: "$A-$A" },
          ask: { prompt: "?", when: 'test "$B" = yes' },
          run: 'test "$B" = no-no',
        },
      ],
    });
    expect(state.status).toBe("completed");
  });

  test("a value of env that makes a secret longer is a secret as a whole", async ({
    runnerWorld,
  }) => {
    const { state, output } = await ran(
      await runnerWorld(),
      {
        inputs: { key: { type: "secret" }, port: { type: "number" } },
        env: { DSN: "db://me:$INPUT_KEY@host", OPEN: "port-$INPUT_PORT" },
        steps: [
          {
            action: "a",
            env: { MORE: "$DSN/$INPUT_PORT" },
            run: 'echo "$DSN"; printf %s "$MORE" | base64 -w0; echo; echo "$OPEN"',
          },
        ],
      },
      { key: "hunter2-hunter2", port: 5432 },
    );
    expect(state.status).toBe("completed");
    expect(await output()).toBe("***\n***\nport-5432\n");
  });

  test("a name in a value of env is only a text where the definition is code", async ({
    runnerWorld,
  }) => {
    const printed: string[] = [];
    const coded = defineWorkflow({
      name: "coded",
      env: { A: `$HOME ${BRACED}` },
      steps: [
        {
          action: "a",
          run: (step) => step.run('echo "$A|$B"', { env: { B: "$A" } }),
        },
      ],
    });
    const world = await runnerWorld({ definitions: [coded] });
    const id = await world.start("coded");
    await world.ended(id);
    printed.push(await world.outputOf(id, 0));
    expect(printed).toEqual([`$HOME ${BRACED}|$A\n`]);
  });
});
