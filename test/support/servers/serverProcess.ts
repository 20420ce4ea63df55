/** `instep serve`, built, as a process of its own: real signals, real exit codes. A vitest `test` that leaves none of them behind. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { within } from "../deadline.js";
import { liveTest } from "./liveServer.js";

const MAIN = fileURLToPath(new URL("../../../dist/server/main.js", import.meta.url));

export interface ServerProcess {
  readonly pid: number;
  /** Where it listens; rejects where it ended before it did. */
  readonly ready: Promise<string>;
  /** With its exit code, null where a signal ended it. */
  readonly exited: Promise<number | null>;
  readonly stderr: string;
  /** Resolves once it is gone. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export interface ProcessOptions {
  /** A command that runs the one behind it, as `unshare` does. */
  readonly inside?: readonly string[];
  readonly flags?: readonly string[];
}

type Start = (dataDir: string, options?: ProcessOptions) => ServerProcess;

export const processTest = liveTest.extend<{ start: Start }>({
  // The folder is named so that it outlives the servers in it.
  start: async ({ folder: _ }, use) => {
    const started: ServerProcess[] = [];
    await use((dataDir, options = {}) => {
      const server = startServerProcess(dataDir, options);
      started.push(server);
      return server;
    });
    for (const server of started) await server.kill();
  },
});

function startServerProcess(
  dataDir: string,
  { inside = [], flags = [] }: ProcessOptions,
): ServerProcess {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build makes it`);
  const own = ["--port", "0", "--data-dir", dataDir, "--log-level", "error", ...flags];
  const [command, ...args] = [...inside, process.execPath, MAIN, "serve", ...own];
  const child = spawn(command!, args, {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      XDG_STATE_HOME: `${dataDir}.state`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  child.stderr.on("data", (text) => {
    said.stderr += text;
  });
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (text) => {
      said.stdout += text;
      const url = /Page +(http:\S+)\//.exec(said.stdout)?.[1];
      if (url) resolve(url);
    });
    void exited.then((code) => reject(new Error(`ended with ${code}: ${said.stderr}`)));
  });
  const ready = within(listening, () => `the server to listen: ${said.stdout} ${said.stderr}`);
  // A server that is killed before it was ready is no fault, unless somebody waits for it.
  ready.catch(() => {});
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    get stderr() {
      return said.stderr;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    signal: (signal) => void child.kill(signal),
  };
}
