/** Every line that is printed for copying, run in a shell as it stands: in a clone, an install, on the PATH, and from anywhere else. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runLine } from "../../../../client/ui/list/empty/curlLine.js";
import { shellWord } from "../../../../shared/text/shellWord.js";
import { clone, install, type Packed, pack } from "../../../support/docs/packedPackage.js";

const root = mkdtempSync(path.join(tmpdir(), "instep printed "));
let packed: Packed;
/** A new one for each test: servers remember their data folders there. */
let home = root;
const children = new Set<ChildProcess>();

beforeAll(() => {
  packed = pack(root);
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const closed = once(child, "close");
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch {
      // It ended just now.
    }
    await closed;
  }
  children.clear();
  for (const place of used) place.clean();
  home = fresh("home");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Shell {
  begin(line: string): { said(): string; until(pattern: RegExp): Promise<RegExpExecArray> };
  run(line: string): Promise<{ code: number | null; said: string }>;
}

/** A person's shell in a folder: nothing of this test's own environment. */
function shellIn(cwd: string, folders: readonly string[] = []): Shell {
  const PATH = [...folders, path.dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  const start = (line: string) => {
    const child = spawn("/bin/bash", ["-c", line], {
      cwd,
      env: { PATH, HOME: home, PACE: "0" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    children.add(child);
    let said = "";
    let wake = () => {};
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => {
        said += bytes.toString();
        wake();
      });
    const closed = once(child, "close").then(([code]) => {
      wake();
      return code as number | null;
    });
    const until = async (pattern: RegExp) => {
      for (;;) {
        const found = pattern.exec(said);
        if (found) return found;
        if (child.exitCode !== null) throw new Error(`ended without ${pattern}:\n${said}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    return { said: () => said, until, closed };
  };
  return {
    begin: start,
    run: async (line) => {
      const { said, closed } = start(line);
      return { code: await closed, said: said() };
    },
  };
}

let places = 0;
interface Whereabouts {
  /** Where the person's shell stands. */
  readonly folder: string;
  /** On the PATH before all others. */
  readonly folders?: readonly string[];
}
interface Place {
  readonly shell: Shell;
  /** How the person calls it. */
  readonly program: string;
  /** How it calls itself. */
  readonly name: string;
  /** Removes what a test left in the person's folder. */
  clean(): void;
}

function fresh(name: string): string {
  const folder = path.join(root, `${name} ${++places}`);
  mkdirSync(folder);
  return folder;
}

let installed: { main: string; bin: string } | undefined;

/** A global install, as npm makes it. */
function global(): { main: string; bin: string } {
  installed ??= installGlobally();
  return installed;
}

function installGlobally(): { main: string; bin: string } {
  const lib = fresh("lib");
  install(packed, lib, 4747);
  const main = path.join(lib, "node_modules", "instep", "dist", "server", "main.js");
  const bin = path.join(lib, "bin");
  mkdirSync(bin);
  symlinkSync(main, path.join(bin, "instep"));
  return { main, bin };
}

const used: Place[] = [];

/** Each is made once, when it is first asked for. */
function place(make: () => Omit<Place, "clean" | "shell"> & Whereabouts): () => Place {
  let made: Place | undefined;
  return () => {
    if (made) return made;
    const { folder, folders = [], program, name } = make();
    const own = new Set(readdirSync(folder));
    const clean = () => {
      for (const left of readdirSync(folder).filter((entry) => !own.has(entry)))
        rmSync(path.join(folder, left), { recursive: true });
    };
    made = { shell: shellIn(folder, folders), program, name, clean };
    used.push(made);
    return made;
  };
}

const PLACES: Readonly<Record<string, () => Place>> = {
  "a clone": place(() => {
    const folder = path.join(root, "a clone");
    clone(packed, folder, 4747);
    return { folder, program: "node dist/server/main.js", name: "npx instep" };
  }),
  "an npm install": place(() => {
    const folder = fresh("an app");
    install(packed, folder, 4747);
    return { folder, program: "npx instep", name: "npx instep" };
  }),
  "a folder without it": place(() => {
    const program = `node ${shellWord(global().main)}`;
    return { folder: fresh("elsewhere"), program, name: program };
  }),
  "a folder, with the program on the PATH": place(() => ({
    folder: fresh("elsewhere"),
    folders: [global().bin],
    program: "instep",
    name: "instep",
  })),
};

const lineOf = (said: string, label: string): string =>
  new RegExp(`^ *${label} +(.*)$`, "m").exec(said)?.[1] ?? `no line ${label} in: ${said}`;

describe.each(Object.keys(PLACES))("in %s", (where) => {
  const begin = async (flags = "") => {
    const place = PLACES[where]!();
    const server = place.shell.begin(`exec ${place.program} serve --port 0 --data-dir d ${flags}`);
    const [, url] = await server.until(/Page +(http:\S+)\/\n[\s\S]*Example[^\n]*\n/);
    return { ...place, server, url: url! };
  };

  test("the lines of the greeting and of the page work as they stand", async () => {
    const { shell, name, server, url } = await begin();
    for (const label of ["Try it", "Example"]) {
      const line = lineOf(server.said(), label);
      expect(await shell.run(line)).toMatchObject({
        code: 0,
        said: expect.not.stringMatching(/^$/),
      });
    }
    expect(lineOf(server.said(), "Example").startsWith(`${name} run `)).toBe(true);
    const answer = await (await fetch(`${url}/workflow/definitions`)).json();
    const line = runLine(new URL(`${url}/`), answer);
    expect(line).not.toBeNull();
    const elsewhere =
      answer.command_line.folder === null ? fresh("any") : answer.command_line.folder;
    expect((await shell.run(`cd ${shellWord(elsewhere)} && ${line}`)).code).toBe(0);
  });

  test("the lines of a server with tokens work as they stand, too", async () => {
    const tokens = path.join(fresh("tokens"), "it's tokens");
    writeFileSync(
      tokens,
      "# ours\nwatch fedcba9876543210 \n drive\t0123456789abcdef workflows=*\n",
      {
        mode: 0o600,
      },
    );
    const place = PLACES[where]!();
    const server = place.shell.begin(
      `exec ${place.program} serve --port 0 --token-file ${shellWord(tokens)}`,
    );
    await server.until(/Example[^\n]*\n/);
    const said = server.said();
    const lines = ["Token", "Try it", "Example"].map((label) => lineOf(said, label));
    const { code, said: answers } = await place.shell.run(`set -e; ${lines.join("\n")}`);
    expect(answers).toContain("Workflow completed");
    expect(code).toBe(0);
  });

  test("a question that nobody can be asked comes with lines that answer it", async () => {
    const place = PLACES[where]!();
    const own = fresh("own");
    writeFileSync(
      path.join(own, "ask.yaml"),
      "name: ask\nsteps: [{ action: sure, ask: { prompt: Go?, fields: { go: { type: boolean, required: true } } } }]\n",
    );
    const server = place.shell.begin(
      `exec ${place.program} serve --port 0 --workflows ${shellWord(own)}`,
    );
    const [, url] = await server.until(/Page +(http:\S+)\/\n/);
    const at = `--server ${url}`;
    expect((await place.shell.run(`${place.program} start ask --id q ${at}`)).code).toBe(0);
    const watched = place.shell.begin(`exec ${place.program} watch q ${at}`);
    const [, shown] = await watched.until(/or with: (.*)\n/);
    const refused = await place.shell.run(shown!);
    expect(refused.code).toBe(4);
    expect(refused.said).not.toContain("<id>");
    const yes = refused.said.split("\n").find((line) => line.endsWith(" go=yes"))!;
    expect(yes.trim().startsWith(`${place.name} answer `)).toBe(true);
    expect((await place.shell.run(yes)).code).toBe(0);
    await watched.until(/completed/);
  });

  test("a second server in the folder is told what to do, in lines that do it", async () => {
    const { shell, program, name, url } = await begin("--history 5");
    const port = new URL(url).port;
    const second = await shell.run(`${program} serve --data-dir d --history 5 --port ${port}`);
    expect(second.code).toBe(75);
    const [, list] = /To see what it runs: (.*)/.exec(second.said)!;
    expect((await shell.run(list!)).code).toBe(0);
    const [, other] = /A second server, with a folder of its own: (.*)/.exec(second.said)!;
    expect(other).toBe(`${name} serve --port 0 --data-dir d-2 --history 5`);
    const started = shell.begin(`exec ${other}`);
    await started.until(/Page +http/);
    const taken = await shell.run(`${program} serve --data-dir e --port ${port}`);
    expect(taken.code).toBe(1);
    const [, free] = /On a free port: (.*)/.exec(taken.said)!;
    await shell.begin(`exec ${free}`).until(/Page +http/);
  });

  test("a command that finds no server names the one that starts one", async () => {
    const { shell, program, name } = PLACES[where]!();
    const { code, said } = await shell.run(`${program} list --server http://127.0.0.1:9`);
    expect(code).toBe(5);
    expect(said).toContain(`\`${name} serve`);
  });
});

test("no help names a file that is not there", async () => {
  const { main } = global();
  const shell = shellIn(fresh("elsewhere"));
  const verbs = readdirSync(new URL("../../../../server/cli/verbs/", import.meta.url))
    .map((file) => path.basename(file, ".ts"))
    .filter((verb) => !["index", "words", "call"].includes(verb));
  for (const verb of ["", ...verbs]) {
    const { said } = await shell.run(`node ${shellWord(main)} ${verb} --help`);
    expect(said).not.toMatch(/examples\/\w/);
  }
});
