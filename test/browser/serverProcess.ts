/** The built server as a process of its own, to be killed without warning and started again on the same port and data. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("../../dist/server/main.js", import.meta.url));

export interface ServerProcess {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

export async function serverProcess(
  dataDir: string,
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  if (!existsSync(ENTRY)) throw new Error('The server is not built: run "npm run build" first.');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  return {
    url,
    async start() {
      child = spawn(
        process.execPath,
        [
          ENTRY,
          "serve",
          "--port",
          String(port),
          "--data-dir",
          dataDir,
          "--log-level",
          "error",
          ...flags,
        ],
        { stdio: ["ignore", "ignore", "inherit"] },
      );
      await untilReady(url, child);
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child?.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server ended with ${child.exitCode} before it was ready`);
}

/** Free a moment ago; the server must have the same one after its restart, so 0 will not do. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
