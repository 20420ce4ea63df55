/** Refusals of the command line: in the words that were typed, with what to do next, and each thing once. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { commandLine } from "../../../support/servers/commandLine.js";
import { type RunnerWorld, runnerTest as test } from "../../../support/servers/runnerWorld.js";

const SHOP = `name: shop
inputs:
  host: { type: string, required: true, title: Host name }
  key: { type: secret, required: true, title: API key }
  size: { type: choice, options: [small, medium, large], default: small }
steps:
  - { action: copy, run: "true" }
  - { action: sure, ask: { prompt: Sure?, fields: { go: { type: boolean, required: true } } } }
  - { action: switch, run: "true" }
`;
const QUICK = `name: quick
steps:
  - { action: one, run: echo of one }
  - { action: two, run: echo of two }
`;
/** The second one is called like the number of the first. */
const NUMBERS = `name: numbers
steps:
  - { action: first, run: echo of first }
  - { action: "1", run: echo of the one called 1 }
`;
const LONG = 'name: long\nsteps: [{ action: wait, run: "until test -e go; do sleep 0.02; done" }]';

async function shop(runnerWorld: () => Promise<RunnerWorld>) {
  const world = await runnerWorld();
  world.define("shop.yaml", SHOP);
  world.define("quick.yaml", QUICK);
  world.define("numbers.yaml", NUMBERS);
  world.define("long.yaml", LONG);
  const env = { INSTEP_URL: world.server.url };
  const call = (line: string, typed?: readonly string[]) =>
    commandLine(line.split(" "), { env, ...(typed && { typed }) });
  const refused = async (line: string) => {
    const { code, stdout, stderr } = await call(line);
    expect([line, stdout]).toEqual([line, ""]);
    // Lines to copy name the server, as this is not the usual one.
    const said = stderr.replace(/^instep: /, "").replaceAll(`${world.server.url}/w/`, "HERE/");
    return [code, said.trimEnd()];
  };
  return { world, call, refused };
}

describe("a refusal", () => {
  test("a refusal names what was typed, each thing once, and all that is wrong at once", async ({
    runnerWorld,
  }) => {
    const { call, refused } = await shop(runnerWorld);
    expect(
      await refused(
        "start shop --input hst=a --input size=meduim --skip cpy --skip 9 --enable nothing",
      ),
    ).toEqual([
      2,
      [
        "--input hst is not asked for; did you mean host?",
        "  Give the API key: --secret key, and a line of standard input",
        "  --input size must be one of small, medium, large; did you mean medium?",
        "  --skip cpy is no step of it; did you mean copy?",
        "  --skip 9 is no step of it: steps count from 1, and there are 3: 1 copy, 2 sure, 3 switch",
        "  --enable nothing is no step of it; there are 1 copy, 2 sure, 3 switch",
      ].join("\n"),
    ]);
    for (const [line, sentence] of [
      ["start shop --input size=small --input key=abc", "Give the host name: --input host=…"],
      ["start shop --secret ky", "--secret ky is not asked for; did you mean key?"],
      ["start quick --skip one --skip 2", "--skip leaves no step to run"],
      [
        "start quick --id -a",
        "--id -a must be 1 to 128 letters, digits or . _ : - and start with a letter or digit",
      ],
      [
        "list --status runnning",
        '--status: must be some of running, blocked, interrupted, completed, failed, cancelled, not "runnning"; did you mean running?',
      ],
      ["list --input =x", "--input must be the name of an input, or name=value"],
    ] as const)
      expect(await refused(line)).toEqual([2, sentence]);
    expect(await call("list --definition qick")).toEqual({
      code: 0,
      stdout: "No workflow fits.\n",
      stderr: "There is no definition qick; did you mean quick?\n",
    });
    expect(await refused("start workflows/quick.yaml")).toEqual([
      1,
      'There is no definition "workflows/quick.yaml"; did you mean quick?',
    ]);
    expect(await refused("start qick")).toEqual([
      1,
      'There is no definition "qick"; did you mean quick?',
    ]);
  });

  test("a refusal of a recipe run here is the same, and nothing is started for it", async ({
    runnerWorld,
    folder,
  }) => {
    const { world } = await shop(runnerWorld);
    const own = path.join(folder, "own");
    mkdirSync(own);
    writeFileSync(path.join(own, "shop.yaml"), SHOP);
    for (const more of [[], ["--server", world.server.url]]) {
      const args = ["run", "shop.yaml", "--input", "hst=a", "--skip", "0", ...more];
      const { code, stderr, stdout } = await commandLine(args, { cwd: own });
      expect([code, stdout, stderr]).toEqual([
        2,
        "",
        "instep: --input hst is not asked for; did you mean host?\n  Give the API key: --secret key, and a line of standard input\n  --skip 0 is no step of it: steps count from 1, and there are 3: 1 copy, 2 sure, 3 switch\n",
      ]);
    }
  });

  test("a refusal of a workflow that is at another point says what to do instead", async ({
    runnerWorld,
  }) => {
    const { world, call, refused } = await shop(runnerWorld);
    await world.start("quick", { workflow_id: "first" });
    await world.ended("first");
    await world.start("long", { workflow_id: "long" });
    const cases: [string, number, string][] = [
      ["cancel first", 1, "first has ended already (completed): there is nothing to cancel."],
      [
        "resume first",
        1,
        "first has ended (completed); only an interrupted workflow is resumed. Run it again with `instep retry HERE/first --from STEP`.",
      ],
      [
        "retry first",
        2,
        "Every step of first was done: say where to start again, as in `instep retry HERE/first --from 1`. Its steps are 1 one, 2 two.",
      ],
      ["answer first go=yes", 1, "first asks nothing: it is completed."],
      [
        "start quick --id first",
        1,
        "There is a workflow first already: choose another --id, or leave it out and one is made up.",
      ],
      [
        "retry long",
        1,
        "long is running; only an ended workflow is retried. Follow it with `instep watch HERE/long`, or end it with `instep cancel HERE/long`.",
      ],
      [
        "resume long",
        1,
        '"Instep" drives long now, so there is nothing to resume. Follow it with `instep watch HERE/long`.',
      ],
    ];
    for (const [line, code, sentence] of cases)
      expect([line, ...(await refused(line))]).toEqual([line, code, sentence]);

    await world.start("shop", { workflow_id: "asked", inputs: { host: "a", key: "12345678" } });
    await world.until("asked", ({ status }) => status === "blocked");
    expect(await refused("resume asked")).toEqual([
      2,
      "asked waits for an answer: `instep answer HERE/asked`.",
    ]);
    expect(await refused("retry current")).toEqual([
      1,
      "The current workflow is blocked; only an ended workflow is retried. It waits for an answer: `instep answer HERE/current`.",
    ]);
    expect(await refused("answer asked g=yes")).toEqual([
      2,
      "g is not asked for; did you mean go?",
    ]);
    expect(await refused("answer asked go=perhaps")).toEqual([2, "go must be true or false"]);
    expect((await call("answer asked go=no")).code).toBe(0);
    world.define("go", "");
  });

  test("a refusal of an id that is not there tells the one that is near, of those that may be seen", async ({
    runnerWorld,
  }) => {
    const { world, refused } = await shop(runnerWorld);
    await world.start("quick", { workflow_id: "nightly-7" });
    for (const verb of ["watch", "logs", "cancel", "resume", "retry", "answer", "clear"]) {
      expect(await refused(`${verb} nihgtly-7`)).toEqual([
        1,
        "There is no workflow nihgtly-7. Did you mean nightly-7?",
      ]);
      expect(await refused(`${verb} nightly-8`)).toEqual([1, "There is no workflow nightly-8."]);
    }
  });

  test("a refusal names nothing that a bound token may not see", async ({ runnerWorld }) => {
    const tokens = [
      { can: "drive" as const, token: "0123456789abcdef" },
      { can: "drive" as const, token: "fedcba9876543210", workflows: ["deploy-*"] },
      { can: "watch" as const, token: "aaaaaaaaaaaaaaaa" },
    ];
    const world = await runnerWorld({ tokens });
    world.define("quick.yaml", QUICK);
    const call = (line: string, token: string) =>
      commandLine(line.split(" "), { env: { INSTEP_URL: world.server.url, INSTEP_TOKEN: token } });
    const started = await call("start quick --id deploy-secret", tokens[0]!.token);
    expect(started.code).toBe(0);
    await call("start quick --id hidden", tokens[0]!.token);
    const bound = async (line: string) => (await call(line, tokens[1]!.token)).stderr;
    expect(await bound("watch deploy-secrte")).toContain("Did you mean deploy-secret?");
    for (const verb of ["watch", "logs", "cancel", "retry"])
      expect(await bound(`${verb} hiden`)).not.toContain("hidden");

    const watcher = await call("cancel deploy-secret", tokens[2]!.token);
    expect([watcher.code, watcher.stderr]).toEqual([
      1,
      "instep: This token may only watch: give one that may drive, with --token or INSTEP_TOKEN.\n",
    ]);
    const wrong = await call("list", "bbbbbbbbbbbbbbbb");
    expect(wrong.stderr).toMatch(/does not know this token: check --token or INSTEP_TOKEN\.$/m);
    const none = await commandLine(["list"], { env: { INSTEP_URL: world.server.url } });
    expect(none.stderr).toMatch(/asks for a token: give --token or INSTEP_TOKEN\.$/m);
  });
});

describe("a step on the command line", () => {
  test("a step on the command line counts from 1, and is also known by its action", async ({
    runnerWorld,
  }) => {
    const { world, call, refused } = await shop(runnerWorld);
    await world.start("quick", { workflow_id: "first" });
    await world.ended("first");
    expect((await call("logs first --step 1 --no-follow")).stdout).toBe("of one\n");
    expect((await call("logs first --step 2 --no-follow")).stdout).toBe("of two\n");
    expect((await call("logs first --step two --no-follow")).stdout).toBe("of two\n");
    expect((await call("retry first --from 2 --id x")).code).toBe(2);
    const again = await call("retry first --from 2 --json");
    const { workflow_id } = JSON.parse(again.stdout);
    expect((await world.ended(workflow_id)).retried_from).toMatchObject({
      workflow_id: "first",
      step: 1,
    });
    const [all, three] = ["1 one, 2 two", "steps count from 1, and there are 2"];
    for (const [line, sentence] of [
      ["logs first --step 0", `--step 0 is no step of it: ${three}: ${all}`],
      ["logs first --step 3", `--step 3 is no step of it: ${three}: ${all}`],
      ["logs first --step 1 --attempt 7", "--attempt 7 is not there: one was tried once"],
      ["logs first --attempt 2", "--attempt 2 is not there: each step was tried once"],
      ["logs first --step tow", "--step tow is no step of it; did you mean two?"],
      ["retry first --from 0", `--from 0 is no step of it: ${three}: ${all}`],
      ["retry first --from 99999999999", `--from 99999999999 is no step of it: ${three}: ${all}`],
      ["retry first --from other", `--from other is no step of it; there are ${all}`],
      ["retry first --from tow", "--from tow is no step of it; did you mean two?"],
    ] as const)
      expect([line, ...(await refused(line))]).toEqual([line, 2, sentence]);

    expect((await call("start quick --skip 1 --id skipped")).code).toBe(0);
    const { steps } = await world.ended("skipped");
    expect(steps.map(({ status }) => status)).toEqual(["skipped", "completed"]);
  });

  test("a step on the command line that is called like a number is meant by its name first", async ({
    runnerWorld,
  }) => {
    const { world, call } = await shop(runnerWorld);
    await world.start("numbers", { workflow_id: "first" });
    await world.ended("first");
    const log = async (step: string) =>
      (await call(`logs first --step ${step} --no-follow`)).stdout;
    expect(await log("1")).toBe("of the one called 1\n");
    expect(await log("2")).toBe("of the one called 1\n");
    expect(await log("first")).toBe("of first\n");
    const again = await call("retry first --from 1 --json");
    const { workflow_id } = JSON.parse(again.stdout);
    expect((await world.ended(workflow_id)).retried_from?.step).toBe(1);
  });

  test("a step of a driver's own that is called like another is named by its number", async ({
    runnerWorld,
  }) => {
    const { world, call, refused } = await shop(runnerWorld);
    const steps = ["test", "build", "test"].map((action) => ({ action, status: "completed" }));
    await world.server.saved({ workflow_id: "own", status: "completed", steps });
    const said = "test is the name of steps 1 and 3: say which by its number";
    expect(await refused("logs own --step test --no-follow")).toEqual([2, `--step ${said}`]);
    expect(await refused("retry own --from test")).toEqual([2, `--from ${said}`]);
    expect((await call("logs own --step 3 --no-follow")).code).toBe(0);
  });
});

describe("a slip in the words of a call", () => {
  test("a slip in the words of a call is told with the word that was meant", async () => {
    for (const [line, sentence, help] of [
      ["strat quick", "unknown command 'strat'; did you mean start?", "instep help"],
      ["stop quick", "unknown command 'stop'; did you mean cancel?", "instep help"],
      ["ls", "unknown command 'ls'; did you mean list?", "instep help"],
      ["help strat", "unknown command 'strat'; did you mean start?", "instep help"],
      ["quux", "unknown command 'quux'.", "instep help"],
      [
        "start quick --inptu a=b",
        "unknown option '--inptu'; did you mean --input?",
        "instep start --help",
      ],
      [
        "start quick --input-foo a",
        "unknown option '--input-foo'; did you mean --input?",
        "instep start --help",
      ],
      [
        "start quick --fol",
        "unknown option '--fol'; did you mean --follow?",
        "instep start --help",
      ],
      ["start quick -F", "unknown option '-F'; did you mean -f?", "instep start --help"],
      ["start quick -x", "unknown option '-x'.", "instep start --help"],
      [
        "cancel first --now=1",
        "unknown option '--now=1': it takes no value.",
        "instep cancel --help",
      ],
      [
        "--server localhost list",
        "unknown option '--server' here: it belongs behind list.",
        "instep list --help",
      ],
      ["start", "missing required argument 'name'.", "instep start --help"],
      ["list --limit", "option '--limit <number>' argument missing.", "instep list --help"],
    ] as const) {
      const { code, stdout, stderr } = await commandLine(line.split(" "));
      expect([line, code, stdout, stderr]).toEqual([
        line,
        2,
        "",
        `instep: ${sentence}\n  \`${help}\` shows what there is.\n`,
      ]);
    }
    const json = await commandLine(["strat", "--json"]);
    expect(JSON.parse(json.stderr).error.message).toContain("did you mean start?");
    const level = await commandLine(["serve", "--log-level", "inf"]);
    expect([level.code, level.stderr]).toEqual([2, expect.stringContaining("did you mean info?")]);
  });

  test("a slip in the name of a recipe is told with the file that was meant", async ({
    folder,
  }) => {
    mkdirSync(path.join(folder, "workflows"));
    for (const file of ["backup.yaml", "other.yaml", "workflows/deploy.yml"])
      writeFileSync(path.join(folder, file), QUICK);
    for (const [file, sentence] of [
      ["backup.yml", "there is no such file; did you mean backup.yaml?"],
      ["backup", "there is no such file; did you mean backup.yaml?"],
      ["bakcup.yaml", "there is no such file; did you mean backup.yaml?"],
      ["deploy.yaml", "there is no such file; did you mean workflows/deploy.yml?"],
      ["workflows/deplyo.yml", "there is no such file; did you mean workflows/deploy.yml?"],
      ["quux.yaml", "there is no such file"],
      ["nowhere/backup.yaml", "there is no such file"],
      ["workflows", "is a folder, not a file; did you mean workflows/deploy.yml?"],
      [".", "is a folder, not a file; in it are backup.yaml, other.yaml"],
    ] as const) {
      const { code, stderr } = await commandLine(["run", file], { cwd: folder });
      expect([code, stderr]).toEqual([2, `instep: ${file}: ${sentence}\n`]);
    }
  });
});
