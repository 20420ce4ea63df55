import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { manualClock } from "../../support/clocks/manualClock.js";
import { type CallOptions, commandLine } from "../../support/servers/commandLine.js";
import { liveTest } from "../../support/servers/liveServer.js";

/** It waits a moment for its line about the server. Here it waits for as long as that takes. */
const alone = (options: CallOptions) => commandLine([], { ...options, clock: manualClock() });

describe("instep alone", () => {
  liveTest(
    "instep alone shows what to do first, and whether a server is there",
    async ({ serve }) => {
      const server = await serve();
      const env = { INSTEP_URL: server.url };
      const idle = await alone({ env });
      expect([idle.code, idle.stderr]).toEqual([0, ""]);
      expect(idle.stdout).toMatch(/^ {2}instep serve +a server with its page$/m);
      expect(idle.stdout).toContain(`A server answers at ${server.url}/: nothing is running.\n`);

      await server.saved({ workflow_id: "one", steps: [{ action: "go" }] });
      expect((await alone({ env })).stdout).toContain(": 1 workflow is running.\n");
      await server.saved({ workflow_id: "two", steps: [{ action: "go" }] });
      expect((await alone({ env })).stdout).toContain(": 2 workflows are running.\n");
    },
  );

  liveTest("instep alone asks the server that the folder's settings name", async ({ serve }) => {
    const server = await serve();
    writeFileSync(path.join(server.dataDir, "instep.yaml"), `port: ${new URL(server.url).port}\n`);
    const { stdout } = await alone({ cwd: server.dataDir });
    expect(stdout).toContain(`A server answers at ${server.url}: nothing is running.\n`);
  });

  liveTest("instep alone says where no server answers, and that is no failure", async () => {
    const { code, stdout } = await commandLine([], { env: { INSTEP_URL: "http://127.0.0.1:9" } });
    expect(code).toBe(0);
    expect(stdout).toContain("instep serve");
    expect(stdout).toContain("No Instep server answers at http://127.0.0.1:9");
  });
});
