/** The outputs of a step when the server's process is killed without warning: no later step runs without them. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { cliTest, type Started } from "../../../support/servers/builtCommand.js";
import { type RunnerCalls, runnerAt } from "../../../support/servers/runnerWorld.js";

interface Life extends RunnerCalls {
  readonly process: Started["process"];
  kill(): Promise<void>;
}

const test = cliTest.extend<{ begin: () => Promise<Life> }>({
  begin: async ({ serve, folder }, use) => {
    const workflows = path.join(folder, "workflows");
    mkdirSync(workflows);
    await use(async () => {
      const { url, process } = await serve("--clear-after", "1h");
      const kill = async () => {
        process.signal("SIGKILL");
        await process.exitCode;
      };
      return { ...runnerAt(() => url, workflows), process, kill };
    });
  },
});

const RECIPE = (second: string) => `
name: three
on_restart: resume
inputs: { key: { type: secret } }
steps:
  - action: first
    run: |
      echo "::output open=o1"
      echo "token=$INPUT_KEY-1" >> "$INSTEP_OUTPUT"
  - action: second
    ${second}
    run: |
      echo "::output said=early"
      echo "begun"
      until test -e go; do sleep 0.02; done
      echo "::output said=late"
  - { action: third, run: 'printf "%s " "$OUTPUT_FIRST_OPEN" "$OUTPUT_SECOND_SAID"; printf %s "$OUTPUT_FIRST_TOKEN" | wc -c' }
`;
const KEY = "correct horse battery";

describe("a server killed behind a step with outputs", () => {
  test.for([true, false])(
    "a server killed in the step behind one with outputs goes on with all of them, also with the secret ones; its command outlives it: %s",
    async (survives, { begin }) => {
      const first = await begin();
      first.define("three.yaml", RECIPE(`idempotent: true\n    survives: ${survives}`));
      const id = await first.start("three", { inputs: { key: KEY } });
      await first.until(id, ({ steps }) => steps[1]?.message === "begun");
      await first.kill();
      const second = await begin();
      second.define("go", "");
      await second.ended(id);
      expect(await second.outputOf(id, 2)).toBe(`o1 late ${KEY.length + 2}\n`);
    },
  );

  test("a killed server hands on what was printed by a step that somebody says is done", async ({
    begin,
  }) => {
    const first = await begin();
    first.define("three.yaml", RECIPE("survives: false"));
    const id = await first.start("three", { inputs: { key: KEY } });
    await first.until(id, ({ steps }) => {
      const data = steps[1]?.data as { outputs?: { said?: string } } | undefined;
      return data?.outputs?.said === "early";
    });
    await first.kill();
    const second = await begin();
    await second.until(id, ({ status, interruption }) => {
      return status === "interrupted" && interruption?.processes === "ended";
    });
    await second.command("resume", { workflow_id: id, done: "second" });
    await second.ended(id);
    expect(await second.outputOf(id, 2)).toBe(`o1 early ${KEY.length + 2}\n`);
  });
});
