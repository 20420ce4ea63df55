/** The README is run as printed: what a stranger copies must work. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { parseDefinition } from "../server/runner/definitionFile.js";
import { LIMITS } from "../shared/limits.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(ROOT, "README.md"), "utf8");
const embedding = await readFile(join(ROOT, "docs/embedding.md"), "utf8");
const operating = await readFile(join(ROOT, "docs/operating.md"), "utf8");

/** The first code block under a heading. */
function codeUnder(heading: string): string {
  const section = embedding.slice(embedding.indexOf(`## ${heading}`));
  return /```js\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
}

describe("the README", () => {
  it("shows a definition that can be used as it is", () => {
    const [, recipe = ""] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
    const { name, onRestart, inputs, steps } = parseDefinition(recipe, "shop.yaml");
    expect([name, onRestart, Object.keys(inputs)]).toEqual(["shop", "resume", ["host", "key"]]);
    expect(steps.map(({ action, idempotent }) => [action, idempotent])).toEqual([
      ["copy", true],
      ["sure", false],
      ["switch", false],
    ]);
  });

  it("embeds Instep in fifteen lines that run as printed", async () => {
    const code = codeUnder("Inside your own server");
    expect(code.trim().split("\n").length).toBeLessThanOrEqual(15);
    const port = await freePort();
    const dataDir = await mkdtemp(join(tmpdir(), "instep-readme-"));
    // Inside the project, so that "instep" is found as it will be found in node_modules.
    const file = join(ROOT, "dist", `readme-${port}.mjs`);
    await writeFile(
      file,
      code.replace("3000", String(port)).replace('".instep"', JSON.stringify(dataDir)),
    );
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "inherit", "inherit"] });
    try {
      const base = `http://127.0.0.1:${port}`;
      await until(async () => (await fetch(`${base}/`)).ok);
      expect(await (await fetch(`${base}/`)).text()).toBe("my own page");
      expect(await (await fetch(`${base}/instep/`)).text()).toContain('<base href="/instep/">');
      expect(await (await fetch(`${base}/instep/workflow/state`)).json()).toEqual({
        success: true,
        active: false,
        state: null,
      });
      const socket = new WebSocket(`ws://127.0.0.1:${port}/instep/workflow/live`, "instep.v1");
      const [hello] = (await once(socket, "message")) as [Buffer];
      expect(JSON.parse(hello.toString())).toMatchObject({ type: "hello", protocol: 1 });
      child.kill("SIGTERM");
      const [code] = (await once(child, "exit")) as [number | null];
      expect(code).toBe(0);
    } finally {
      child.kill("SIGKILL");
      await rm(file);
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it("names the limits that hold", () => {
    expect(LIMITS).toMatchObject({
      frameBytes: 1024 * 1024,
      stateBytes: 1024 * 1024,
      steps: 1_000,
      openWorkflows: 10_000,
      sockets: 10_000,
      commandsPerSecond: 100,
      commandBurst: 500,
      leaseMs: 30_000,
      heartbeatMs: 15_000,
    });
    const limits = operating.slice(operating.indexOf("## Limits"));
    for (const said of [
      "1 MiB",
      "1,000 steps",
      "10,000 open workflows",
      "10,000 sockets",
      "100 commands a second",
      "bursts of 500",
    ]) {
      expect(limits).toContain(said);
    }
  });

  it("points only at files that are there", async () => {
    const targets = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target!);
    expect(targets.length).toBeGreaterThan(3);
    for (const target of targets) await expect(stat(join(ROOT, target))).resolves.toBeDefined();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Tries until it works: a program that starts cannot be asked before it listens. The test's own deadline ends it. */
async function until(works: () => Promise<boolean>): Promise<void> {
  for (;;) {
    if (await works().catch(() => false)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
