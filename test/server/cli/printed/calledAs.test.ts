/** The name in front of every printed command: one that works in the shell of whoever started the program. */
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import {
  asCalled,
  calledAs,
  commandLine,
  fileAsTyped,
} from "../../../../server/cli/printed/calledAs.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

/** A machine with `node` and `npx` on its PATH, and one package folder. */
function machineIn(root: string, pack: string) {
  const at = (...parts: string[]) => path.join(root, ...parts);
  const write = (file: string, text = "") => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const link = (file: string, to: string) => {
    mkdirSync(path.dirname(file), { recursive: true });
    symlinkSync(to, file);
  };
  for (const name of ["node", "npx"]) write(at("bin", name));
  const main = at(pack, "dist", "server", "main.js");
  write(main);
  write(at(pack, "package.json"), "{}");
  const program = { node: at("bin", "node"), main };
  const from = (cwd: string, env: Record<string, string> = {}) => ({
    cwd: at(cwd),
    env: { PATH: `${at("bin")}:/nowhere:relative`, ...env },
    program,
  });
  return { at, write, link, from, main, program };
}

describe("the name of the program", () => {
  folderTest(
    "the name of the program is `instep` where the PATH leads to it",
    async ({ folder }) => {
      const { at, link, main, from } = machineIn(folder, "lib/node_modules/instep");
      link(at("bin", "instep"), main);
      expect(calledAs(from("."))).toBe("instep");
    },
  );

  folderTest(
    "the name of the program is not `instep` where that is another program",
    async ({ folder }) => {
      const { at, write, main, from } = machineIn(folder, "app/node_modules/instep");
      write(at("bin", "instep"));
      expect(calledAs(from("."))).toBe(`node ${main}`);
    },
  );

  folderTest(
    "the name of the program is `npx instep` in a folder that has it, and below",
    async ({ folder }) => {
      const { at, link, main, from } = machineIn(folder, "app/node_modules/instep");
      link(at("app", "node_modules", ".bin", "instep"), main);
      mkdirSync(at("app", "packages", "one"), { recursive: true });
      writeFileSync(at("app", "packages", "one", "package.json"), "{}");
      expect(calledAs(from("app"))).toBe("npx instep");
      expect(calledAs(from("app/packages/one"))).toBe("npx instep");
      expect(calledAs(from("."))).toBe(`node ${main}`);
    },
  );

  folderTest(
    "the name of the program is `npx instep` in a clone, and below",
    async ({ folder }) => {
      const { at, link, from } = machineIn(folder, "clone");
      expect(calledAs(from("clone"))).toBe("npx instep");
      expect(calledAs(from("clone/dist"))).toBe("npx instep");
      // The set-up makes this link.
      link(at("clone", "node_modules", ".bin", "instep"), "../../dist/server/main.js");
      expect(calledAs(from("clone"))).toBe("npx instep");
      expect(calledAs(from("clone/dist"))).toBe("npx instep");
    },
  );

  folderTest(
    "the name of the program is `npx instep` where the command is a file that starts the package beside it",
    async ({ folder }) => {
      const { write, at, from } = machineIn(folder, "app/node_modules/instep");
      write(at("app", "node_modules", ".bin", "instep"));
      expect(calledAs(from("app"))).toBe("npx instep");
    },
  );

  folderTest(
    "the name of the program is not `npx instep` where npx would run another one",
    async ({ folder }) => {
      const { at, link, write, main, from } = machineIn(folder, "clone");
      write(at("clone", "app", "node_modules", "instep", "dist", "server", "main.js"));
      link(
        at("clone", "app", "node_modules", ".bin", "instep"),
        at("clone", "app", "node_modules", "instep", "dist", "server", "main.js"),
      );
      expect(calledAs(from("clone/app"))).toBe(`node ${main}`);
    },
  );

  folderTest(
    "the name of the program is not `npx instep` in another package of a clone that has no link to its command",
    async ({ folder }) => {
      const { at, link, write, main, from } = machineIn(folder, "app/clone");
      write(at("app", "clone", "examples", "one", "package.json"), "{}");
      // npx asks that package, and then what is installed in the folders around it.
      expect(calledAs(from("app/clone/examples/one"))).toBe(`node ${main}`);
      expect(calledAs(from("app/clone/examples"))).toBe("npx instep");
      link(at("app", "clone", "node_modules", ".bin", "instep"), main);
      expect(calledAs(from("app/clone/examples/one"))).toBe("npx instep");
    },
  );

  folderTest(
    "the name of the program is `npx instep` in a clone whatever is linked there, as npx takes a package's own program first",
    async ({ folder }) => {
      const { at, link, write, from } = machineIn(folder, "clone");
      write(at("other.js"));
      link(at("clone", "node_modules", ".bin", "instep"), at("other.js"));
      expect(calledAs(from("clone/dist"))).toBe("npx instep");
    },
  );

  folderTest(
    "the name of the program is found though npm puts its own folders on the PATH",
    async ({ folder }) => {
      const { at, link, main, from } = machineIn(folder, "app/node_modules/instep");
      const bin = at("app", "node_modules", ".bin");
      link(path.join(bin, "instep"), main);
      const PATH = `${bin}:${at("bin")}`;
      expect(calledAs(from("app", { PATH, npm_lifecycle_event: "npx" }))).toBe("npx instep");
      expect(calledAs(from("app", { PATH, NODE_RUN_SCRIPT_NAME: "start" }))).toBe("npx instep");
      expect(calledAs(from("app", { PATH, npm_config_user_agent: "pnpm/10" }))).toBe("npx instep");
      // Somebody has it on the PATH for good.
      expect(calledAs(from("app", { PATH }))).toBe("instep");
    },
  );

  folderTest("works where npm was called, not only where it runs a script", async ({ folder }) => {
    const { at, main, from } = machineIn(folder, "clone");
    mkdirSync(at("elsewhere"));
    const inside = from("clone", { INIT_CWD: at("clone", "dist") });
    const outside = from("clone", { INIT_CWD: at("elsewhere") });
    expect(calledAs(inside)).toBe("npx instep");
    expect(calledAs(outside)).toBe(`node ${main}`);
    const file = at("clone", "examples", "a.yaml");
    expect(fileAsTyped(file, from("clone"))).toBe("examples/a.yaml");
    expect(fileAsTyped(file, inside)).toBe(file);
    expect(fileAsTyped(at("other.yaml"), from("clone"))).toBe(at("other.yaml"));
  });

  folderTest(
    "the name of the program names Node by its file where the PATH has none, or another one",
    async ({ folder }) => {
      const { at, main, program } = machineIn(folder, "my clone");
      const bare = { cwd: at("my clone"), env: {}, program };
      expect(calledAs(bare)).toBe(`${program.node} '${main}'`);
      mkdirSync(at("other"));
      copyFileSync(program.node, at("other", "node"));
      expect(calledAs({ ...bare, env: { PATH: at("other") } })).toBe(`${program.node} '${main}'`);
    },
  );

  folderTest("stands in front of words that a shell takes as they are", async ({ folder }) => {
    const { from } = machineIn(folder, "clone");
    expect(
      commandLine(from("clone"), "run", "it's here/a b.yaml", "--server", "http://[::1]:1"),
    ).toBe(`npx instep run 'it'\\''s here/a b.yaml' --server 'http://[::1]:1'`);
  });

  folderTest("replaces `instep` where a sentence or a help names a command", async ({ folder }) => {
    const { from } = machineIn(folder, "clone");
    const text =
      "Start one with `instep serve`; instep is no word of `instepper`.\n  instep list  all";
    expect(asCalled(text, from("clone"))).toBe(
      "Start one with `npx instep serve`; instep is no word of `instepper`.\n  npx instep list  all",
    );
  });
});
