/** The first program of docs/embedding.md is run as printed: what a stranger copies into a server of their own works. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { until } from "../support/deadline.js";
import { textOf } from "../support/docs/documents.js";
import { ROOT } from "../support/docs/packedPackage.js";
import { freePort } from "../support/links/freePort.js";

/** The first program under a heading. */
function programUnder(heading: string): string {
  const text = textOf("docs/embedding.md");
  const section = text.slice(text.indexOf(`## ${heading}`));
  return /```js\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
}

it("Instep is embedded in fifteen lines, with its page, its REST and its socket below the mount", async () => {
  const code = programUnder("Inside your own server");
  expect(code.trim().split("\n").length).toBeLessThanOrEqual(15);
  const port = await freePort();
  const dataDir = await mkdtemp(path.join(tmpdir(), "instep-embedding-"));
  // Inside the project, so that "instep" is found as it will be found in node_modules.
  const file = path.join(ROOT, "dist", `embedding-${port}.mjs`);
  await writeFile(
    file,
    code.replace("3000", String(port)).replace('".instep"', JSON.stringify(dataDir)),
  );
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "inherit", "inherit"] });
  try {
    const base = `http://127.0.0.1:${port}`;
    const answers = () =>
      fetch(`${base}/`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(answers, "the program listens");
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
