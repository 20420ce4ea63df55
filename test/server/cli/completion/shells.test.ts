import { execFile, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { cliTest } from "../../../support/servers/builtCommand.js";

const MAIN = fileURLToPath(new URL("../../../../dist/server/main.js", import.meta.url));

const isThere = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;
const missing = ["zsh", "fish"].filter((shell) => !isThere(shell));
if (missing.length > 0)
  // biome-ignore lint/suspicious/noConsole: whoever runs the tests learns what they leave out
  console.log(`Completion is not tried in ${missing.join(" and ")}: not installed here.`);

/** The last argument is the line up to the cursor, or its words. */
const DRIVERS = {
  bash: {
    args: ["--norc", "--noprofile", "-u", "-c"],
    script: `source <(instep completion bash)
      COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:' COMP_LINE="$1" COMP_POINT=\${#1} COMP_WORDS=(instep)
      _instep
      (( \${#COMPREPLY[@]} )) && printf '%s\\n' "\${COMPREPLY[@]}" || true`,
  },
  zsh: {
    args: ["-f", "-c"],
    script: `compdef() { }
      _describe() { print -rl -- "\${offered[@]}" }
      _files() { print -r -- "files $*" }
      source <(instep completion zsh)
      words=(\${(z)1}) ; [[ $1 == *' ' ]] && words+=('')
      CURRENT=$#words PREFIX=$words[-1]
      _instep || true`,
  },
  fish: {
    args: ["--no-config", "-c"],
    script: `instep completion fish | source
      complete -C $argv[1]`,
  },
};

/** For a command that is to be answered, however busy the machine is: its own deadline is a moment, as whoever types has a finger on the key. */
const UNHURRIED = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    "const real=setTimeout;globalThis.setTimeout=(run,ms,...more)=>real(run,100*ms,...more)",
  )}`,
};

interface Fixtures {
  /** The candidates that a shell has for a line, as it has them. Fails where anything is said beside them. */
  typed(shell: keyof typeof DRIVERS, line: string, env?: Record<string, string>): Promise<string[]>;
  answering(answer: RequestListener): Promise<string>;
}

const test = cliTest.extend<Fixtures>({
  typed: async ({ folder }, use) => {
    writeFileSync(
      path.join(folder, "instep"),
      `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`,
      {
        mode: 0o755,
      },
    );
    await use(async (shell, line, env = {}) => {
      const { args, script } = DRIVERS[shell];
      const name = shell === "fish" ? [] : [shell];
      const { stdout, stderr } = await promisify(execFile)(
        shell,
        [...args, script, ...name, line],
        {
          cwd: folder,
          env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder, LANG: "C.UTF-8", ...env },
        },
      );
      expect(stderr).toBe("");
      return stdout.split("\n").filter((one) => one !== "");
    });
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to learn what a fixture needs
  answering: async ({}, use) => {
    const servers: ReturnType<typeof createServer>[] = [];
    await use(async (answer) => {
      const server = createServer(answer).listen(0, "127.0.0.1");
      servers.push(server);
      await new Promise((resolve) => server.once("listening", resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  },
});

const definitions =
  (...names: string[]): RequestListener =>
  (_, response) => {
    const all = names.map((name) => ({ name, title: `T:${name}`, inputs: {}, steps: [] }));
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ success: true, definitions: all, problems: [] }));
  };

for (const shell of ["bash", "zsh", "fish"] as const) {
  describe.skipIf(missing.includes(shell))(`completion in ${shell}`, () => {
    const values = (lines: readonly string[]) => lines.map((line) => line.split(/[\t:]/)[0]);

    test("completion has verbs, options and their values", async ({ typed }) => {
      expect(values(await typed(shell, "instep canc"))).toEqual(["cancel"]);
      expect(values(await typed(shell, "instep list --stat"))).toEqual(["--status"]);
      expect(values(await typed(shell, "instep list --status run"))).toEqual(["running"]);
    });

    test("completion runs nothing of what a server is called, and takes it as one word", async ({
      typed,
      answering,
      folder,
    }) => {
      const hostile = ["$(touch pwned)", "`touch pwned`", "; touch pwned", "a b", "it's"];
      const env = { ...UNHURRIED, INSTEP_URL: await answering(definitions(...hostile)) };
      const offered = await typed(shell, "instep start ", env);
      expect(offered).toHaveLength(hostile.length);
      expect(offered.join("\n")).toContain(
        shell === "bash" ? "\\$\\(touch\\ pwned\\)" : "$(touch pwned)",
      );
      expect(existsSync(path.join(folder, "pwned"))).toBe(false);
    });

    test("completion waits for no server that says nothing", async ({ typed, answering }) => {
      const env = { INSTEP_URL: await answering(() => {}) };
      expect(await typed(shell, "instep start ", env)).toEqual([]);
      expect(values(await typed(shell, "instep start x --foll", env))).toEqual(["--follow"]);
    });

    test("completion says nothing where the settings of the folder are broken", async ({
      typed,
      folder,
    }) => {
      writeFileSync(path.join(folder, "instep.yaml"), "prot: 1\n");
      expect(await typed(shell, "instep watch ")).toEqual([]);
    });
  });
}

test("bash gets what stands behind the last colon or equals sign, as it replaces no more", async ({
  typed,
  answering,
}) => {
  const env = { ...UNHURRIED, INSTEP_URL: await answering(definitions("dep:one", "dep:two=2")) };
  expect(await typed("bash", "instep start dep:", env)).toEqual(["one", "two=2"]);
  expect(await typed("bash", "instep start dep:two=", env)).toEqual(["2"]);
  expect(await typed("bash", 'instep start "dep:o', env)).toEqual(["dep:one"]);
  expect(await typed("bash", "instep list --status=run", env)).toEqual(["running"]);
});

test.skipIf(missing.includes("fish"))(
  "fish has files where files are meant",
  async ({ typed, folder }) => {
    writeFileSync(path.join(folder, "recipe.yaml"), "");
    expect(await typed("fish", "instep run rec")).toEqual(["recipe.yaml"]);
    expect(await typed("fish", "instep list --config=rec")).toEqual(["--config=recipe.yaml"]);
    expect(await typed("fish", "instep serve --token-file rec")).toEqual(["recipe.yaml"]);
  },
);

test("completion prints the script of the shell that is named, or that SHELL names", async ({
  instep,
}) => {
  const script = async (args: string[], env = {}) => {
    const printed = instep(["completion", ...args], env);
    return [await printed.exitCode, printed.stdout().split("\n")[0], printed.stderr()];
  };
  expect(await script(["bash"])).toEqual([0, expect.stringContaining("in bash"), ""]);
  expect(await script([], { SHELL: "/usr/bin/fish" })).toEqual([
    0,
    expect.stringContaining("in fish"),
    "",
  ]);
  expect(await script(["zhs"])).toEqual([
    2,
    "",
    'instep: There is no completion for "zhs"; there is one for bash, zsh, fish\n',
  ]);
  expect(await script([], { SHELL: "/bin/dash" })).toEqual([
    2,
    "",
    expect.stringContaining("bash, zsh, fish"),
  ]);
});
