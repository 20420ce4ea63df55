/** The built command `instep` as a real process, and a vitest `test` that leaves none of them behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { StringDecoder } from "node:string_decoder";
import { fileURLToPath } from "node:url";
import { test as base } from "vitest";

const MAIN = fileURLToPath(new URL("../../../dist/server/main.js", import.meta.url));

export interface InstepProcess {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** What came on stdout, as it came. */
  bytes(): Buffer;
  /** Resolves with the first match in what either stream said so far or says later. Rejects when the process ends without it. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Closes our end of what it prints to. */
  hangUp(): void;
  /** On its standard input, which ends with it. */
  type(text: string): void;
  /** Again and again until it ends, as an impatient person would. */
  insist(signal: NodeJS.Signals): Promise<number | null>;
  readonly exitCode: Promise<number | null>;
}

export interface Started {
  readonly url: string;
  readonly process: InstepProcess;
}

interface Fixtures {
  /** A folder of the test's own, gone afterwards. */
  folder: string;
  /** Runs `instep` in that folder. */
  instep(args: readonly string[], env?: NodeJS.ProcessEnv): InstepProcess;
  /** `instep serve` on a free port, and where it listens. */
  serve(...flags: string[]): Promise<Started>;
}

export const cliTest = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to learn what a fixture needs
  folder: async ({}, use) => {
    const folder = mkdtempSync(path.join(tmpdir(), "instep-cli-"));
    await use(folder);
    rmSync(folder, { recursive: true });
  },

  instep: async ({ folder }, use) => {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: \`npm run build\` makes it`);
    const started: InstepProcess[] = [];
    await use((args, env = {}) => {
      // Nothing of the developer's own settings: INSTEP_URL would send the tests to a real server.
      const child = spawn(process.execPath, [MAIN, ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, ...env },
        stdio: ["pipe", "pipe", "pipe"],
      });
      const instep = follow(child);
      started.push(instep);
      return instep;
    });
    // Two signals: what hangs in its goodbye must not outlive the test.
    for (const instep of started) {
      instep.signal("SIGTERM");
      instep.signal("SIGKILL");
      await instep.exitCode;
    }
  },

  serve: async ({ instep }, use) => {
    await use(async (...flags) => {
      const process = instep(["serve", "--port", "0", ...flags]);
      const [, url] = await process.until(/Page +(http:\S+)\//);
      return { url: url!, process };
    });
  },
});

function follow(child: ChildProcess): InstepProcess {
  const said = { stdout: "", stderr: "" };
  const printed: Buffer[] = [];
  let listeners: (() => void)[] = [];
  const tell = () => {
    for (const listener of listeners.splice(0)) listener();
  };
  for (const stream of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    child[stream]!.on("data", (bytes: Buffer) => {
      if (stream === "stdout") printed.push(bytes);
      said[stream] += decoder.write(bytes);
      tell();
    });
  }
  let isOver = false;
  const exitCode = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      isOver = true;
      resolve(code);
      tell();
    });
  });
  return {
    pid: child.pid!,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    bytes: () => Buffer.concat(printed),
    signal: (signal) => void child.kill(signal),
    hangUp: () => {
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    },
    type: (text) => void child.stdin?.end(text),
    exitCode,
    insist: async (signal) => {
      const again = setInterval(() => child.kill(signal), 50);
      return exitCode.finally(() => clearInterval(again));
    },
    until: async (pattern) => {
      for (;;) {
        const found = pattern.exec(said.stdout) ?? pattern.exec(said.stderr);
        if (found) return found;
        if (isOver) throw new Error(`ended without ${pattern}:\n${said.stdout}\n${said.stderr}`);
        await new Promise<void>((resolve) => {
          listeners = [...listeners, resolve];
        });
      }
    },
  };
}
