import { describe, expect } from "vitest";
import { commandLine } from "../../../support/servers/commandLine.js";
import { runnerTest } from "../../../support/servers/runnerWorld.js";

const DEPLOY = `
name: deploy
title: Put the site online
description: Builds the site and copies it to one machine, which has to be up. 备份先做。
inputs:
  host: { type: ssh, required: true, title: Where to }
  size: { type: choice, options: [small, large], default: small }
  tries: { type: number, min: 1, max: 9, default: 3 }
  tag: { type: string, pattern: '^v[0-9]+$', description: As git has it. }
  token: { type: secret, required: true }
steps:
  - { action: build, title: Build the site, run: "true" }
  - { action: sure, ask: { prompt: Go on? } }
  - { action: notify, run: "true", enabled: false }
`;

describe("instep definitions <name>", () => {
  runnerTest(
    "instep definitions with a name tells all of one, and the line that starts it",
    async ({ runnerWorld }) => {
      const { server, define } = await runnerWorld();
      define("deploy.yaml", DEPLOY);
      define("hello.yaml", "name: hello\nsteps: [{ action: greet, run: echo hello }]");
      const env = { INSTEP_URL: server.url };
      const { code, stdout, stderr } = await commandLine(["definitions", "deploy"], { env });
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toBe(`deploy  Put the site online
  Builds the site and copies it to one machine, which has to be up. 备份先做。
  deploy.yaml

Inputs
  host   a connection, as ssh takes it
      Where to
  size   one of small, large; may be left out; small by itself
  tries  a number; may be left out; 1 or more; at most 9; 3 by itself
  tag    text; may be left out; like ^v[0-9]+$
      As git has it.
  token  a secret

Steps
  1  build   Build the site
  2  sure    (asks somebody)
  3  notify  (off, unless --enable notify)

Start it
  instep start deploy --input 'host=ssh -p 22 user@host' --secret token --follow --server ${server.url}
`);
      const small = await commandLine(["definitions", "hello"], { env });
      expect(small.stdout).toContain(`\n  instep start hello --follow --server ${server.url}\n`);
      const json = await commandLine(["definitions", "deploy", "--json"], { env });
      expect(JSON.parse(json.stdout)).toMatchObject({ name: "deploy", inputs: { host: {} } });
    },
  );

  runnerTest("fits a narrow terminal, and leaves the command whole", async ({ runnerWorld }) => {
    const { server, define } = await runnerWorld();
    define("deploy.yaml", DEPLOY);
    const env = { INSTEP_URL: server.url, NO_COLOR: "1" };
    const { stdout } = await commandLine(["definitions", "deploy"], { env, columns: 40 });
    const wide = stdout.split("\n").filter((line) => line.length > 40);
    expect(wide).toEqual([expect.stringMatching(/^ {2}instep start deploy .* --follow/)]);
    expect(stdout).toContain("size   one of small, large; may be\n      left out;");
  });

  runnerTest(
    "instep definitions with a name says which one was meant, and why a file is none",
    async ({ runnerWorld }) => {
      const { server, define } = await runnerWorld();
      define("hello.yaml", "name: hello\nsteps: [{ action: greet, run: echo hello }]");
      define("broken.yaml", "name: broken\nsteps: nothing\n");
      const env = { INSTEP_URL: server.url };
      const slip = await commandLine(["definitions", "helo"], { env });
      expect([slip.code, slip.stderr]).toEqual([
        1,
        "instep: There is no definition helo; did you mean hello?\n",
      ]);
      const broken = await commandLine(["definitions", "broken"], { env });
      expect(broken.stderr).toMatch(
        /no definition broken: its file cannot be used:\n {2}broken.yaml:2:1: /,
      );
      const all = await commandLine(["definitions", "--json"], { env });
      expect(JSON.parse(all.stderr).note).toMatchObject({
        file: "broken.yaml",
        line: 2,
        column: 1,
      });
    },
  );
});
