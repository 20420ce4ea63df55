/** The folder of definitions: whatever lies in it, it is read in bounded time, and what cannot be used is named. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { problemText } from "../../../../../server/runner/definition/problemText.js";
import { Definitions } from "../../../../../server/runner/definition/source/definitions.js";
import type { DefinitionProblem } from "../../../../../shared/wire/rest.js";
import { folderTest } from "../../../../support/disks/temporaryFolder.js";

const recipe = (name: string): string => `name: ${name}\nsteps: [{ action: a, run: b }]\n`;

const inFolder = (folder: string): Definitions =>
  new Definitions({ folder, examples: null, inCode: [] });

describe("the examples", () => {
  const list = async (definitions: Definitions) => {
    const { definitions: all, problems } = await definitions.list();
    return {
      names: all.map(({ name, example }) => (example ? `${name} (example)` : name)),
      problems: problems.map(problemText),
    };
  };
  const world = (folder: string) => {
    const own = join(folder, "own");
    const examples = join(folder, "examples");
    mkdirSync(examples);
    for (const name of ["backup", "deploy"]) {
      writeFileSync(join(examples, `${name}.yaml`), recipe(name));
    }
    const told: string[][] = [];
    const onProblems = (some: readonly DefinitionProblem[]) => told.push(some.map(problemText));
    const definitions = new Definitions({ folder: own, examples, inCode: [], onProblems });
    const write = (file: string, text: string) => {
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, file), text);
    };
    return { own, definitions, write, told };
  };

  folderTest(
    "the examples stay on offer behind one's own, marked as examples",
    async ({ folder }) => {
      const { definitions, write } = world(folder);
      expect((await list(definitions)).names).toEqual(["backup (example)", "deploy (example)"]);
      write("shop.yaml", recipe("shop"));
      const { names, problems } = await list(definitions);
      expect(names).toEqual(["shop", "backup (example)", "deploy (example)"]);
      expect(problems).toEqual([]);
    },
  );

  folderTest(
    "the examples give way to one's own of the same name, whatever its file",
    async ({ folder }) => {
      const { own, definitions, write } = world(folder);
      write("nightly.yml", recipe("backup"));
      expect(await list(definitions)).toEqual({
        names: ["backup", "deploy (example)"],
        problems: [],
      });
      expect((await definitions.find("backup"))?.folder).toBe(own);
    },
  );

  folderTest("stand in for no recipe of one's own that has a mistake", async ({ folder }) => {
    const { definitions, write } = world(folder);
    write("backup.yml", "name: [\n");
    write("other.yaml", "title: Ours\nname: deploy # the real one\nsteps: nothing\n");
    const { names, problems } = await list(definitions);
    expect(names).toEqual([]);
    expect(problems).toHaveLength(2);
    expect(await definitions.find("deploy")).toBeNull();
  });

  folderTest("the examples do not hide that the folder is gone", async ({ folder }) => {
    const { own, definitions, write } = world(folder);
    expect((await list(definitions)).problems).toEqual([]);
    write("shop.yaml", recipe("shop"));
    await definitions.list();
    rmSync(own, { recursive: true });
    expect((await list(definitions)).problems).toEqual([`${own}: cannot be read (ENOENT)`]);
  });

  folderTest(
    "what gets worse in the examples or in one's own is told once, when it is read",
    async ({ folder }) => {
      const { definitions, write, told } = world(folder);
      write("a.yaml", recipe("a"));
      write("b.yaml", "steps: 1\nname: b\n");
      await definitions.list();
      await definitions.list();
      expect(told).toEqual([["b.yaml:1:1: steps: must be a list of steps"]]);
      write("a.yaml", "name: a\nsteps: 1\n");
      await definitions.list();
      expect(told.slice(1)).toEqual([["a.yaml:2:1: steps: must be a list of steps"]]);
      write("a.yaml", recipe("a"));
      await definitions.list();
      write("a.yaml", "name: a\nsteps: 1\n");
      await definitions.list();
      expect(told.slice(2)).toEqual([["a.yaml:2:1: steps: must be a list of steps"]]);
    },
  );
});

describe("a folder of definitions", () => {
  folderTest(
    "a folder of definitions names what is no file, and waits for none of it",
    async ({ folder }) => {
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
    },
  );

  folderTest(
    "a folder of definitions may be made of links, as a mounted one is",
    async ({ folder }) => {
      mkdirSync(join(folder, "..data"));
      writeFileSync(join(folder, "..data", "a.yaml"), recipe("a"));
      symlinkSync(join("..data", "a.yaml"), join(folder, "a.yaml"));
      const { definitions, problems } = await inFolder(folder).list();
      expect([definitions.map(({ name }) => name), problems]).toEqual([["a"], []]);
    },
  );

  folderTest(
    "a folder of definitions has one of each name, and says where another one has it",
    async ({ folder }) => {
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
    },
  );

  folderTest(
    "a folder of definitions of thousands of wrong files has an answer of bounded size",
    async ({ folder }) => {
      const wrong = Array.from({ length: 200 }, (_, i) => `${"k".repeat(500)}${i}: 1`).join("\n");
      for (let i = 0; i < 300; i++) writeFileSync(join(folder, `${i}.yaml`), wrong);
      writeFileSync(join(folder, "zz.yaml"), recipe("right"));
      const { definitions, problems } = await inFolder(folder).list();
      expect(definitions).toHaveLength(1);
      expect(JSON.stringify(problems).length).toBeLessThanOrEqual(64 * 1024);
      expect(problems.at(-1)!.message).toMatch(/^and \d+ more problems, also of other files$/);
    },
  );

  folderTest(
    "a folder of definitions is read anew for whoever asks while it is being read",
    async ({ folder }) => {
      for (let i = 0; i < 50; i++) writeFileSync(join(folder, `${i}.yaml`), recipe(`d${i}`));
      const definitions = inFolder(folder);
      const first = definitions.list();
      await definitions.find("d0");
      const under = definitions.list();
      writeFileSync(join(folder, "late.yaml"), recipe("late"));
      const after = Promise.all(Array.from({ length: 30 }, () => definitions.find("late")));
      expect((await after).map((found) => found?.name)).toEqual(Array(30).fill("late"));
      await Promise.all([first, under]);
    },
  );
});
