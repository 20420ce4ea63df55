/** The shell that runs a step's script, and its environment: real shells and interpreters. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { type RunnerWorld, runnerTest as test } from "../../../support/servers/runnerWorld.js";

/** Runs a recipe with these steps to its end. */
async function ran(world: RunnerWorld, steps: readonly object[], more: object = {}) {
  const named = steps.map((step, index) => ({ action: `step_${index}`, ...step }));
  world.define("one.yaml", JSON.stringify({ name: "one", ...more, steps: named }));
  const id = await world.start("one");
  const state: WorkflowState = await world.ended(id);
  return { state, id, output: (step = 0) => world.outputOf(id, step) };
}

describe("the script of a step", () => {
  test("the script of a step ends at its first failure, and the step with it", async ({
    runnerWorld,
  }) => {
    const { state, output } = await ran(await runnerWorld(), [
      { run: "cp /nonexistent /tmp/x\necho uploaded\n" },
      { run: "echo shipped" },
    ]);
    expect(state).toMatchObject({
      status: "failed",
      steps: [{ status: "failed" }, { status: "pending" }],
    });
    expect(await output()).not.toContain("uploaded");
  });

  test("the script of a step goes on behind a failure that it expects, and behind set +e", async ({
    runnerWorld,
  }) => {
    const run = "false || echo expected\nif false; then :; fi\nset +e\nfalse\necho end\n";
    const { state, output } = await ran(await runnerWorld(), [{ run }]);
    expect(state.status).toBe("completed");
    expect(await output()).toBe("expected\nend\n");
  });

  test("a script in bash fails where any part of a pipe does", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    const run = "false | cat\n[[ a == a* ]] && echo bash\n";
    expect((await ran(world, [{ run, shell: "bash" }])).state.status).toBe("failed");
    const plain = await ran(world, [{ run: "false | cat\necho end" }]);
    expect(plain.state.status).toBe("completed");
    const { state, output } = await ran(world, [
      { run: "set +o pipefail\nfalse | cat\n[[ a == a* ]] && echo bash", shell: "bash" },
    ]);
    expect(state.status).toBe("completed");
    expect(await output()).toBe("bash\n");
  });

  test("the script of a step is run by the recipe's shell where the step names none", async ({
    runnerWorld,
  }) => {
    const steps = [
      { run: "set -o | grep -c '^errexit.*on'; [[ a == a ]] && echo bash" },
      { run: "type [[ || echo none", shell: "sh" },
      { argv: ["echo", "no shell"] },
    ];
    const { state, output } = await ran(await runnerWorld(), steps, { shell: "bash" });
    expect(state.status).toBe("completed");
    expect(await output(0)).toBe("1\nbash\n");
    expect(await output(1)).toMatch(/none\n$/);
    expect(await output(2)).toBe("no shell\n");
  });

  test("the script of a step may be of any program: python, node, perl, awk", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    writeFileSync(join(folder, "workflows", "beside.py"), "word = 'beside'\n");
    const { state, output } = await ran(world, [
      { shell: ["python3"], run: "import beside, sys\nprint(beside.word, sys.argv[1:])\n" },
      {
        shell: ["node"],
        run: "const { basename } = require('path');\nconsole.log(basename('a/b'));",
      },
      { shell: ["perl", "-w"], run: 'my $x = "it\'s";\nprint "$x perl\\n";' },
      { shell: ["awk", "-f"], run: 'BEGIN { print "awk" }' },
      {
        shell: ["bash", "-e", "{{file}}", "a b"],
        run: 'echo "$1"; head -c3 "$0"; expr "$0" : ".*/\\(keepers\\)/[0-9a-f]*/script"',
      },
      { shell: ["env", "X=1", "sh", "-c", "{{script}}"], run: 'echo "$X"' },
    ]);
    expect(state.steps.map(({ status }) => status)).toEqual(Array(6).fill("completed"));
    const printed = await Promise.all(state.steps.map((_step, index) => output(index)));
    expect(printed).toEqual([
      "beside []\n",
      "b\n",
      "it's perl\n",
      "awk\n",
      "a b\nechkeepers\n",
      "1\n",
    ]);
    expect(readdirSync(join(world.server.dataDir, "outputs"))).toEqual([]);
  });

  test("a script that fails in python says which line", async ({ runnerWorld }) => {
    const { state } = await ran(await runnerWorld(), [
      { shell: ["python3"], run: "x = {}\nx['key']\n" },
    ]);
    expect(state.steps[0]?.error).toBe("KeyError: 'key' (exit code 1)");
  });

  test("a script of 200 KiB runs, in every shell", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    const long = (line: string, comment = "#") =>
      `${line}\n${`${comment} ${"é".repeat(60)}\n`.repeat(1_700)}`;
    for (const [shell, script] of [
      ["sh", `${long('set -u; echo "$0 $#"')}false\necho never`],
      ["bash", `${long("echo bash $#")}false | cat\necho never`],
      [["python3"], `${long("print('python')")}import sys\nsys.exit(1)`],
      [["node"], `${long("console.log('node')", "//")}process.exit(1)`],
    ] as const) {
      expect(Buffer.byteLength(script)).toBeGreaterThan(200 * 1024);
      const { state, output } = await ran(world, [{ shell, run: script }]);
      expect(state.steps[0]?.data).toMatchObject({ exit_code: 1 });
      expect(await output()).toMatch(/^(?:\/bin\/sh 0|bash 0|python|node)\n$/);
    }
  });

  test("the script of a step is the same whether the file has Windows line ends", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const lines = [
      "name: crlf",
      "steps:",
      "  - action: a",
      "    run: |",
      "      set -u",
      "      cd /",
      "      pwd",
    ];
    world.define("crlf.yaml", lines.join("\r\n"));
    const id = await world.start("crlf");
    expect((await world.ended(id)).status).toBe("completed");
    expect(await world.outputOf(id, 0)).toBe("/\n");
  });

  test("a script whose shell is not there says so", async ({ runnerWorld }) => {
    const { state } = await ran(await runnerWorld({ env: { PATH: "/nowhere" } }), [
      { shell: "bash", run: "echo never" },
    ]);
    expect(state.steps[0]?.error).toBe("there is no program bash in PATH=/nowhere (exit code 127)");
  });
});

describe("a question's when", () => {
  for (const [shell, when, asks] of [
    ["sh", "false; echo Sure?", true],
    ["bash", "false | cat; [[ 1 -eq 2 ]]", false],
    [["python3"], "import sys\nsys.exit(1)", false],
  ] as const) {
    test(`a question's when decides by its last command, in the step's shell: ${shell}`, async ({
      runnerWorld,
    }) => {
      const world = await runnerWorld();
      const ask = { prompt: "{{output}}", when };
      world.define("q.yaml", JSON.stringify({ name: "q", shell, steps: [{ action: "a", ask }] }));
      const id = await world.start("q");
      const state = await world.until(id, ({ status }) => status !== "running");
      expect(state.status).toBe(asks ? "blocked" : "completed");
    });
  }
});

describe("the environment of a command", () => {
  test("a command finds a terminal that can do nothing, and a Python that prints at once", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const run = 'echo "$TERM $PYTHONUNBUFFERED"';
    expect(await (await ran(world, [{ run }])).output()).toBe("dumb 1\n");
    const env = { TERM: "xterm", PYTHONUNBUFFERED: "" };
    expect(await (await ran(world, [{ run, env }])).output()).toBe("xterm \n");
    expect(await (await ran(world, [{ run }], { env })).output()).toBe("xterm \n");
  });

  test("a command finds the server's own TERM and PYTHONUNBUFFERED where it has them", async ({
    runnerWorld,
  }) => {
    const env = { PATH: process.env.PATH, TERM: "screen", PYTHONUNBUFFERED: "x" };
    const world = await runnerWorld({ env });
    const { output } = await ran(world, [{ run: 'echo "$TERM $PYTHONUNBUFFERED"' }]);
    expect(await output()).toBe("screen x\n");
  });

  test("the lines that Python prints are seen while a command runs", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    const run = "import time\nprint('::progress 40::epoch 4')\ntime.sleep(600)\n";
    world.define(
      "p.yaml",
      JSON.stringify({ name: "p", steps: [{ action: "a", shell: ["python3"], run }] }),
    );
    const id = await world.start("p");
    const seen = await world.until(id, ({ steps }) => steps[0]?.message === "epoch 4");
    expect(seen.steps[0]?.status).toBe("in_progress");
    await world.command("stop", { workflow_id: id, now: true });
    await world.ended(id);
  });
});
