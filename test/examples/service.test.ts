/** The Dockerfile, the compose file and the systemd unit in examples/: what they say is run here without Docker and without systemd. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect } from "vitest";
import { parse } from "yaml";
import type { CliContext } from "../../server/cli/process/context.js";
import { addServe } from "../../server/cli/verbs/serve.js";
import { freePort } from "../support/links/freePort.js";
import { cliTest } from "../support/servers/builtCommand.js";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const textOf = (name: string): string => readFileSync(join(EXAMPLES, name), "utf8");
const dockerfile = textOf("docker/Dockerfile");
const wordsOf = (name: string): string[] => {
  const [, json = "[]"] = new RegExp(`^${name}.*?(\\[".*\\])$`, "m").exec(dockerfile) ?? [];
  return JSON.parse(json);
};

const program = new Command("instep");
addServe(program, { context: {} as CliContext, ends: () => {} });
const KNOWN = program.commands[0]!.options.map(({ long }) => long);
const unit = textOf("systemd/instep.service");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
const flagsIn = (words: readonly string[]): string[] =>
  words.filter((word) => word.startsWith("--"));

describe("the examples for services", () => {
  cliTest(
    "the container's command serves with a token file, and its health check tells whether it does",
    async ({ instep, folder }) => {
      const port = await freePort();
      const places: Record<string, string> = { "/run/secrets/tokens": join(folder, "tokens") };
      for (const name of ["data", "workflows"]) places[`/${name}`] = join(folder, name);
      mkdirSync(join(folder, "workflows"));
      writeFileSync(join(folder, "tokens"), "drive 0123456789abcdef0123\n", { mode: 0o600 });
      const [command = "", ...args] = wordsOf("CMD").map((word) => places[word] ?? word);
      expect(command).toBe("/app/node_modules/.bin/instep");
      // Nothing beyond this machine is listened on here.
      const here = args.map((word) => (word === "0.0.0.0" ? "127.0.0.1" : word));
      const check = wordsOf("HEALTHCHECK").map((word) => word.replace("4747", String(port)));
      const isHealthy = () => spawnSync(process.execPath, check.slice(1)).status;
      expect(isHealthy()).toBe(1);
      const server = instep([...here, "--port", String(port)]);
      await server.until(/Page/);
      expect(isHealthy()).toBe(0);
      server.signal("SIGTERM");
      expect(await server.exitCode).toBe(0);
    },
  );

  cliTest("the image copies what npm pack makes, and runs as a user of its own", () => {
    const { name } = JSON.parse(readFileSync(join(EXAMPLES, "../package.json"), "utf8"));
    expect(dockerfile).toMatch(new RegExp(`^COPY ${name}-\\*\\.tgz \\./$`, "m"));
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/chown node:node \/data/);
  });

  cliTest("the compose file gives the container its volume, its tokens and time to stop", () => {
    const { services, volumes, secrets } = parse(textOf("docker/compose.yaml"));
    const { instep } = services;
    expect(Object.keys(instep).sort()).toEqual(
      "build environment init ports restart secrets stop_grace_period volumes".split(" "),
    );
    expect(instep).toMatchObject({ build: ".", init: true, secrets: Object.keys(secrets) });
    expect(instep.volumes[0]).toBe(`${Object.keys(volumes)[0]}:/data`);
    expect(wordsOf("CMD")).toContain(`/run/secrets/${Object.keys(secrets)[0]}`);
  });

  cliTest("the unit and the image start what the command line has", () => {
    const [, start = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    const [command, verb, ...flags] = start.split(" ");
    expect([command, verb]).toEqual(["/usr/local/bin/instep", "serve"]);
    for (const flag of [...flagsIn(flags), ...flagsIn(wordsOf("CMD"))])
      expect(KNOWN).toContain(flag);
  });

  cliTest.skipIf(!hasSystemd)("systemd takes each line of the unit", ({ folder }) => {
    const file = join(folder, "instep.service");
    writeFileSync(file, unit.replace("/usr/local/bin/instep", "/bin/true"));
    const said = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
    expect(said.stderr.split("\n").filter((line) => line.includes("instep.service"))).toEqual([]);
  });
});
