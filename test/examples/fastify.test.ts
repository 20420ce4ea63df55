/** examples/fastify is a program that does what its README says, with the packages that this checkout has. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { until, within } from "../support/deadline.js";
import { folderTest as test } from "../support/disks/temporaryFolder.js";
import { call } from "../support/links/rest.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The example in a folder of its own, as `npm install` leaves it. */
function installed(folder: string): string {
  const place = join(folder, "fastify");
  cpSync(join(ROOT, "examples", "fastify"), place, { recursive: true });
  mkdirSync(join(place, "node_modules"));
  symlinkSync(join(ROOT, "node_modules", "fastify"), join(place, "node_modules", "fastify"));
  symlinkSync(ROOT, join(place, "node_modules", "instep"));
  return place;
}

test("the Fastify example serves its own page, Instep below it, and an import to watch", async ({
  folder,
}) => {
  const env = { PATH: process.env.PATH, PORT: "0", DATA_DIR: join(folder, "data") };
  const app = spawn(process.execPath, ["server.mjs"], {
    ...{ cwd: installed(folder), env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => app.once("exit", resolve));
  onTestFinished(async () => {
    app.kill("SIGKILL");
    await ended;
  });
  const lines = createInterface(app.stdout)[Symbol.asyncIterator]();
  const origin = (await within(lines.next(), () => "the example to listen")).value.slice(0, -1);

  expect((await call(`${origin}/`, "GET")).text).toContain('href="/runs/"');
  expect((await call(`${origin}/runs/`, "GET")).text).toContain('<base href="/runs/"');
  expect((await call(`${origin}/nowhere`, "GET")).status).toBe(404);
  const { status, body } = await call(`${origin}/import`, "POST");
  expect(status).toBe(202);
  const [, id] = /^\/runs\/w\/(.+)$/.exec(String(body.watch)) ?? [];
  await until(async () => {
    const { state } = (await call(`${origin}/runs/workflow/state?workflow_id=${id}`, "GET")).body;
    return state.status === "completed";
  }, "the import is completed");
  const log = `${origin}/runs/workflow/state/steps/1/log?workflow_id=${id}`;
  expect((await call(log, "GET")).text).toContain("row 3 is written\n");

  app.kill("SIGTERM");
  expect(await within(ended, () => "the example to end")).toBe(0);
});
