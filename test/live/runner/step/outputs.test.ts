/** Outputs that a step hands on to later ones: how a command says them, who finds them, and that nobody goes on without them. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { defineWorkflow } from "../../../../server/server.js";
import { keptTexts } from "../../../support/disks/keptTexts.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const outputs = (step: { data?: unknown } | undefined): unknown =>
  (step?.data as { outputs?: unknown } | undefined)?.outputs;

describe("the outputs of a step", () => {
  test("an output is printed, or written to a file, and found by every later command", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "release.yaml",
      String.raw`
name: release
steps:
  - action: build-it
    run: |
      echo "::output version=1.4"
      echo "::output spaced=  a b  "
      printf '::output last=without an end' >&2
      echo "size=12" >> "$INSTEP_OUTPUT"
      printf 'list<<EOF\none\ntwo\nEOF\n' >> "$INSTEP_OUTPUT"
  - action: ask
    ask:
      when: printf '%s' "$OUTPUT_BUILD_IT_VERSION"; exit 0
      prompt: "Publish {{output}}?"
  - action: publish
    run: |
      printf '<%s>' "$OUTPUT_BUILD_IT_VERSION" "$OUTPUT_BUILD_IT_SPACED" "$OUTPUT_BUILD_IT_LAST" "$OUTPUT_BUILD_IT_SIZE" "$OUTPUT_BUILD_IT_LIST"
`,
    );
    const id = await world.start("release");
    const asked = await world.until(id, ({ status }) => status === "blocked");
    expect(asked.block_info?.prompt).toBe("Publish 1.4?");
    expect(outputs(asked.steps[0])).toEqual({
      version: "1.4",
      spaced: "  a b  ",
      last: "without an end",
      size: "12",
      list: "one\ntwo",
    });
    await world.command("answer", { workflow_id: id, answer: {} });
    const { status, steps } = await world.ended(id);
    expect(status).toBe("completed");
    expect(steps[0]?.notes).toBeUndefined();
    expect(await world.outputOf(id, 2)).toBe("<1.4><  a b  ><without an end><12><one\ntwo>");
    // Beside what else the step's data says.
    expect(steps[0]?.data).toMatchObject({ exit_code: 0 });
    expect(readdirSync(join(world.server.dataDir, "outputs"))).toEqual([]);
  });

  test("an output is kept by a retry that begins behind it, and said anew by one that begins there", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "two.yaml",
      `
name: two
steps:
  - { action: build, run: 'echo "::output id=$INSTEP_WORKFLOW_ID"' }
  - { action: use, run: 'echo "$OUTPUT_BUILD_ID"; exit 1' }
`,
    );
    const id = await world.start("two");
    await world.ended(id);
    const again = (await world.command("retry", { workflow_id: id })).body.workflow_id;
    await world.ended(again);
    expect(await world.outputOf(again, 1)).toBe(`${id}\n`);
    const whole = (await world.command("retry", { workflow_id: id, from: "build" })).body;
    await world.ended(whole.workflow_id);
    expect(await world.outputOf(whole.workflow_id, 1)).toBe(`${whole.workflow_id}\n`);
  });

  test("an output is that of the last attempt, also where that failed", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define(
      "tries.yaml",
      `
name: tries
steps:
  - action: rent
    retries: 1
    backoff: 1ms
    when_failed: continue
    run: |
      test "$INSTEP_ATTEMPT" = 2 || echo "::output first=yes"
      echo "::output machine=m$INSTEP_ATTEMPT"
      exit 1
  - { action: give_back, run: 'echo "\${OUTPUT_RENT_MACHINE} \${OUTPUT_RENT_FIRST-none}"' }
`,
    );
    const id = await world.start("tries");
    const { status, steps } = await world.ended(id);
    expect(status).toBe("completed");
    expect(outputs(steps[0])).toEqual({ machine: "m2" });
    expect(await world.outputOf(id, 1)).toBe("m2 none\n");
  });

  test("an output that is wrong stands in the way of nothing: a note and a line say so", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "wrong.yaml",
      String.raw`
name: wrong
steps:
  - action: a
    run: |
      echo "::output good=1"
      echo "::output is what it says"
      echo "::output long=$(head -c 5000 /dev/zero | tr '\0' x)"
      echo "nonsense" >> "$INSTEP_OUTPUT"
      echo "large=$(head -c 40000 /dev/zero | tr '\0' x)" >> "$INSTEP_OUTPUT"
      printf 'nul=a\0b\n' >> "$INSTEP_OUTPUT"
      echo "b_c=first" >> "$INSTEP_OUTPUT"
      echo "B_C=second" >> "$INSTEP_OUTPUT"
  - action: a_b
    run: echo "::output c=third"
  - { action: use, run: 'echo "$OUTPUT_A_GOOD $OUTPUT_A_B_C"' }
`,
    );
    const id = await world.start("wrong");
    const { status, steps } = await world.ended(id);
    expect(status).toBe("completed");
    expect(outputs(steps[0])).toEqual({ good: "1", b_c: "first", B_C: "second" });
    const said = [
      "A line that begins with ::output is no ::output name=value: it was left out.",
      "The output long is too long for a line: write it to $INSTEP_OUTPUT. It was left out.",
      "$INSTEP_OUTPUT, line 1: it is no name=value.",
      "The output large is longer than 32768 bytes: it was left out.",
      "The output nul contains NUL, which no variable can: it was left out.",
      "1 more like this.",
    ];
    expect(steps[0]?.notes).toEqual(said);
    const log = await world.outputOf(id, 0);
    for (const sentence of said) expect(log).toContain(`instep: ${sentence}\n`);
    expect(steps[1]?.notes).toEqual([
      'The outputs "c" and "B_C" of "a" are both OUTPUT_A_B_C: later steps find the one that came last.',
    ]);
    expect(await world.outputOf(id, 2)).toBe("1 third\n");
  });

  test("outputs are bounded over all steps", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    const step = (action: string) => `
  - action: ${action}
    run: |
      big=$(head -c 30000 /dev/zero | tr '\\0' x)
      for n in 1 2 3 4 5; do echo "n$n=$big" >> "$INSTEP_OUTPUT"; done`;
    world.define("big.yaml", `name: big\nsteps:${step("a")}${step("b")}`);
    const id = await world.start("big");
    const { status, steps } = await world.ended(id);
    expect(status).toBe("completed");
    expect(Object.keys(outputs(steps[0]) as object)).toHaveLength(5);
    expect(Object.keys(outputs(steps[1]) as object)).toHaveLength(3);
    expect(steps[1]?.notes?.[0]).toMatch(/^The output n4 has no room: all outputs of a workflow/);
  });

  test("an output that contains a secret is in clear for commands and nowhere else", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "secret.yaml",
      `
name: secret
inputs: { key: { type: secret } }
steps:
  - action: log_in
    run: |
      echo "::output token=Bearer $INPUT_KEY"
      echo "coded=$(printf %s "$INPUT_KEY" | base64)" >> "$INSTEP_OUTPUT"
      echo "::output plain=yes"
  - { action: use, run: 'printf %s "$OUTPUT_LOG_IN_TOKEN" | sha256sum; printf %s "$OUTPUT_LOG_IN_CODED" | base64 -d | wc -c; exit 1' }
`,
    );
    const id = await world.start("secret", { inputs: { key: "correct horse battery" } });
    const { steps } = await world.ended(id);
    expect(outputs(steps[0])).toEqual({ token: "Bearer ***", coded: "***", plain: "yes" });
    const printed = await world.outputOf(id, 1);
    const sum = createHash("sha256").update("Bearer correct horse battery").digest("hex");
    expect(printed).toBe(`${sum}  -\n21\n`);
    // A retry behind it finds them still.
    const again = (await world.command("retry", { workflow_id: id })).body.workflow_id;
    await world.ended(again);
    expect(await world.outputOf(again, 1)).toBe(printed);
    const texts = await keptTexts(world.server.dataDir);
    for (const workflow_id of [id, again]) expect(texts.join("")).toContain(workflow_id);
    for (const text of texts) expect(text).not.toContain("horse");
  });

  test("outputs come from functions as well, beside what they give back", async ({
    runnerWorld,
  }) => {
    const seen: unknown[] = [];
    const world = await runnerWorld({
      definitions: [
        defineWorkflow({
          name: "code",
          steps: [
            {
              action: "build",
              run: async (step) => {
                await Promise.all([
                  step.run('echo "::output a=1"; echo "file=x" >> "$INSTEP_OUTPUT"'),
                  step.run('echo "::output b=2"; echo "other=y" >> "$INSTEP_OUTPUT"'),
                ]);
                return { files: 3, outputs: { count: 3, ok: true, nested: { deep: 1 } } };
              },
            },
            {
              action: "list",
              run: async (step) => {
                await step.run('echo "::output c=3"');
                return ["one"];
              },
            },
            {
              action: "use",
              run: async (step) => {
                seen.push(step.outputs);
                await step.run('echo "$OUTPUT_BUILD_COUNT $OUTPUT_BUILD_OK $OUTPUT_BUILD_FILE"');
              },
            },
          ],
        }),
      ],
    });
    const id = await world.start("code");
    const { status, steps } = await world.ended(id);
    expect(status).toBe("completed");
    const all = { a: "1", b: "2", file: "x", other: "y", count: "3", ok: "true" };
    expect(steps[0]?.data).toEqual({ files: 3, outputs: { ...all, nested: { deep: 1 } } });
    expect(steps[1]?.data).toEqual({ result: ["one"], outputs: { c: "3" } });
    expect(seen).toEqual([{ build: all, list: { c: "3" } }]);
    expect(await world.outputOf(id, 2)).toBe("3 true x\n");
  });
});
