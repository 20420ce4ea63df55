/** Secrets of real commands: in the state, on disk and in the output, whatever the commands do to them. */
import { describe, expect } from "vitest";
import type { StepHandler } from "../../../../server/runner/definition/runStep.js";
import { defineWorkflow } from "../../../../server/server.js";
import { keptTexts } from "../../../support/disks/keptTexts.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const SECRET = "S3cr3t-Canary-Value-42";
const one = (run: string) =>
  `name: one\ninputs: { key: { type: secret } }\nsteps:\n  - { action: work, run: ${JSON.stringify(run)} }\n`;

describe("a command's secret is shown nowhere", () => {
  test.for([
    ["coloured by sed", `echo "token $INPUT_KEY" | sed 's/S3cr3t/\\x1b[01;31m&\\x1b[m/'`],
    ["coloured by grep", `echo "token $INPUT_KEY" | grep --color=always -e Canary`],
    ["as a coloured note", `echo "::note::$INPUT_KEY" | sed 's/Can/\\x1b[31m&\\x1b[m/'`],
    ["as a coloured task", `echo "::task running::$INPUT_KEY" | sed 's/Can/\\x1b[31m&\\x1b[m/'`],
    ["as a coloured error", `echo "::error::$INPUT_KEY" | sed 's/Can/\\x1b[31m&\\x1b[m/'; exit 3`],
    ["in the sentence of an error", `echo "Error: no login with $INPUT_KEY" >&2; exit 3`],
    ["in one that is cut", `printf 'Error: %0280d%s\\n' 0 "$INPUT_KEY" >&2; exit 3`],
    ["over two streams", `printf %s "S3cr3t-"; printf '%s\\n' "Canary-Value-42" >&2; sleep 0.1`],
    ["in base64", `printf 'user:%s' "$INPUT_KEY" | base64`],
    ["in hex", `printf %s "$INPUT_KEY" | od -An -tx1 | tr -d ' \\n'`],
    ["in lines of four letters", `printf %s "$INPUT_KEY" | fold -w 4`],
    ["overwritten", `printf %s "$INPUT_KEY" | sed 's/./&\\x08&/g'`],
    ["as the name of a missing program", `"$INPUT_KEY"`],
    ["by its environment", "env"],
  ] as const)("a command's secret is shown nowhere: %s", async ([, run], { runnerWorld }) => {
    const world = await runnerWorld();
    world.define("one.yaml", one(run));
    const id = await world.start("one", { inputs: { key: SECRET } });
    const end = await world.ended(id);
    const output = await world.outputOf(id, 0);
    const files = await keptTexts(world.server.dataDir);
    expect(files.join("").length).toBeGreaterThan(100);
    const encoded = [
      Buffer.from(`user:${SECRET}`).toString("base64").slice(8, -4),
      Buffer.from(SECRET).toString("hex").slice(0, 24),
    ];
    for (const text of [JSON.stringify(end), output, ...files]) {
      expect(text).not.toMatch(/S3cr3t-|Canary|Value-42/);
      for (const other of encoded) expect(text).not.toContain(other);
    }
    expect(output).toContain("***");
  });

  test("a secret that a function returns, throws or prints in pieces is shown nowhere", async ({
    runnerWorld,
  }) => {
    const returning: StepHandler = async (step) => {
      const { key } = step.inputs;
      await step.output(String(key).slice(0, 9));
      await step.output(`${String(key).slice(9)}\n`);
      step.message(`${"x".repeat(390)}${key}`);
      step.note(`\u001b[31m${String(key).slice(0, 5)}\u001b[m${String(key).slice(5)}`);
      return { deep: [{ [String(key)]: `<${key}>` }] };
    };
    const throwing: StepHandler = async ({ inputs }) => {
      throw new Error(`${"x".repeat(1_990)}${inputs.key}`);
    };
    const coded = defineWorkflow({
      name: "coded",
      inputs: { key: { type: "secret" } },
      steps: [
        { action: "returning", run: returning },
        { action: "throwing", run: throwing },
      ],
    });
    const world = await runnerWorld({ definitions: [coded] });
    const id = await world.start("coded", { inputs: { key: SECRET } });
    const end = await world.ended(id);
    expect(end.status).toBe("failed");
    expect(end.steps[0]?.data).toEqual({ deep: [{ "***": "<***>" }] });
    expect(JSON.stringify(end)).not.toMatch(/S3cr|Canary|Value-42/);
    expect(await world.outputOf(id, 0)).toBe("***\n");
  });
});
