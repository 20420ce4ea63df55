/** What programs read: every verb has --json, and all that it then prints on stdout is one object a line. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import type { CliContext } from "../../../server/cli/process/context.js";
import { addVerbs } from "../../../server/cli/verbs/index.js";
import { fillFolder } from "../../support/etcd/movedFolder.js";
import { cliTest } from "../../support/servers/builtCommand.js";
import { commandLine } from "../../support/servers/commandLine.js";
import { runnerTest } from "../../support/servers/runnerWorld.js";

const program = new Command("instep");
addVerbs(program, { context: {} as CliContext, ends: () => {} });
/** Writes a script for a shell. */
const NOT_FOR_PROGRAMS = ["completion"];
const VERBS = program.commands.filter((verb) => !NOT_FOR_PROGRAMS.includes(verb.name()));

const ASK =
  "name: ask\nsteps: [{ action: sure, ask: { prompt: Go on? } }, { action: do, run: echo done }]";
const BREAKS =
  "name: breaks\nsteps: [{ action: one, run: echo one }, { action: two, run: exit 3 }]";
const HOLDS = "name: holds\nsteps: [{ action: wait, run: sleep 1000 }]";

const objectsIn = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe("for programs", () => {
  test.each(VERBS.map((verb) => [verb.name(), verb] as const))(
    "instep %s has --json",
    (_, verb) => {
      expect(verb.options.map(({ long }) => long)).toContain("--json");
    },
  );

  runnerTest("all that is printed is one object a line", async ({ runnerWorld, folder }) => {
    const { server, define, until } = await runnerWorld();
    for (const source of [ASK, BREAKS, HOLDS])
      define(`${/name: (\w+)/.exec(source)?.[1]}.yaml`, source);
    const file = path.join(folder, "workflows", "breaks.yaml");
    const env = { INSTEP_URL: server.url, PATH: process.env.PATH ?? "", XDG_STATE_HOME: folder };
    const heard = new Set<string>(["serve"]);
    const call = async (args: readonly string[], code = 0) => {
      heard.add(args[0] ?? "");
      const said = await commandLine([...args, "--json"], { env, cwd: folder });
      expect([args, said.code, said.stderr]).toEqual([args, code, ""]);
      const objects = objectsIn(said.stdout);
      expect([args, objects.length > 0]).toEqual([args, true]);
      return objects;
    };

    await call(["definitions"]);
    await call(["start", "ask", "--id", "asks"]);
    await until("asks", ({ status }) => status === "blocked");
    const answered = await call(["answer", "asks", "--follow"]);
    expect(answered.at(-1)).toMatchObject({ type: "status", status: "completed" });
    await call(["start", "breaks", "--id", "broken", "--follow"], 1);
    await call(["retry", "broken"]);
    await call(["watch", "broken"], 1);
    expect(await call(["logs", "broken"])).toEqual([
      { type: "output", index: 0, action: "one", attempt: 1, at: expect.any(String), text: "one" },
      { type: "step", index: 1, action: "two", status: "failed", attempt: 1, error: "exit code 3" },
    ]);
    await call(["start", "holds", "--id", "held"]);
    await call(["cancel", "held", "--now", "--follow"], 3);
    await call(["list"]);
    await call(["open", "--no-browser"]);
    await call(["clear", "asks", "--yes"]);
    await call(["run", file, "--server", server.url], 1);
    for (const args of [["check", file], ["config"]]) {
      if (VERBS.some((verb) => verb.name() === args[0])) await call(args);
    }
    expect(await call(["new", "another"])).toEqual([
      { name: "another", file: expect.stringMatching(/another\.yaml$/) },
    ]);
    expect(await call(["schema"])).toMatchObject([{ title: "A recipe of Instep" }]);
    // Nothing is interrupted here: it is refused, with nothing on stdout.
    const refused = await commandLine(["resume", "broken", "--json"], { env });
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(JSON.parse(refused.stderr).error).toMatchObject({ message: expect.any(String) });
    heard.add("resume");
    // Whoever reaches this server sees everything: no link is needed.
    const unshared = await commandLine(["share", "held", "--json"], { env });
    expect([unshared.code, unshared.stdout]).toEqual([2, ""]);
    expect(JSON.parse(unshared.stderr).error).toMatchObject({ message: expect.any(String) });
    heard.add("share");
    // No webhook is asked for here.
    const untold = await commandLine(["deliveries", "held", "--json"], { env });
    expect(untold).toMatchObject({ code: 0, stdout: "", stderr: "" });
    heard.add("deliveries");
    // Nothing is there to be moved.
    const sides = ["--from", path.join(folder, "nowhere"), "--to", "etcd://127.0.0.1:1"];
    const unmoved = await commandLine(["migrate", ...sides, "--json"], { env, cwd: folder });
    expect([unmoved.code > 0, unmoved.stdout]).toEqual([true, ""]);
    expect(JSON.parse(unmoved.stderr).error).toMatchObject({ message: expect.any(String) });
    heard.add("migrate");
    const [data, copy] = [path.join(folder, "stopped"), path.join(folder, "copy")];
    await fillFolder(data);
    expect(await call(["backup", copy, "--data-dir", data])).toMatchObject([{ backup: copy }]);
    const restored = path.join(folder, "restored");
    expect(await call(["restore", copy, "--data-dir", restored])).toMatchObject([
      { in_view: 1, interrupted: 1, data_dir: restored },
    ]);
    const nowhere = ["--port", "0", "--data-dir", data, "--workflows", folder];
    expect((await call(["doctor", ...nowhere])).map(({ check }) => check)).toContain("disk");
    expect([...heard].sort()).toEqual(VERBS.map((verb) => verb.name()).sort());
  });

  cliTest(
    "a server says in one line where it listens, and logs in JSON",
    async ({ instep, folder }) => {
      mkdirSync(path.join(folder, "workflows"));
      writeFileSync(path.join(folder, "workflows", "ask.yaml"), ASK);
      const serve = instep(["serve", "--port", "0", "--json", "--data-dir", "data"]);
      await serve.until(/\n/);
      const [listening, ...more] = objectsIn(serve.stdout());
      expect(more).toEqual([]);
      expect(listening).toEqual({
        type: "listening",
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
        pid: serve.pid,
        dataDir: path.join(folder, "data"),
        workflowsDir: path.join(folder, "workflows"),
      });
      expect((await fetch(`${listening?.url}healthz`)).status).toBe(200);
      serve.signal("SIGTERM");
      expect(await serve.exitCode).toBe(0);
      expect(objectsIn(serve.stderr()).length).toBeGreaterThan(0);
    },
  );
});
