/** The built command `instep` as a real process: signals, pipes, exit codes. A vitest `test` that leaves none of them behind. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { folderTest } from "../disks/temporaryFolder.js";
import { type CalledInstep, PAGE, Said, type Served } from "./calledInstep.js";
import { endAllWith } from "./processes.js";

/** The file that Node is given. */
export const MAIN = fileURLToPath(new URL("../../../dist/server/main.js", import.meta.url));

export interface InstepProcess extends CalledInstep {
  /** Closes our end of what it prints to. */
  hangUp(): void;
  /** Again and again until it ends, as an impatient person would. */
  insist(signal: NodeJS.Signals): Promise<number | null>;
}

export interface SpawnOptions {
  readonly cwd?: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** A command that runs the one behind it, as `unshare` does. */
  readonly inside?: readonly string[];
  /** The program of another Node than the one that runs the test. */
  readonly node?: string | undefined;
}

/** Starts the built command. Whoever starts it ends it. */
export function spawnInstep(
  args: readonly string[],
  { cwd, env, inside = [], node = process.execPath }: SpawnOptions,
): InstepProcess {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: \`npm run build\` makes it`);
  const [command, ...words] = [...inside, node, MAIN, ...args];
  const child = spawn(command!, words, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  const said = new Said();
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (bytes: Buffer) => said.add(stream, bytes));
  const exitCode = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      said.end();
      resolve(code);
    });
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    bytes: () => said.bytes,
    until: (pattern) => said.until(pattern),
    signal: (signal) => void child.kill(signal),
    hangUp: () => {
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    },
    type: (text) => void child.stdin.end(text),
    exitCode,
    insist: async (signal) => {
      const again = setInterval(() => child.kill(signal), 50);
      return exitCode.finally(() => clearInterval(again));
    },
  };
}

/** A server as a process of its own. */
export type Started = Served<InstepProcess>;

/** Ways to call `instep` in a test's folder. */
export interface Calls<Call extends CalledInstep = CalledInstep> {
  instep(args: readonly string[], env?: NodeJS.ProcessEnv): Call;
  /** `instep serve` on a free port, and where it listens. */
  serve(...flags: string[]): Promise<Served<Call>>;
}

/** Nothing of the developer's own settings: INSTEP_URL would send the tests to a real server. */
export const environmentIn = (folder: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder,
  TMPDIR: folder,
  ...more,
});

/** `serve` made of `instep`. */
export async function serveWith<Call extends CalledInstep>(
  instep: Calls<Call>["instep"],
  flags: readonly string[],
): Promise<Served<Call>> {
  const process = instep(["serve", "--port", "0", ...flags]);
  const [, url] = await process.until(PAGE);
  return { url: url!, process };
}

/** `built` calls the built command, each call a process of its own. */
export const builtTest = folderTest.extend<{ built: Calls<InstepProcess> }>({
  built: async ({ folder }, use) => {
    const started: InstepProcess[] = [];
    const instep: Calls<InstepProcess>["instep"] = (args, more) => {
      const call = spawnInstep(args, { cwd: folder, env: environmentIn(folder, more) });
      started.push(call);
      return call;
    };
    await use({ instep, serve: (...flags) => serveWith(instep, flags) });
    // Two signals: what hangs in its goodbye must not outlive the test.
    for (const call of started) {
      call.signal("SIGTERM");
      call.signal("SIGKILL");
      await call.exitCode;
    }
    // The commands that a server left to the next one, where there is no next one.
    endAllWith(`HOME=${folder}`);
  },
});

/** A test all of whose calls are processes. */
export const cliTest = builtTest.extend<Calls<InstepProcess>>({
  instep: async ({ built }, use) => use(built.instep),
  serve: async ({ built }, use) => use(built.serve),
});
