/** The command line's words for workflows that a server runs: definitions, start, cancel, resume, retry, answer. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { until } from "../../../support/deadline.js";
import type { CalledInstep } from "../../../support/servers/calledInstep.js";
import { commandTest } from "../../../support/servers/commandHere.js";
import { processesOf, untilSomeOf } from "../../../support/servers/processes.js";
import { type RunnerCalls, runnerAt } from "../../../support/servers/runnerWorld.js";

interface World extends RunnerCalls {
  /** Of the definitions. */
  readonly workflows: string;
  readonly url: string;
  /** A command for this server, run to its end. */
  run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
  begin(...args: string[]): CalledInstep;
}

const test = commandTest.extend<{ world: World }>({
  world: async ({ serve, instep, folder }, use) => {
    const workflows = path.join(folder, "workflows");
    mkdirSync(workflows);
    const { url } = await serve("--clear-after", "1h");
    const begin = (...args: string[]) => instep(args, { INSTEP_URL: url });
    await use({
      ...runnerAt(() => url, workflows),
      url,
      workflows,
      begin,
      async run(...args) {
        const process = begin(...args);
        const code = await process.exitCode;
        return { code, stdout: process.stdout(), stderr: process.stderr() };
      },
    });
  },
});

const GREET = `
name: greet
title: Greet somebody
inputs:
  whom: { type: string, required: true, pattern: '^[a-z]+$' }
  times: { type: number, default: 1 }
  key: { type: secret }
steps:
  - { action: hello, run: 'echo "hello $INPUT_WHOM x$INPUT_TIMES, key of \${#INPUT_KEY}"' }
  - { action: extra, run: echo extra }
  - { action: rare, run: echo rare, enabled: false }
`;
const ASK = `
name: ask
steps:
  - action: sure
    ask:
      prompt: Switch over now?
      fields: { go: { type: boolean, required: true }, why: { type: string } }
  - { action: switch, run: 'echo "go $ANSWER_GO because $ANSWER_WHY"' }
`;
const LONG = "name: long\nsteps:\n  - { action: wait, run: echo here; sleep 1000 & sleep 1000 }\n";
const BREAKS =
  "name: breaks\nsteps:\n  - { action: one, run: echo one }\n  - { action: two, run: 'test -e go' }\n";

describe("instep definitions", () => {
  test("lists what can be started, and what is wrong with the rest", async ({ world }) => {
    world.define("greet.yaml", GREET);
    world.define("bad.yaml", "name: bad\nsteps: nothing\n");
    const { code, stdout, stderr } = await world.run("definitions");
    expect(code).toBe(1);
    const [own, example] = stdout.split(/^(?=backup)/m);
    expect(own).toBe(
      "greet  Greet somebody\n  inputs  whom: string, times?: number, key?: secret\n  steps   hello, extra, (rare)\n",
    );
    expect(example).toMatch(/^backup {2}.* {2}\(example\)\n/);
    expect(stderr).toMatch(/^These cannot be used:\nbad\.yaml:2:1: steps: must be a list/);
    const json = await world.run("definitions", "--json");
    expect(json.code).toBe(1);
    const [first = "", second = ""] = json.stdout.split("\n");
    expect(JSON.parse(first)).toMatchObject({ name: "greet", steps: [{}, {}, {}] });
    expect(JSON.parse(second)).toMatchObject({ name: "backup", example: true });
    writeFileSync(path.join(world.workflows, "bad.yaml"), BREAKS);
    expect((await world.run("definitions")).code).toBe(0);
  });
});

describe("a connection with more in it than where to go", () => {
  const WHERE =
    "name: where\ninputs: { machine: { type: ssh, title: The machine } }\nsteps:\n  - { action: ask, ask: { prompt: And?, fields: { next: { type: ssh } } } }\n";

  test("a connection with more in it than where to go is taken by start and answer, which say what was left out", async ({
    world,
  }) => {
    world.define("where.yaml", WHERE);
    const pasted = "ssh -p 2222 root@host -L 8080:localhost:8080";
    const started = await world.run("start", "where", "--id", "w", "--input", `machine=${pasted}`);
    expect(started.code).toBe(0);
    expect(started.stderr).toBe(
      "“The machine”: port forwarding was left out: -L 8080:localhost:8080.\n",
    );
    await world.until("w", ({ status }) => status === "blocked");
    const answered = await world.run("answer", "w", "next=ssh -N host");
    expect(answered.code).toBe(0);
    expect(answered.stderr).toBe(
      "“next”: options that do not say where to go were left out: -N.\n",
    );
    const { inputs, steps } = await world.ended("w");
    expect(inputs).toEqual({ machine: "ssh -p 2222 root@host" });
    expect(steps[0]!.answer).toEqual({ next: "ssh host" });
  });
});

describe("instep start", () => {
  test("instep start starts with typed inputs and switches, and follows it to its end", async ({
    world,
  }) => {
    world.define("greet.yaml", GREET);
    const { code, stdout } = await world.run(
      ...["start", "greet", "--input", "whom=world", "--input", "times=3"],
      ...["--skip", "extra", "--enable", "rare", "--id", "one", "--follow"],
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining("Workflow completed")]);
    expect(stdout.split("\n")[0]).toBe(`Started one. Follow it at ${world.url}/w/one`);
    const state = await world.stateOf("one");
    expect(state.inputs).toEqual({ whom: "world", times: 3 });
    expect(state.steps.map(({ status }) => status)).toEqual(["completed", "skipped", "completed"]);
    expect(await world.outputOf("one", 0)).toBe("hello world x3, key of 0\n");
  });

  test("instep start says where to follow it, and goes", async ({ world }) => {
    world.define("greet.yaml", GREET);
    const { code, stdout } = await world.run(
      "start",
      "greet",
      "--input",
      "whom=you",
      "--id",
      "two",
    );
    expect([code, stdout]).toEqual([0, `Started two. Follow it at ${world.url}/w/two\n`]);
    expect((await world.ended("two")).status).toBe("completed");
  });

  test("instep start reads secrets from standard input, in nobody's list of processes", async ({
    world,
    built,
    folder,
  }) => {
    world.define("greet.yaml", GREET);
    writeFileSync(path.join(folder, "secret"), "12345678\n");
    const main = "start greet --input whom=you --secret key --id three";
    const process = built.instep(main.split(" "), { INSTEP_URL: world.url });
    process.type("12345678\n");
    expect(await process.exitCode).toBe(0);
    await world.ended("three");
    expect(await world.outputOf("three", 0)).toBe("hello you x1, key of 8\n");
    expect((await world.stateOf("three")).inputs).toMatchObject({ key: "***" });
  });

  for (const [exitCode, what, args, message] of [
    [1, "an unknown definition", ["grete"], 'There is no definition "grete"; did you mean greet?'],
    [2, "a missing input", ["greet"], "Give the whom: --input whom=…"],
    [2, "a bad input", ["greet", "--input", "whom=A B"], "--input whom must match ^[a-z]+$"],
    [
      2,
      "an unknown input",
      ["greet", "--input", "x=1", "--input", "whom=a"],
      "--input x is not asked for",
    ],
    [2, "an unknown switch", ["greet", "--input", "whom=a", "--skip", "hullo"], "skip"],
  ] as const) {
    test(`instep start refuses ${what}, by name`, async ({ world }) => {
      world.define("greet.yaml", GREET);
      const { code, stderr } = await world.run("start", ...args);
      expect([code, stderr]).toEqual([exitCode, expect.stringContaining(message)]);
    });
  }

  test("instep start names all that does not fit at once", async ({ world }) => {
    world.define("greet.yaml", GREET);
    const { code, stderr } = await world.run(
      "start",
      "greet",
      "--input",
      "whom=A B",
      "--input",
      "x=1",
    );
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/--input x is not .*\n {2}--input whom must /),
    ]);
  });

  test("instep start refuses a pair that is none as wrong usage", async ({ world }) => {
    world.define("greet.yaml", GREET);
    const { code, stderr } = await world.run("start", "greet", "--input", "whom");
    expect([code, stderr]).toEqual([
      2,
      "instep: --input: whom has no value; give it as --input whom=…\n",
    ]);
    const other = await world.run("start", "greet", "--input", "wohm");
    expect([other.code, other.stderr]).toEqual([
      2,
      'instep: --input: must be key=value, not "wohm"; did you mean whom?\n',
    ]);
  });
});

describe("instep cancel", () => {
  test("instep cancel ends what runs, and the one who follows ends with 3", async ({ world }) => {
    world.define("long.yaml", LONG);
    const follower = world.begin("start", "long", "--id", "long", "-f");
    await untilSomeOf("long", 3);
    const { code, stdout } = await world.run("cancel", "long");
    expect([code, stdout]).toEqual([0, "Workflow is stopping.\n"]);
    expect(await follower.exitCode).toBe(3);
    expect(processesOf("long")).toEqual([]);
    const again = await world.run("cancel", "long", "--now");
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("has ended already")]);
  });
});

describe("instep retry", () => {
  test("instep retry makes a new workflow that keeps what was done", async ({ world, built }) => {
    world.define("breaks.yaml", BREAKS);
    const failed = await world.run("start", "breaks", "--id", "first", "-f");
    expect(failed.code).toBe(1);
    world.define("go", "");
    const words = "retry first --from two --follow --json".split(" ");
    const retried = built.instep(words, { INSTEP_URL: world.url });
    expect(await retried.exitCode).toBe(0);
    const { workflow_id, url } = JSON.parse(retried.stdout().split("\n")[0]!);
    expect(url).toBe(`${world.url}/w/${workflow_id}`);
    expect(await world.stateOf(workflow_id)).toMatchObject({
      status: "completed",
      retried_from: { workflow_id: "first", step: 1 },
    });
    const running = await world.run("resume", "first");
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining("has ended")]);
  });
});

describe("instep logs", () => {
  test("follows from the last lines on through every attempt to the end", async ({ world }) => {
    world.define(
      "tries.yaml",
      "name: tries\nsteps:\n  - { action: try, retries: 2, backoff: 100ms, run: 'echo \"attempt $INSTEP_ATTEMPT\"; until test -e go$INSTEP_ATTEMPT; do sleep 0.02; done; test $INSTEP_ATTEMPT = 3' }\n",
    );
    const id = await world.start("tries");
    await world.until(id, ({ steps }) => steps[0]?.message === "attempt 1");
    const logs = world.begin("logs", id, "-f", "--tail", "5");
    for (const attempt of [1, 2, 3]) {
      await logs.until(new RegExp(`attempt ${attempt}\n`));
      world.define(`go${attempt}`, "");
    }
    expect(await logs.exitCode).toBe(0);
    expect(logs.stdout()).toBe("attempt 1\nattempt 2\nattempt 3\n");
  });
});

describe("instep list", () => {
  commandTest(
    "instep list tells what waits for its turn from what runs",
    async ({ serve, instep, folder }) => {
      mkdirSync(path.join(folder, "workflows"));
      const { url } = await serve("--max-concurrent", "1");
      const calls = runnerAt(() => url, path.join(folder, "workflows"));
      calls.define("ask.yaml", ASK);
      const [first, second] = [await calls.start("ask"), await calls.start("ask")];
      await calls.until(first, ({ status }) => status === "blocked");
      const list = instep(["list"], { INSTEP_URL: url });
      expect(await list.exitCode).toBe(0);
      expect(list.stdout()).toMatch(new RegExp(`^${second} +queued +0%`, "m"));
      expect(list.stdout()).toMatch(new RegExp(`^${first} +blocked +0%`, "m"));
    },
  );
});

describe("instep answer", () => {
  test("instep answer answers with values, typed as the question asks", async ({ world }) => {
    world.define("ask.yaml", ASK);
    const id = await world.start("ask");
    await world.until(id, ({ status }) => status === "blocked");
    const wrong = await world.run("answer", id, "go=perhaps");
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining("go must be true or false"),
    ]);
    const page = `${world.url}/w/${id}`;
    const { code, stdout } = await world.run("answer", page, "go=yes", "why=it is late", "-f");
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toBe(`Answer taken. Follow it at ${page}`);
    expect(await world.outputOf(id, 1)).toBe("go true because it is late\n");
  });

  test("instep answer shows the question and ends with 4 where nobody can be asked", async ({
    world,
  }) => {
    world.define("ask.yaml", ASK);
    const id = await world.start("ask");
    await world.until(id, ({ status }) => status === "blocked");
    const { code, stderr } = await world.run("answer", "current");
    expect(code).toBe(4);
    expect(stderr).toContain("Switch over now?\n");
    expect(stderr).toMatch(
      new RegExp(` answer ${world.url}/w/${id} go=yes\n.* answer ${world.url}/w/${id} go=no\n$`),
    );
    const running = await world.run("answer", id, "go=no", "--by", "Ada");
    expect(running.code).toBe(0);
    const { steps } = await world.ended(id);
    expect(steps[0]?.answered).toMatchObject({ by: "Ada" });
    const late = await world.run("answer", id, "go=yes");
    expect([late.code, late.stderr]).toEqual([
      1,
      expect.stringMatching(/asks nothing: it is failed/),
    ]);
  });
});

describe("instep run", () => {
  test("instep run asks for inputs by name, and passes them on", async ({ instep, folder }) => {
    writeFileSync(path.join(folder, "greet.yaml"), GREET);
    const refused = instep(["run", "greet.yaml"]);
    expect(await refused.exitCode).toBe(2);
    expect(refused.stderr()).toContain("Give the whom: --input whom=…");
    const run = instep(["run", "greet.yaml", "--input", "whom=me", "--skip", "extra"]);
    expect(await run.exitCode).toBe(0);
    expect(run.stdout()).toContain("Workflow completed");
  });

  for (const where of ["a server of its own", "a server elsewhere"] as const) {
    test(`tries again, keeps progress, and can be asked: on ${where}`, async ({
      world,
      instep,
      folder,
    }) => {
      writeFileSync(
        path.join(folder, "flow.yaml"),
        `
name: flow
steps:
  - { action: flaky, retries: 1, backoff: 1ms, run: 'echo "attempt $INSTEP_ATTEMPT"; test $INSTEP_ATTEMPT = 2' }
  - { action: passed, when_failed: continue, run: exit 9 }
  - action: asks
    ask: { prompt: "Go on?", fields: { word: { type: string, required: true } } }
  - { action: says, run: 'echo "::task completed::it::fine"; echo "word $ANSWER_WORD at $INSTEP_URL"' }
`,
      );
      const at = where === "a server elsewhere" ? ["--server", world.url] : ["--data-dir", "own"];
      const run = instep(["run", "flow.yaml", ...at]);
      const [, url, id] = await run.until(/Follow it at (http:\S+)\/w\/(\S+)/);
      const there = runnerAt(() => url!, folder);
      await there.until(id!, ({ status }) => status === "blocked");
      await run.until(/Go on\?/);
      // As it is printed it can be typed.
      await run.until(new RegExp(` answer ${url}/w/${id}\n`));
      const answer = await world.run("answer", id!, "word=please", "--server", url!);
      expect(answer.stderr).toBe("");
      expect(await run.exitCode).toBe(0);
      if (where !== "a server elsewhere") return;
      const state = await there.stateOf(id!);
      expect(state).toMatchObject({
        status: "completed",
        steps: [
          { attempt: 2, attempts: [{ attempt: 1, status: "failed", exit_code: 1 }] },
          { status: "failed", error: "exit code 9" },
          { answer: { word: "please" } },
          { tasks: [{ name: "it", status: "completed", note: "fine" }] },
        ],
      });
      expect(await there.outputOf(id!, 0, 1)).toBe("attempt 1\n");
      expect(await there.outputOf(id!, 0, 2)).toBe("attempt 2\n");
      expect(await there.outputOf(id!, 3)).toContain(`word please at ${url}\n`);
    });
  }

  test("instep run for a server elsewhere can be stopped from there", async ({
    world,
    instep,
    folder,
  }) => {
    writeFileSync(path.join(folder, "long.yaml"), LONG);
    const run = instep(["run", "long.yaml", "--server", world.url]);
    const [, id] = await run.until(/Follow it at \S+\/w\/(\S+)/);
    await untilSomeOf(id!, 3);
    expect((await world.run("cancel", id!)).stdout).toBe("Workflow is stopping.\n");
    expect(await run.exitCode).toBe(3);
    expect((await world.stateOf(id!)).status).toBe("cancelled");
    await until(() => processesOf(id!).length === 0, "its processes are gone");
  });

  test("instep run for a server elsewhere refuses a question whose secret answer it would not get", async ({
    world,
    folder,
  }) => {
    writeFileSync(
      path.join(folder, "ask.yaml"),
      "name: ask\nsteps:\n  - { action: key, ask: { prompt: Key?, fields: { key: { type: secret } } } }\n",
    );
    const { code, stderr } = await world.run("run", "ask.yaml", "--server", world.url);
    expect([code, stderr]).toEqual([2, expect.stringContaining('"key" asks for a secret')]);
  });
});
