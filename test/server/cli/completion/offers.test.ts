import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { kindOfArgument, kindOfOption } from "../../../../server/cli/completion/kinds.js";
import { takesValue } from "../../../../server/cli/completion/position.js";
import type { CliContext } from "../../../../server/cli/process/context.js";
import { addVerbs } from "../../../../server/cli/verbs/index.js";
import { type Clock, systemClock } from "../../../../shared/clock.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { commandLine } from "../../../support/servers/commandLine.js";
import { runnerTest } from "../../../support/servers/runnerWorld.js";

const DEPLOY = `name: deploy
title: Deploy it
inputs:
  host: { type: string, default: web-7, title: Where to }
  region: { type: choice, options: [eu, "us west"] }
  key: { type: secret }
steps:
  - { action: copy, title: Copy files, run: "true" }
  - { action: sure, ask: { prompt: Go?, fields: { go: { type: boolean, required: true } } } }
`;

/** What a shell is told for the words behind the program's name, without the line that says how to take it; however long it takes where the clock stands still. */
async function offered(
  words: readonly string[],
  env: Record<string, string> = {},
  cwd = "/",
  clock: Clock = manualClock(),
) {
  const typed = ["__complete", "zsh", ...words];
  const { code, stdout, stderr } = await commandLine(typed, { env, cwd, clock });
  expect([code, stderr]).toEqual([0, ""]);
  const [mode = "", ...lines] = stdout.split("\n").slice(0, -1);
  return { mode, lines, values: lines.map((line) => line.split("\t")[0]!) };
}

describe("what is offered", () => {
  test("the program's own verbs and options are offered, with what they are for", async () => {
    expect((await offered([""])).values).toEqual(expect.arrayContaining(["serve", "list", "help"]));
    expect((await offered(["wat"])).lines).toEqual([
      expect.stringMatching(/^watch\tFollow a work/),
    ]);
    expect((await offered(["list", "--st"])).values).toEqual(["--status"]);
    expect((await offered(["list", "--status", "failed", "--st"])).values).toEqual([]);
    expect((await offered(["start", "x", "--input", "a=b", "--inp"])).values).toEqual(["--input"]);
    expect((await offered(["start", "x", "--", "--inp"])).values).toEqual([]);
    expect((await offered(["help", "ret"])).values).toEqual(["retry"]);
  });

  test("the values that an option or a setting can have are offered", async () => {
    expect((await offered(["list", "--status", "r"])).values).toEqual(["running"]);
    expect((await offered(["list", "--status=running,b"])).values).toEqual([
      "--status=running,blocked",
    ]);
    expect((await offered(["serve", "--log-level", ""])).values).toContain("debug");
    expect((await offered(["config", "data"])).values).toEqual(["data_dir"]);
    expect((await offered(["completion", ""])).values).toEqual(["bash", "zsh", "fish"]);
    expect(await offered(["serve", "--data-dir", ""])).toMatchObject({
      mode: "folders",
      values: [],
    });
    expect(await offered(["run", ""])).toMatchObject({ mode: "files", values: [] });
    expect((await offered(["list", "--search", ""])).values).toEqual([]);
  });

  runnerTest(
    "all that the server knows is offered: ids, definitions, steps, inputs, answers",
    async ({ runnerWorld }) => {
      const { server, define, start, until } = await runnerWorld();
      define("deploy.yaml", DEPLOY);
      const id = await start("deploy", { workflow_id: "dep:1", inputs: { key: "abc" } });
      await until(id, ({ status }) => status === "blocked");
      const env = { INSTEP_URL: server.url };
      const values = async (...words: string[]) => (await offered(words, env)).values;

      expect((await offered(["watch", "dep"], env)).lines).toEqual(["dep:1\tblocked · Deploy it"]);
      expect(await values("answer", "")).toEqual(["dep:1", "current"]);
      expect(await values("retry", "")).toEqual([]);
      expect(await values("clear", "dep:1", "d")).toEqual([]);
      expect((await offered(["start", ""], env)).lines).toEqual(["deploy\tDeploy it"]);
      expect(await values("list", "--definition=de")).toEqual(["--definition=deploy"]);
      expect(await offered(["start", "deploy", "--input", "h"], env)).toMatchObject({
        mode: "words nospace",
        lines: ["host=\tWhere to"],
      });
      expect(await values("start", "deploy", "--input", "region=")).toEqual([
        "region=eu",
        "region=us west",
      ]);
      expect(await values("start", "deploy", "--input=host=")).toEqual(["--input=host=web-7"]);
      expect(await values("start", "deploy", "--secret", "")).toEqual(["key"]);
      expect(await values("start", "deploy", "--skip", "c")).toEqual(["copy"]);
      expect(await values("logs", "dep:1", "--step", "")).toEqual(["copy", "sure"]);
      expect(await values("logs", "current", "--step", "s")).toEqual(["sure"]);
      expect(await values("answer", "dep:1", "")).toEqual(["go="]);
      expect(await values("answer", "dep:1", "go=")).toEqual(["go=yes", "go=no"]);
      // Named in the line, in place of the variable.
      expect((await offered(["watch", "--server", server.url, "dep"])).values).toEqual(["dep:1"]);
    },
  );

  test("all that stands in a definition's file is offered for run", async () => {
    const folder = path.resolve(import.meta.dirname, "../../../../examples");
    expect(
      (await offered(["run", "backup.yaml", "--skip", ""], {}, folder)).values.length,
    ).toBeGreaterThan(1);
    expect((await offered(["run", "none.yaml", "--skip", ""], {}, folder)).values).toEqual([]);
  });

  test("every option and argument that takes a value is offered a kind that somebody chose", () => {
    const program = new Command("instep");
    addVerbs(program, { context: {} as CliContext, ends: () => {} });
    const free = program.commands.flatMap((verb) => [
      ...verb.options
        .filter((option) => takesValue(option) && kindOfOption(option) === "text")
        .map(({ flags }) => flags.replace(/^.*</, "<")),
      ...verb.registeredArguments
        .filter((argument) => kindOfArgument(argument) === "text")
        .map((argument) => argument.name()),
    ]);
    // Nobody can guess these. A new name belongs here or into kinds.ts.
    expect([...new Set(free)].sort()).toEqual(FREE);
  });
});

const FREE = [
  "<address>",
  "<delivery>",
  "<example>",
  "<host[:port]>",
  "<id>",
  "<json>",
  "<level>",
  "<lines>",
  "<link>",
  "<name>",
  "<number>",
  "<origin>",
  "<path>",
  "<size>",
  "<time>",
  "<token>",
  "<url>",
  "<way>",
  "<which>",
  "<words>",
  "recipe",
];

describe("a server that means ill", () => {
  const against = async (answer: RequestListener, words: readonly string[], clock?: Clock) => {
    const server = createServer(answer).listen(0, "127.0.0.1");
    const { port } = await new Promise<AddressInfo>((resolve) =>
      server.on("listening", () => resolve(server.address() as AddressInfo)),
    );
    try {
      return await offered(words, { INSTEP_URL: `http://127.0.0.1:${port}` }, "/", clock);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  const json =
    (body: unknown): RequestListener =>
    (_, response) =>
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));

  const definitions = (...names: unknown[]) =>
    json({
      success: true,
      definitions: names.map((name) => ({ name, inputs: {}, steps: [] })),
      problems: [],
    });

  test("a server that means ill gets nothing offered that steers a terminal, breaks a line or is no id", async () => {
    const names = [
      "ok",
      "a\nb",
      "a\tb",
      "\u001b[2Jx",
      "x\u202ey",
      "x".repeat(5_000),
      7,
      null,
      "$(id)",
      "--server=http://127.0.0.1:9",
    ];
    expect((await against(definitions(...names), ["start", ""])).values).toEqual(["ok", "$(id)"]);
    const ids = ["ok", "$(id)", "a b", "../x"].map((workflow_id) => ({
      ...{ workflow_id, status: "running", title: "t\u001b[1m\n\tx" },
    }));
    const { lines } = await against(json({ success: true, workflows: ids, next: null }), [
      "watch",
      "",
    ]);
    for (const line of lines) expect(line).toMatch(/^(ok\trunning · t {1,2}x|current\t.*)$/);
  });

  test("a server that means ill makes no more than 200 lines, each of bounded length", async () => {
    const names = Array.from({ length: 5_000 }, (_, at) => `n${at}`);
    const { lines } = await against(definitions(...names), ["start", ""]);
    expect(lines).toHaveLength(200);
  });

  test.each<[string, RequestListener]>([
    ["says nothing", () => {}],
    ["never ends what it says", (_, response) => void response.writeHead(200).write("{")],
    ["says something else", (_, response) => void response.end("<html>")],
    ["refuses", (_, response) => void response.writeHead(401).end("{}")],
    [
      "sends lists of anything",
      json({ success: true, definitions: [null, 1, {}], workflows: [null], problems: [] }),
    ],
  ])("that %s leaves the rest as it is, in time", async (_, answer) => {
    const began = performance.now();
    expect((await against(answer, ["start", ""], systemClock)).values).toEqual([]);
    expect((await against(answer, ["start", "--fol"], systemClock)).values).toEqual(["--follow"]);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
