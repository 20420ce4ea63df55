/** The built server as a process of its own, to be killed without warning and started again on the same port and data. */
import { freePort } from "../support/links/freePort.js";
import { type InstepProcess, spawnInstep } from "../support/servers/builtCommand.js";
import { PAGE } from "../support/servers/calledInstep.js";

export interface ServerProcess {
  readonly url: string;
  /** Resolves once it listens. */
  start(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts none yet. Always on one port: after its restart the server must have the same, so 0 will not do. */
export async function serverProcess(
  dataDir: string,
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  const port = await freePort();
  const own = ["--port", String(port), "--data-dir", dataDir, "--log-level", "error"];
  let server: InstepProcess | null = null;
  return {
    url: `http://127.0.0.1:${port}`,
    async start() {
      server = spawnInstep(["serve", ...own, ...flags], { env: process.env });
      await server.until(PAGE);
    },
    async kill() {
      server?.signal("SIGKILL");
      await server?.exitCode;
    },
  };
}
