/** `instep check`: recipes looked at without a server, for editors and CI. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import type { Calls } from "../../../support/servers/builtCommand.js";
import { commandTest } from "../../../support/servers/commandHere.js";

const EXAMPLES = fileURLToPath(new URL("../../../../examples", import.meta.url));
const GOOD = "name: good\nsteps:\n  - { action: a, run: b }\n";
const BAD = "# a comment\nname: bad\nsteps:\n  - action: a\n    rum: b\n";
const PROBLEMS = [
  "4:5: step 1 (a): run: is required (or `argv`, or `ask`, or `parallel`)",
  "5:5: step 1 (a): rum: no such field; did you mean run?",
];

interface World {
  write(file: string, text: string | Buffer): void;
  check(
    args: readonly string[],
    input?: string,
  ): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

const checkWith =
  (instep: Calls["instep"]): World["check"] =>
  async (args, input) => {
    const call = instep(["check", ...args]);
    if (input !== undefined) call.type(input);
    const code = await call.exitCode;
    return { code, stdout: call.stdout(), stderr: call.stderr() };
  };

const test = commandTest.extend<{ world: World }>({
  world: async ({ instep, folder }, use) => {
    await use({
      write(file, text) {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        writeFileSync(path.join(folder, file), text);
      },
      check: checkWith(instep),
    });
  },
});

describe("instep check", () => {
  test("instep check ends with 0 and one line where everything can be used", async ({ world }) => {
    world.write("good.yaml", GOOD);
    const all = await world.check(["good.yaml", EXAMPLES]);
    expect(all).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+ recipes, nothing wrong\.\n$/),
      stderr: "",
    });
    expect((await world.check(["./good.yaml", "good.yaml"])).stdout).toBe(
      "1 recipe, nothing wrong.\n",
    );
  });

  test("instep check takes the settings of the folder it is called in for no recipe", async ({
    world,
  }) => {
    world.write("good.yaml", GOOD);
    world.write("instep.yaml", "max_concurrent: 3\n");
    world.write("recipes/instep.yaml", GOOD.replace("good", "own"));
    expect(await world.check([".", "recipes"])).toEqual({
      code: 0,
      stdout: "2 recipes, nothing wrong.\n",
      stderr: "",
    });
    expect((await world.check(["instep.yaml"])).code).toBe(1);
  });

  test("instep check tells programs in one object which files it could not look at", async ({
    world,
  }) => {
    world.write("good.yaml", GOOD);
    const all = await world.check(["gone.yaml", "good.yaml", "nowhere", "--json"]);
    expect(all.code).toBe(2);
    expect(JSON.parse(all.stdout)).toMatchObject({ file: "good.yaml", ok: true });
    expect(JSON.parse(all.stderr)).toEqual({
      error: {
        code: "usage",
        message: "gone.yaml: there is no such file\n  nowhere: there is no such file",
        errors: [],
      },
    });
  });

  test("instep check ends with 1 and says file, line, column and what is wrong there", async ({
    world,
  }) => {
    world.write("sub/bad.yaml", BAD);
    world.write("good.yaml", GOOD);
    world.write("torn.yaml", "name: [a\n");
    const { code, stdout, stderr } = await world.check(["good.yaml", "sub/bad.yaml", "torn.yaml"]);
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split("\n");
    for (const problem of PROBLEMS) expect(lines).toContain(`sub/bad.yaml:${problem}`);
    for (const line of lines) expect(line).toMatch(/^(?:sub\/bad|torn)\.yaml:\d+:\d+: /);
    expect(stderr).toBe(`3 recipes, ${lines.length} problems.\n`);
  });

  test("instep check reads a folder as a server does, and names what no server would use", async ({
    world,
  }) => {
    world.write("w/a.yaml", GOOD);
    world.write("w/b.yml", `\n${GOOD}`);
    world.write("w/twice.yaml", GOOD.replace("good", "twice").replace(/$/, "  - { action: c }\n"));
    world.write("w/latin.yaml", Buffer.from("name: caf\xe9\n", "latin1"));
    world.write("w/notes.txt", "no recipe");
    world.write("w/.hidden.yaml", "no recipe");
    const { code, stdout } = await world.check(["w"]);
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        'w/b.yml:2:1: name: "good" is the name of w/a.yaml already',
        "w/latin.yaml:1:1: is not UTF-8 text",
        "w/twice.yaml:4:5: step 2 (c): run: is required (or `argv`, or `ask`, or `parallel`)",
        "",
      ].join("\n"),
    );
  });

  test("instep check names the second of two steps with one action, and where the first stands", async ({
    world,
  }) => {
    world.write("same.yaml", `${GOOD}  - { action: c, run: b }\n  - { action: a, run: b }\n`);
    const { code, stdout, stderr } = await world.check(["same.yaml"]);
    expect([code, stderr]).toEqual([1, "1 recipe, 1 problem.\n"]);
    expect(stdout).toBe(
      "same.yaml:5:7: step 3 (a): action: is the name of step 1 (line 3) too: give this one another, such as a_2\n",
    );
    const json = JSON.parse((await world.check(["same.yaml", "--json"])).stdout);
    expect(json).toMatchObject({ ok: false, problems: [{ line: 5, column: 7 }], warnings: [] });
  });

  test("instep check says the newer name of a key, also in a branch", async ({ world }) => {
    world.write(
      "old.yaml",
      `${GOOD}  - { action: c, run: d, when_failed: continue }\n  - { action: e, parallel: [{ action: f, run: g, when_failed: stop }] }\n`,
    );
    const { code, stdout } = await world.check(["old.yaml"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /:4:26: warning: .*when_failed: is called `continue_on_error: true` now/,
    );
    expect(stdout).toMatch(
      /:5:\d+: warning: .*when_failed: is called `continue_on_error: false` now/,
    );
  });

  test("warns of what can be used and is hardly meant", async ({ world }) => {
    const env =
      "{ PATH: /opt:$PATH, PASS: pa$word, NOW: $(date), HOST: $INPUT_HST, FINE: pa$$word }";
    world.write(
      "doubtful.yaml",
      GOOD.replace("steps:", () => `env: ${env}\nsteps:`),
    );
    const { code, stdout, stderr } = await world.check(["doubtful.yaml"]);
    expect([code, stderr]).toEqual([0, ""]);
    const unset = (name: string) =>
      `there is no variable ${name}; a dollar sign is written $$, and --pass-env ${name} passes on the server's`;
    expect(stdout.split("\n")).toEqual([
      `doubtful.yaml:2:26: warning: env.PASS: ${unset("word")}`,
      "doubtful.yaml:2:41: warning: env.NOW: `$(` stays as it is: no shell reads this value",
      `doubtful.yaml:2:55: warning: env.HOST: ${unset("INPUT_HST")}`,
      "1 recipe, 3 warnings.",
      "",
    ]);
    const json = JSON.parse((await world.check(["doubtful.yaml", "--json"])).stdout);
    expect(json).toMatchObject({
      ok: true,
      problems: [],
      warnings: [{ line: 2, column: 26 }, {}, {}],
    });
  });

  test("instep check refuses a sign in env that is not understood, at its line", async ({
    world,
  }) => {
    world.write(
      "sign.yaml",
      GOOD.replace("steps:", () => 'env: { A: "$' + '{X#y}" }\nsteps:'),
    );
    const { code, stdout } = await world.check(["sign.yaml"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^sign\.yaml:2:8: env\.A: `\$\{X#y\}` is not understood: there are \$NAME/,
    );
  });

  test("instep check lets recipes of other folders have the same name", async ({ world }) => {
    world.write("one/a.yaml", GOOD);
    world.write("two/a.yaml", GOOD);
    expect(await world.check(["one", "two/a.yaml"])).toMatchObject({ code: 0, stderr: "" });
    world.write("one/b.yaml", GOOD);
    const { code, stdout } = await world.check(["one/b.yaml", "two", "one/a.yaml"]);
    expect([code, stdout]).toEqual([
      1,
      'one/a.yaml:1:1: name: "good" is the name of one/b.yaml already\n',
    ]);
  });

  test("instep check reads standard input and pipes", async ({ world, built, folder }) => {
    // What it reads is the standard input of a process.
    const check = checkWith(built.instep);
    expect(await check(["-"], GOOD)).toMatchObject({ code: 0 });
    const bad = await check(["-"], BAD);
    expect([bad.code, bad.stdout.split("\n")]).toEqual([
      1,
      expect.arrayContaining(PROBLEMS.map((problem) => `<stdin>:${problem}`)),
    ]);
    expect((await check(["-"], "")).stdout).toMatch(/^<stdin>:1:1: must be a definition/);
    execFileSync("mkfifo", [path.join(folder, "pipe")]);
    const [checked] = await Promise.all([
      check(["pipe"]),
      check(["good.yaml"]).then(() => world.write("pipe", GOOD)),
    ]);
    expect(checked.code).toBe(0);
  });

  test("instep check ends with 2 where something could not be looked at, and looks at the rest", async ({
    world,
  }) => {
    world.write("bad.yaml", BAD);
    world.write("empty/notes.txt", "");
    const { code, stdout, stderr } = await world.check(["nowhere.yaml", "bad.yaml", "empty"]);
    expect(code).toBe(2);
    expect(stdout).toContain(`bad.yaml:${PROBLEMS[0]}`);
    expect(stderr).toContain("instep: nowhere.yaml: there is no such file\n");
    expect(stderr).toContain("instep: empty: there is no recipe (*.yaml) in this folder\n");
    expect(await world.check([])).toMatchObject({ code: 2, stdout: "" });
  });

  test("instep check says it all as JSON, one object for each file", async ({ world }) => {
    world.write("bad.yaml", BAD);
    world.write("good.yaml", GOOD);
    const { code, stdout, stderr } = await world.check(["good.yaml", "bad.yaml", "--json"]);
    const [good, bad, ...more] = stdout.trimEnd().split("\n");
    expect([code, stderr, more]).toEqual([1, "", []]);
    expect(JSON.parse(good!)).toEqual({
      file: "good.yaml",
      ok: true,
      name: "good",
      problems: [],
      warnings: [],
    });
    expect(JSON.parse(bad!)).toMatchObject({ file: "bad.yaml", ok: false, name: null });
    expect(JSON.parse(bad!).problems).toContainEqual({
      line: 5,
      column: 5,
      field: "steps.0.rum",
      where: "step 1 (a): rum",
      message: "no such field; did you mean run?",
    });
  });

  test("prints nothing that could steer a terminal", async ({ world }) => {
    world.write("bad.yaml", 'name: a\nsteps: [{ action: a, run: b, "k\\e[31m\\e]0;x\\a": c }]\n');
    const { code, stdout } = await world.check(["bad.yaml", "no\u001b[31m.yaml"]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^(?:\n|\P{Cc})+$/u);
  });
});
