/** The folder of definitions: whatever lies in it, it is read in bounded time, and what cannot be used is named. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Definitions } from "../../../server/runner/definitions.js";
import { folderTest } from "../../support/temporaryFolder.js";

const recipe = (name: string): string => `name: ${name}\nsteps: [{ action: a, run: b }]\n`;

const inFolder = (folder: string): Definitions =>
  new Definitions({ folder, examples: null, inCode: [] });

describe("a folder of definitions", () => {
  folderTest("names what is no file, and waits for none of it", async ({ folder }) => {
    const inside = (name: string) => join(folder, name);
    execFileSync("mkfifo", [inside("pipe.yaml")]);
    mkdirSync(inside("folder.yaml"));
    symlinkSync("/dev/zero", inside("zero.yaml"));
    symlinkSync(inside("pipe.yaml"), inside("link.yaml"));
    symlinkSync(inside("loop.yaml"), inside("loop.yaml"));
    symlinkSync(inside("nowhere"), inside("dangling.yaml"));
    writeFileSync(inside("latin.yaml"), Buffer.from("name: caf\xe9\n", "latin1"));
    writeFileSync(inside("large.yaml"), `# ${"x".repeat(256 * 1024)}`);
    const socket = createServer().listen(inside("socket.yaml"));
    await new Promise((listening) => socket.once("listening", listening));
    const definitions = inFolder(folder);
    // More of them at once than there are threads that could wait.
    const [list] = await Promise.all(Array.from({ length: 20 }, () => definitions.list()));
    socket.close();
    const said = list!.problems.map(({ file, message }) => `${file} ${message}`);
    expect(said).toEqual([
      "dangling.yaml cannot be read (ENOENT)",
      "folder.yaml is a folder, not a file",
      "large.yaml is larger than 262144 bytes",
      "latin.yaml is not UTF-8 text",
      "link.yaml is a pipe, not a file",
      "loop.yaml cannot be read (ELOOP)",
      "pipe.yaml is a pipe, not a file",
      "socket.yaml is a socket, not a file",
      "zero.yaml is a device, not a file",
    ]);
  });

  folderTest("may be made of links, as a mounted one is", async ({ folder }) => {
    mkdirSync(join(folder, "..data"));
    writeFileSync(join(folder, "..data", "a.yaml"), recipe("a"));
    symlinkSync(join("..data", "a.yaml"), join(folder, "a.yaml"));
    const { definitions, problems } = await inFolder(folder).list();
    expect([definitions.map(({ name }) => name), problems]).toEqual([["a"], []]);
  });

  folderTest("has one of each name, and says where another one has it", async ({ folder }) => {
    writeFileSync(join(folder, "a.yaml"), recipe("same"));
    writeFileSync(join(folder, "b.yaml"), `# the same\n\n${recipe("same")}`);
    const { definitions, problems } = await inFolder(folder).list();
    expect(definitions.map(({ name, file }) => [name, file])).toEqual([["same", "a.yaml"]]);
    expect(problems).toEqual([
      {
        file: "b.yaml",
        line: 3,
        column: 1,
        field: "name",
        message: '"same" is the name of a.yaml already',
      },
    ]);
  });

  folderTest("of thousands of wrong files has an answer of bounded size", async ({ folder }) => {
    const wrong = Array.from({ length: 200 }, (_, i) => `${"k".repeat(500)}${i}: 1`).join("\n");
    for (let i = 0; i < 300; i++) writeFileSync(join(folder, `${i}.yaml`), wrong);
    writeFileSync(join(folder, "zz.yaml"), recipe("right"));
    const { definitions, problems } = await inFolder(folder).list();
    expect(definitions).toHaveLength(1);
    expect(JSON.stringify(problems).length).toBeLessThanOrEqual(64 * 1024);
    expect(problems.at(-1)!.message).toMatch(/^and \d+ more problems, also of other files$/);
  });

  folderTest("is read anew for whoever asks while it is being read", async ({ folder }) => {
    for (let i = 0; i < 50; i++) writeFileSync(join(folder, `${i}.yaml`), recipe(`d${i}`));
    const definitions = inFolder(folder);
    const first = definitions.list();
    await definitions.find("d0");
    const under = definitions.list();
    writeFileSync(join(folder, "late.yaml"), recipe("late"));
    const after = Promise.all(Array.from({ length: 30 }, () => definitions.find("late")));
    expect((await after).map((found) => found?.name)).toEqual(Array(30).fill("late"));
    await Promise.all([first, under]);
  });
});
