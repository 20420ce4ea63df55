/** The versions of Node beside the one that runs the tests: a whole workflow on each, a kill in its middle, and the client. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
// @ts-expect-error The set-up is plain JavaScript: it runs before there is anything to check types with.
import { nodeProgram, OTHER_NODES } from "../../../.ci/otherNodes.mjs";
import { within } from "../../support/deadline.js";
import { runnerAt } from "../../support/servers/runnerWorld.js";
import { processTest as test } from "../../support/servers/serverProcess.js";

const CLIENT = fileURLToPath(
  new URL("../../../dist/clientPackage/client/index.js", import.meta.url),
);

const RECIPE = `
name: two
steps:
  - { action: first, run: 'echo "one from the first step"' }
  - action: second
    run: |
      echo "begun"
      until test -e go; do sleep 0.05; done
      echo "the end of the second"
`;

/** Follows the current workflow over the WebSocket that this Node has itself, until it has ended. */
const WATCH = `
import { createClient } from ${JSON.stringify(CLIENT)};
const client = createClient({ url: process.argv[1] });
client.watch(process.argv[2], ({ phase, state }) => {
  if (state?.steps[1]?.status === "in_progress") console.log("in the second", client.connection.phase);
  if (phase !== "live" || state?.status !== "completed") return;
  console.log("ended");
  client.close();
});
`;

describe("other versions of Node", () => {
  for (const major of OTHER_NODES as number[]) {
    const node: string = nodeProgram(major);
    const isThere = existsSync(node);
    if (!isThere) process.stderr.write(`Node ${major} is not there: its test is left out.\n`);
    test.skipIf(!isThere)(
      `Node ${major} serves the page and a workflow that goes on after a kill -9, and its own WebSocket follows it to the end`,
      async ({ start, folder }) => {
        expect(spawnSync(node, ["--version"]).stdout.toString()).toMatch(`v${major}.`);
        const dataDir = path.join(folder, "data");
        const workflows = path.join(folder, "workflows");
        mkdirSync(workflows);
        const options = { node, flags: ["--workflows", workflows] };
        const first = start(dataDir, options);
        const url = await first.ready;
        const page = await (await fetch(url)).text();
        const [, script] = /<script[^>]+src="([^"]+)"/.exec(page) ?? [];
        expect((await fetch(new URL(script!, `${url}/`))).status).toBe(200);

        const calls = runnerAt(() => url, workflows);
        calls.define("two.yaml", RECIPE);
        const id = await calls.start("two");
        const options2 = { ...options, flags: [...options.flags, "--port", new URL(url).port] };
        const client = spawn(node, ["--input-type=module", "-e", WATCH, url, id]);
        let said = "";
        for (const stream of [client.stdout, client.stderr])
          stream.on("data", (bytes: Buffer) => {
            said += bytes;
          });
        const closed = once(client, "close");
        try {
          await calls.until(id, ({ steps }) => steps[1]?.message === "begun");
          await expect.poll(() => said).toContain("in the second live");
          await first.kill();
          await start(dataDir, options2).ready;
          calls.define("go", "");
          expect(await calls.ended(id)).toMatchObject({ status: "completed" });
          expect(await calls.outputOf(id, 1)).toContain("the end of the second\n");
          await within(closed, () => `the client to see the end: ${said}`);
          expect(said).toMatch(/^(in the second \w+\n)+ended\n$/);
        } finally {
          client.kill("SIGKILL");
        }
      },
    );
  }
});
