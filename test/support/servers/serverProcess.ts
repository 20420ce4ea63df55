/** `instep serve`, built, as a process of its own: real signals, real exit codes. A vitest `test` that leaves none of them behind. */
import { within } from "../deadline.js";
import { spawnInstep } from "./builtCommand.js";
import { PAGE } from "./calledInstep.js";
import { liveTest } from "./liveServer.js";

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
  /** The program of another Node than the one that runs the test. */
  readonly node?: string | undefined;
  readonly flags?: readonly string[];
}

/** Starts one on this folder. */
export type StartProcess = (dataDir: string, options?: ProcessOptions) => ServerProcess;

export const processTest = liveTest.extend<{ start: StartProcess }>({
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
  { inside = [], node, flags = [] }: ProcessOptions,
): ServerProcess {
  const own = ["--port", "0", "--data-dir", dataDir, "--log-level", "error"];
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: "production",
    XDG_STATE_HOME: `${dataDir}.state`,
  };
  const server = spawnInstep(["serve", ...own, ...flags], { env, inside, node });
  const ready = within(
    server.until(PAGE).then(([, url]) => url!),
    () => `the server to listen: ${server.stdout()} ${server.stderr()}`,
  );
  // A server that is killed before it was ready is no fault, unless somebody waits for it.
  ready.catch(() => {});
  return {
    pid: server.pid,
    ready,
    exited: server.exitCode,
    get stderr() {
      return server.stderr();
    },
    kill: async () => {
      server.signal("SIGKILL");
      await server.exitCode;
    },
    signal: server.signal,
  };
}
